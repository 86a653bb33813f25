import type { DeviceTraits } from "../../runtime/device.ts";
import type { GpuLaunch } from "../../runtime/webgpu/launch.ts";
import reduceWgsl from "../../../shaders/reduce.wgsl" with { type: "text" };
import sharedWgsl from "../../../shaders/reduce_shared.wgsl" with { type: "text" };
import type { ReduceKernel } from "../kernel.ts";
import { Bindings } from "./bindings.ts";
import { gridOf } from "./grid.ts";
import { assemble } from "./module.ts";
import { planReduce, type ReducePlan } from "./reduce_plan.ts";
import { type Part, ReduceWalk } from "./reduce_walk.ts";
import { Words } from "./words.ts";

/**
 * Lowers a reduction. Usually one launch does everything. Where few kept points reduce very many elements, the
 * elements are dealt out in slices: one launch per phase leaves partial results in temporary memory, the next one
 * combines them in slice order.
 *
 * @param temporaryBytes Size of the temporary memory, where the kernel's loads read it.
 */
export function lowerReduce(kernel: ReduceKernel, traits: DeviceTraits, temporaryBytes = 0): GpuLaunch[] {
  const plan = planReduce(kernel, traits);
  if (plan.points === 0) return [];
  const phases = kernel.phases.map((_, i) => i);
  const elements = kernel.elementStores.length > 0;
  if (plan.slices === 1) {
    return [
      launch(plan, traits, { known: 0, phases, partial: false, stores: true, elements }, temporaryBytes),
    ];
  }
  const parts: Part[] = phases.map((phase) => ({
    known: phase,
    phases: [phase],
    partial: true,
    stores: false,
    elements: false,
  }));
  parts.push({ known: phases.length, phases: [], partial: false, stores: true, elements });
  return parts.map((part) => launch(plan, traits, part, partialBytes(plan)));
}

/** Partial results of one slice: two words where the position of an extreme is kept beside it. */
function partialBytes({ kernel, points, slices }: ReducePlan): number {
  let words = 0;
  for (const phase of kernel.phases) {
    for (const { combine } of phase) {
      words += combine.startsWith("arg") ? 2 : 1;
    }
  }
  return 4 * words * points * slices;
}

function launch(plan: ReducePlan, traits: DeviceTraits, part: Part, temporaryBytes: number): GpuLaunch {
  const sliced = part.partial || (part.elements && plan.slices > 1);
  const lanes = part.phases.length > 0 || part.elements ? plan.lanes : 1;
  const columns = lanes === plan.lanes ? plan.columns : 64;
  const items = (plan.points / plan.width) * (sliced ? plan.slices : 1);
  const bindings = new Bindings(traits.f16, temporaryBytes);
  const words = new Words();
  const emission = { bindings, words };
  words.whole(items);
  const walk = new ReduceWalk(plan, part, sliced, lanes, columns, emission);
  const swaps = { walk: walk.body(), SIZE: columns * lanes };
  const shared = walk.shared();
  return {
    label: plan.kernel.label,
    code: lanes === 1 ? assemble(reduceWgsl, swaps, walk.functions(), emission) : assemble(
      sharedWgsl,
      { ...swaps, COLUMNS: columns, LANES: lanes, shared0: shared[0] ?? "array<u32, SIZE>" },
      shared.slice(1).map((type, i) => `var<workgroup> shared${i + 1}: ${type};\n`).join("") +
        walk.functions(),
      emission,
    ),
    bindings: bindings.list,
    ...words.finish(),
    grid: gridOf(Math.ceil(items / columns)),
  };
}
