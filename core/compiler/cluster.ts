import { sameShape, type Shape, sizeOfShape } from "../runtime/layout.ts";
import { seenBase } from "./buffered.ts";
import { type Expr, exprSize } from "./expr.ts";
import type { GraphNode } from "./graph.ts";
import { Body, MergeRefused, NeedsMemory, type RawLoad } from "./resolve.ts";

/** What becomes one kernel: structural results, and the elementwise values stored beside them. */
export interface Cluster {
  readonly kind: "map" | "reduce" | "matmul" | "conv2d" | "conv2dWeight";
  /** Iteration space: the output's shape, or a reduction's input shape. */
  readonly space: Shape;
  /** Reduced axes; `null` for all other kinds. */
  readonly axes: readonly number[] | null;
  /** Structural nodes computed here, in order. */
  readonly cores: readonly number[];
  /** Elementwise, view, gather and assign nodes whose values are stored. */
  readonly outs: readonly number[];
  /** Former outs that nobody needs stored, but that this kernel still computes on its way. */
  readonly hidden: readonly number[];
  readonly body: Body;
  /** What each core combines (reductions only). */
  readonly coreValues: readonly Expr[];
  /** Value of each out. */
  readonly outValues: readonly Expr[];
  /** Operand loads of a matmul or convolution, beside those of the body. */
  readonly operands: readonly RawLoad[];
  /** All loads: the body's and the operands'. */
  readonly loads: readonly RawLoad[];
  /** Memory that is read or written, by `memoryOf`. */
  readonly memory: ReadonlySet<string>;
}

/** Everything that clusters are made from. */
export interface PlanContext {
  readonly nodes: readonly GraphNode[];
  readonly buffered: readonly boolean[];
  readonly scalars: ReadonlyMap<number, number>;
  /** Most buffers that one kernel may bind. */
  readonly maxBuffers: number;
}

/** Most parts that the expressions of one kernel may have together. */
const MAX_EXPRESSION = 400;

/** Builds a cluster and resolves its expressions. May throw `NeedsMemory` or `MergeRefused`. */
export function makeCluster(
  context: PlanContext,
  kind: Cluster["kind"],
  cores: readonly number[],
  outs: readonly number[],
  hidden: readonly number[] = [],
): Cluster {
  const { nodes, buffered, scalars } = context;
  const first = nodes[cores[0] ?? outs[0]!]!;
  const axes = first.op.kind === "reduce" ? first.op.axes : null;
  const space = axes !== null
    ? first.inputs[0]!.shape
    : first.op.kind === "assign"
    ? first.inputs[1]!.shape
    : first.shape;
  const numbered = new Map(cores.map((core, i) => [core, i]));
  const inside = { cores: numbered, axes, outs: new Set([...outs, ...hidden]) };
  const body = new Body(space, inside, nodes, buffered, scalars);
  const coreValues = axes === null
    ? []
    : cores.map((core) => body.resolve(nodes[core]!.inputs[0]!.local, [], []));
  const outValues = outs.map((out) => body.valueOf(out));
  const operands = axes === null && cores.length > 0
    ? first.inputs.map((n) => operandLoad(context, n, kind !== "matmul"))
    : [];
  const loads = [...body.loads, ...operands];
  const touched = loads.map((load) => load.node).filter((node) => node >= 0);
  const memory = new Set([...touched, ...outs, ...cores].map((node) => memoryOf(nodes, node)));
  const computed = { kind, space, axes, cores, outs, hidden, body, coreValues, outValues };
  const cluster = { ...computed, operands, loads, memory };
  checkLimits(context, cluster);
  checkInPlace(context, cluster);
  return cluster;
}

/** A matmul or convolution operand: a view of memory, without a mask; packed where the kernel needs it. */
function operandLoad(context: PlanContext, node: GraphNode, mustBePacked: boolean): RawLoad {
  const { base, layout } = seenBase(node, context.buffered);
  if (!context.buffered[base.local]) throw new NeedsMemory(base.local);
  if (layout === null || layout.mask !== null) throw new NeedsMemory(node.local);
  const plain = { ...layout, strides: layout.strides.map((s, d) => layout.shape[d] === 1 ? 0 : s) };
  const load: RawLoad = { node: base.local, dtype: base.dtype, layout: plain, indirect: null };
  if (mustBePacked) {
    let step = 1;
    for (let d = layout.shape.length - 1; d >= 0; d--) {
      if (layout.shape[d] !== 1 && layout.strides[d] !== step) throw new NeedsMemory(node.local);
      step *= layout.shape[d]!;
    }
  }
  return load;
}

function checkLimits(context: PlanContext, cluster: Cluster): void {
  const expressions = [...cluster.coreValues, ...cluster.outValues];
  const merged = cluster.outs.length + cluster.cores.length > 1;
  if (cluster.memory.size <= context.maxBuffers && exprSize(expressions) <= MAX_EXPRESSION) return;
  if (merged) throw new MergeRefused();
  throw new NeedsMemory(largestInlined(context, cluster));
}

/** Which memory a node's value lies in: a storage, or its own. */
export function memoryOf(nodes: readonly GraphNode[], index: number): string {
  const { op } = nodes[index]!;
  return op.kind === "storage" || op.kind === "assign" ? `s${op.storage.id}` : `n${index}`;
}

/** The inlined node whose materialisation shrinks an overfull expression best. */
function largestInlined(context: PlanContext, cluster: Cluster): number {
  const root = context.nodes[cluster.outs[0] ?? cluster.cores[0]!]!;
  const weights = new Map<GraphNode, number>();
  const weigh = (node: GraphNode): number => {
    const known = weights.get(node);
    if (known !== undefined) return known;
    weights.set(node, 0);
    const inlined = node === root || !context.buffered[node.local];
    const weight = inlined ? 1 + node.inputs.reduce((sum, n) => sum + weigh(n), 0) : 1;
    weights.set(node, weight);
    return weight;
  };
  const total = weigh(root);
  let best = root.inputs[0]!;
  let bestDistance = Infinity;
  for (const [node, weight] of weights) {
    const inlined = node !== root && !context.buffered[node.local] && node.op.kind === "elementwise";
    const distance = Math.abs(weight - total / 2);
    if (inlined && distance < bestDistance) [best, bestDistance] = [node, distance];
  }
  return best.local;
}

/**
 * A kernel may read the region that it writes only at the same place. Otherwise the written value has to be
 * computed into memory of its own first.
 */
function checkInPlace(context: PlanContext, cluster: Cluster): void {
  for (const out of cluster.outs) {
    const node = context.nodes[out]!;
    if (node.op.kind !== "assign") continue;
    const { storage, target } = node.op;
    for (const load of cluster.body.loads) {
      if (load.node < 0) continue;
      const { op } = context.nodes[load.node]!;
      if ((op.kind !== "storage" && op.kind !== "assign") || op.storage !== storage) continue;
      if (!overlaps(range(load.layout), range(target))) continue;
      const same = sameShape(load.layout.shape, target.shape) && load.layout.offset === target.offset &&
        load.layout.mask === null && load.indirect === null &&
        load.layout.strides.every((s, d) => target.shape[d] === 1 || s === target.strides[d]);
      if (same) continue;
      if (cluster.outs.length + cluster.cores.length > 1) throw new MergeRefused();
      throw new NeedsMemory(node.inputs[1]!.local);
    }
  }
}

/** Lowest and highest address of a layout. */
export function range(
  layout: { shape: Shape; strides: readonly number[]; offset: number },
): [number, number] {
  let low = layout.offset;
  let high = layout.offset;
  for (let d = 0; d < layout.shape.length; d++) {
    const reach = (layout.shape[d]! - 1) * layout.strides[d]!;
    if (reach < 0) low += reach;
    else high += reach;
  }
  return sizeOfShape(layout.shape) === 0 ? [0, -1] : [low, high];
}

/** Whether two address ranges meet. */
export function overlaps(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] <= b[1] && b[0] <= a[1];
}
