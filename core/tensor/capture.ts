import { FulgurError } from "../errors.ts";
import { collectEffects } from "../compiler/effects.ts";
import type { Allocation, GraphNode, Storage } from "../compiler/graph.ts";
import type { Schedule } from "../compiler/schedule.ts";
import type { DeviceBuffer } from "../runtime/device.ts";
import { sameShape } from "../runtime/layout.ts";
import { currentDevice, flushAssigns, observeRealize, type Realized } from "./engine.ts";
import { abandonScope, closeScope, openScope, tensorsIn } from "./scope.ts";
import { Tensor } from "./tensor.ts";

/** Where a bound buffer comes from at each replay. */
type Source =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "storage"; readonly storage: Storage }
  | { readonly kind: "constant"; readonly buffer: DeviceBuffer }
  | { readonly kind: "output"; readonly index: number; readonly bytes: number };

/** A step that runs again without its TypeScript. */
interface Captured<R> {
  readonly schedule: Schedule;
  readonly sources: readonly Source[];
  readonly scalars: readonly (() => number)[];
  readonly effects: readonly (() => void)[];
  readonly written: readonly Storage[];
  /** Output tensors of the recorded call, in order. */
  readonly outputs: readonly Tensor[];
  readonly result: R;
  readonly constants: readonly Allocation[];
}

interface Variant<R> {
  previousKey: Int32Array | null;
  captured: Captured<R> | null;
}

/** A captured step: call it like the function that it was made from. */
export interface CapturedStep<A, R> {
  (input: A): R;
  /** Calls so far that ran no TypeScript of the step. */
  readonly replays: number;
  /** Frees what the captured steps hold. */
  dispose(): void;
}

/**
 * Captures a step: from the third call with inputs of the same shapes on, the recorded launches are replayed and the
 * function itself no longer runs. Numbers that change per step must be `dynamic`, counters `hostEffect`s; everything
 * else that the function reads from TypeScript is frozen at its second call. Each call is one `scope`.
 *
 * @param fn Takes tensors (in arrays and plain objects) and returns tensors in the same way; must not await or read.
 * @throws {FulgurError} where the function realizes or reads values in between.
 *
 * @example
 * ```ts
 * import { capture, init, tensor, variable } from "./mod.ts";
 * await init();
 * const total = variable([0]);
 * const add = capture((x: ReturnType<typeof tensor>) => {
 *   total.assign(total.add(x));
 *   return { doubled: x.mul(2) };
 * });
 * for (let i = 1; i <= 4; i++) add(tensor([i]));
 * console.assert((await total.item()) === 10 && add.replays === 2);
 * ```
 */
export function capture<A, R>(fn: (input: A) => R): CapturedStep<A, R> {
  const variants = new Map<string, Variant<R>>();
  let replays = 0;
  const call = (input: A): R => {
    const inputs = inputsOf(input);
    for (const t of inputs) if (!t.isVariable) t.realize();
    flushAssigns();
    const key = inputs.map((t) => `${t.dtype}${t.shape}`).join(";");
    let variant = variants.get(key);
    if (variant === undefined) variants.set(key, variant = { previousKey: null, captured: null });
    if (variant.captured !== null) {
      replays++;
      return replay(variant.captured, inputs);
    }
    return record(fn, input, inputs, variant);
  };
  const dispose = (): void => {
    for (const { captured } of variants.values()) {
      if (captured !== null) captured.schedule.holders--;
      for (const { device, buffer } of captured?.constants ?? []) device.free(buffer);
    }
    variants.clear();
  };
  return Object.defineProperty(Object.assign(call, { dispose, replays: 0 }), "replays", {
    get: () => replays,
  });
}

function isTensor(x: unknown): x is Tensor {
  return x instanceof Tensor;
}

function inputsOf(value: unknown): Tensor[] {
  const found = new Set<Tensor>();
  tensorsIn(value, isTensor, found);
  return [...found];
}

function record<A, R>(fn: (input: A) => R, input: A, inputs: readonly Tensor[], variant: Variant<R>): R {
  const seen: Realized[] = [];
  const made: GraphNode[] = [];
  const frame = openScope();
  let outcome: { readonly result: R; readonly effects: readonly (() => void)[] };
  try {
    outcome = observeRealize((realized) => seen.push(realized), () => collectEffects(() => fn(input)));
    if (seen.length > 0) {
      throw new FulgurError("A captured step computes values before it ends", {
        where: "capture",
        fix: "do not read, realize or open scopes inside the step, or switch compile off",
      });
    }
  } catch (error) {
    abandonScope(frame);
    throw error;
  }
  const outputs = inputsOf(outcome.result).filter((t) => !t.isVariable && !inputs.includes(t));
  const nodes = outputs.map((t) => t.node);
  for (const t of frame.tensors) {
    if (t.recorded !== null && t.recorded.op.kind === "source") made.push(t.recorded);
  }
  let captured: Captured<R> | null = null;
  observeRealize((realized) => {
    const same = variant.previousKey !== null &&
      sameShape([...variant.previousKey], [...realized.numbered.key]);
    variant.previousKey = realized.numbered.key;
    if (same) captured = describe(realized, inputs, outputs, nodes, made, outcome);
  }, () => closeScope(frame, new Set(outputs)));
  variant.captured = captured;
  return outcome.result;
}

/** Called while the nodes still know how they were computed. */
function describe<R>(
  { schedule, numbered }: Realized,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  outputNodes: readonly GraphNode[],
  made: readonly GraphNode[],
  outcome: { readonly result: R; readonly effects: readonly (() => void)[] },
): Captured<R> {
  const device = currentDevice();
  const constants: Allocation[] = [];
  const sources = schedule.bindings.map((binding): Source => {
    const node = numbered.nodes[binding.node]!;
    if (binding.kind === "output") {
      return { kind: "output", index: outputNodes.indexOf(node), bytes: binding.bytes };
    }
    const { op } = node;
    if (op.kind === "storage" || op.kind === "assign") return { kind: "storage", storage: op.storage };
    const index = inputs.findIndex((t) => t.recorded === node);
    if (index >= 0) return { kind: "input", index };
    const buffer = node.on(device);
    if (made.includes(node)) {
      // The step made this constant itself: it now belongs to the captured step.
      constants.push({ device, buffer });
      node.allocation = null;
    }
    return { kind: "constant", buffer };
  });
  const scalars = schedule.scalars.map((local) => {
    const { op } = numbered.nodes[local]!;
    return op.kind === "scalar" ? op.read : () => 0;
  });
  const written = new Set<Storage>();
  for (const node of numbered.nodes) if (node.op.kind === "assign") written.add(node.op.storage);
  schedule.holders++;
  return {
    schedule,
    sources,
    scalars,
    effects: outcome.effects,
    written: [...written],
    outputs,
    result: outcome.result,
    constants,
  };
}

function replay<R>(captured: Captured<R>, inputs: readonly Tensor[]): R {
  const device = currentDevice();
  for (const effect of captured.effects) effect();
  const fresh: DeviceBuffer[] = [];
  const bound = captured.sources.map((source): DeviceBuffer => {
    switch (source.kind) {
      case "input":
        return inputs[source.index]!.node.on(device);
      case "storage":
        return source.storage.on(device);
      case "constant":
        return source.buffer;
      case "output":
        return fresh[source.index] = device.allocate(source.bytes);
      default:
        return source satisfies never;
    }
  });
  captured.schedule.executable.run(bound, captured.scalars.map((read) => read()));
  for (const storage of captured.written) storage.overwritten();
  const made = captured.outputs.map((t, i) => {
    const buffer = fresh[i];
    return buffer === undefined ? t : t.atMemory({ device, buffer });
  });
  return rebuild(captured.result, captured.outputs, made) as R;
}

/** The recorded result with this call's tensors in it. */
function rebuild(value: unknown, from: readonly Tensor[], to: readonly Tensor[]): unknown {
  if (isTensor(value)) {
    const index = from.indexOf(value);
    return index >= 0 ? to[index] : value;
  }
  if (Array.isArray(value)) return value.map((item) => rebuild(item, from, to));
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [k, rebuild(v, from, to)]));
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, rebuild(v, from, to)]));
  }
  return value;
}
