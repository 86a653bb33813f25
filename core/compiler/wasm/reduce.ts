import { type CpuLaunch, type WasmLaunch, WORKSPACE } from "../../runtime/cpu/launch.ts";
import { acc, cost, input } from "../expr.ts";
import type { Accumulator, Load, ReduceKernel, Store } from "../kernel.ts";
import { isPositional, resultType } from "./accumulate.ts";
import { planLoad, planStore, takePointers } from "./access.ts";
import { FunctionBody } from "./assembler.ts";
import { Block } from "./block.ts";
import { collapse, permuteAxes } from "./collapse.ts";
import { launchOf } from "./kernel_code.ts";
import { bindScalars, RowGrid } from "./map.ts";
import { ReduceLoop, type ReduceWords } from "./reduce_loop.ts";
import { Walk } from "./walk.ts";

/** A reduction whose axes are merged, with the axis along which lanes run. */
export interface ReducePlan {
  readonly label: string;
  readonly space: readonly number[];
  /** The first axes are kept, the others reduced. */
  readonly kept: number;
  readonly loads: readonly Load[];
  readonly stores: readonly Store[];
  readonly elementStores: readonly Store[];
  readonly phases: readonly (readonly Accumulator[])[];
  /** Whether lanes run along the last reduced axis; else along the last kept one. */
  readonly across: boolean;
  /** How many parts the reduced axes are cut into; each is a coordinate of the kept axis `partAxis`. */
  readonly parts: number;
}

/** Reduced elements from which a single result is computed in parts. */
const PART_ELEMENTS = 32768;
/** Rows of a part where columns are reduced. */
const PART_ROWS = 256;

/** Lowers a reduction; one of very many elements to few results becomes two launches. */
export function lowerReduce(kernel: ReduceKernel, fused: boolean): readonly CpuLaunch[] {
  if (kernel.kept.some((n) => n === 0)) return [];
  const plan = makePlan(kernel, 1);
  const parts = partsOf(kernel, plan);
  return parts === 1 ? [lowerPlan(plan, fused)] : lowerInParts(kernel, parts, fused);
}

/** In how many parts to reduce: more than one for few results of very many elements, and for long columns. */
function partsOf(kernel: ReduceKernel, { across }: ReducePlan): number {
  const reducedSize = kernel.reduced.reduce((a, b) => a * b, 1);
  const keptSize = kernel.kept.reduce((a, b) => a * b, 1);
  if (kernel.phases.length !== 1 || kernel.elementStores.length > 0 || !kernel.phases[0]!.every(canSplit)) {
    return 1;
  }
  if (keptSize <= 256 && reducedSize >= 2 * PART_ELEMENTS) {
    return Math.min(256, Math.ceil(reducedSize / PART_ELEMENTS));
  }
  // Rows far apart: the pages of a part's rows stay in the translation buffer while its columns pass.
  return across || keptSize < 64 || reducedSize < 4 * PART_ROWS
    ? 1
    : Math.min(64, Math.ceil(reducedSize / PART_ROWS));
}

/** Whether parts of this reduction can be combined as numbers. */
function canSplit(a: Accumulator): boolean {
  return !isPositional(a) && (a.value.type !== "bool" || resultType(a) === "bool");
}

/** First the accumulators of each part go to the workspace, then a second launch combines them. */
function lowerInParts(kernel: ReduceKernel, parts: number, fused: boolean): CpuLaunch[] {
  const keptSize = kernel.kept.reduce((a, b) => a * b, 1);
  const accumulators = kernel.phases[0]!;
  const keptStrides = kernel.kept.map((_, d) => kernel.kept.slice(d + 1).reduce((a, b) => a * b, parts));
  const block = keptSize * parts;
  const dtypeOf = (a: Accumulator): "f32" | "i32" | "u32" => {
    const type = resultType(a);
    return type === "bool" ? "u32" : type;
  };
  const first = makePlan({
    ...kernel,
    label: `${kernel.label} (parts)`,
    kept: [...kernel.kept, parts],
    loads: kernel.loads.map((l) => insertAxis(l, kernel.kept.length, parts)),
    stores: accumulators.map((a, i) => ({
      slot: WORKSPACE,
      dtype: dtypeOf(a),
      strides: [...keptStrides, 1],
      offset: i * block,
      value: acc(i, resultType(a)),
    })),
  }, parts);
  const second = makePlan({
    ...kernel,
    reduced: [parts],
    loads: [
      ...kernel.loads.map((l) => ({
        ...l,
        strides: [...l.strides.slice(0, kernel.kept.length), 0],
        mask: l.mask === null ? null : [...l.mask.slice(0, kernel.kept.length), [0, parts] as const],
      })),
      ...accumulators.map((a, i): Load => ({
        slot: WORKSPACE,
        dtype: dtypeOf(a),
        strides: [...keptStrides, 1],
        offset: i * block,
        mask: null,
        indirect: null,
      })),
    ],
    phases: [
      accumulators.map((a, i) => ({ ...a, value: input(kernel.loads.length + i, dtypeOf(a)) })),
    ],
  }, 1);
  const workspaceBytes = accumulators.length * block * 4;
  return [first, second].map((plan) => ({ ...lowerPlan(plan, fused), workspaceBytes }));
}

function insertAxis(load: Load, at: number, size: number): Load {
  return {
    ...load,
    strides: [...load.strides.slice(0, at), 0, ...load.strides.slice(at)],
    mask: load.mask === null ? null : [...load.mask.slice(0, at), [0, size], ...load.mask.slice(at)],
  };
}

function makePlan(kernel: ReduceKernel, parts: number): ReducePlan {
  const partAxes = parts > 1 ? 1 : 0;
  const keptCount = kernel.kept.length - partAxes;
  const accesses = { loads: kernel.loads, stores: [...kernel.stores, ...kernel.elementStores] };
  const { collapsed, groups } = collapse(
    [...kernel.kept, ...kernel.reduced],
    accesses,
    [keptCount, partAxes, kernel.reduced.length],
  );
  let { space, loads, stores } = collapsed;
  let kept = groups[0]! + groups[1]!;
  if (groups[2] === 0) ({ space, loads, stores } = addAxis(space, loads, stores, space.length));
  if (groups[0] === 0) {
    ({ space, loads, stores } = addAxis(space, loads, stores, 0));
    kept++;
  }
  const lastKept = kept - 1 - partAxes;
  const across = runsAcross(space, loads, lastKept, space.length - 1);
  // Lanes run along the last axis of their group; the axis of parts steps back.
  if (partAxes === 1) {
    const order = space.map((_, d) => d);
    [order[kept - 1], order[kept - 2]] = [kept - 2, kept - 1];
    ({ space, loads, stores } = permuteAxes({ space, loads, stores }, order));
  }
  return {
    label: kernel.label,
    space,
    kept,
    loads,
    stores: stores.slice(0, kernel.stores.length),
    elementStores: stores.slice(kernel.stores.length),
    phases: kernel.phases,
    across,
    parts,
  };
}

function addAxis(
  space: readonly number[],
  loads: readonly Load[],
  stores: readonly Store[],
  at: number,
): { space: readonly number[]; loads: readonly Load[]; stores: readonly Store[] } {
  const grown = <T extends Load | Store>(a: T): T => ({
    ...a,
    strides: [...a.strides.slice(0, at), 0, ...a.strides.slice(at)],
  });
  return {
    space: [...space.slice(0, at), 1, ...space.slice(at)],
    loads: loads.map((l) => insertAxis(l, at, 1)),
    stores: stores.map(grown),
  };
}

/** Chooses the lanes' axis by the rough price of one element each way. */
function runsAcross(
  space: readonly number[],
  loads: readonly Load[],
  keptAxis: number,
  reducedAxis: number,
): boolean {
  const price = (axis: number): number => {
    let total = 0;
    for (const load of loads) {
      const step = load.strides[axis]!;
      if (step !== 0) total += step === 1 ? 1 : step === 2 ? 2 : 4;
      else total += 0.5;
    }
    const n = space[axis]!;
    return Math.max(total, 1) * (4 * Math.ceil(n / 4)) / n;
  };
  const reducedSize = space.slice(reducedAxis).reduce((a, b) => a * b, 1);
  return price(reducedAxis) + 8 / Math.max(reducedSize, 1) < price(keptAxis);
}

/** Elements of the inner reduced axis that one accumulator takes in before it is folded into the total. */
const FOLD_ACROSS = 2048;
const FOLD_DOWN = 64;

/** Reduced elements of a cheap expression in one chunk. */
const CHUNK_WORK = 32768;
/** Cost of a reduction's expressions up to which its loops are unrolled. */
const UNROLLED_COST = 24;
/** Reduced elements up to which loops over them are written out. */
const MOST_WRITTEN = 9;

function lowerPlan(plan: ReducePlan, fused: boolean): WasmLaunch {
  const { space, kept, across } = plan;
  const laneAxis = across ? space.length - 1 : kept - 1;
  const allStores = [...plan.stores, ...plan.elementStores];
  const block = new Block();
  takePointers(block, [...plan.loads, ...allStores]);
  const loadPlans = plan.loads.map((l) => planLoad(block, l, space, laneAxis));
  const storePlans = allStores.map((s) => planStore(block, s, space, laneAxis));
  const values = [...plan.phases.flat().map((a) => a.value), ...allStores.map((s) => s.value)];
  const price = values.reduce((sum, e) => sum + 1 + cost(e), 0);
  const inner = space.at(-1)!;
  const outer = space.slice(kept, -1).reduce((a, b) => a * b, 1);
  const fold = across ? FOLD_ACROSS : FOLD_DOWN;
  const segments = Math.ceil(inner / fold);
  const steps = outer * segments;
  const words: ReduceWords = {
    sizes: space.map((n) => block.word(n)),
    inner: block.word(inner),
    segment: block.word(Math.max(1, Math.min(fold, inner))),
    segments: block.word(Math.max(segments, 1)),
    steps: block.word(steps),
    stepsPerPart: block.word(Math.ceil(steps / plan.parts)),
    foldEvery: block.word(Math.max(1, Math.floor(fold / Math.max(inner, 1)))),
  };
  // A row of the grid is the kept points that lanes cover: with lanes across, a point is a row of one.
  const keptSpace = across ? [...space.slice(0, kept), 1] : space.slice(0, kept);
  const points = CHUNK_WORK / (Math.max(1, outer * inner) * (1 + price / 8));
  const grid = new RowGrid(
    block,
    keptSpace,
    across ? Math.max(1, Math.round(points)) : Math.ceil(points / 16) * 16,
  );
  const scalars = bindScalars(block, values);
  const unroll = price <= UNROLLED_COST ? 4 : 1;
  // Windows of pooling and the like: their sizes become part of the code.
  const written = !across && plan.parts === 1 && outer * inner <= MOST_WRITTEN && price <= UNROLLED_COST;
  const combines = plan.phases.map((p) => p.map((a) => `${a.combine}${a.value.id}`).join("+")).join(";");
  const form = [
    space.length,
    kept,
    across,
    plan.parts > 1,
    unroll,
    written ? space.slice(kept).join("x") : "",
  ].join();
  return launchOf(block, {
    label: plan.label,
    form: `reduce${fused}|${form}|${combines}|${plan.stores.length}`,
    loads: loadPlans,
    stores: storePlans,
    scalars,
    generate: () => {
      const f = new FunctionBody(3, fused);
      const walk = new Walk(f, loadPlans, storePlans, laneAxis);
      for (const [e, word] of scalars) walk.set(e, f.splatWord(word));
      walk.prepare(values);
      new ReduceLoop(f, walk, plan, words, unroll, written).generate(grid, values);
      return [f];
    },
    chunks: grid.chunks,
    nanoseconds: space.reduce((a, b) => a * b, 1) * (0.1 + 0.1 * price),
  });
}
