import { sameShape, type Shape, sizeOfShape, squeezed } from "../runtime/layout.ts";
import { Ancestors } from "./ancestors.ts";
import { isLeaf } from "./buffered.ts";
import { type Cluster, makeCluster, memoryOf, type PlanContext } from "./cluster.ts";
import { circles, Order } from "./order.ts";
import { MergeRefused, NeedsMemory } from "./resolve.ts";
import { sortClusters } from "./sort.ts";

/** Longest row that one kernel reduces and then walks again to store what it made of it. */
const MAX_ROW = 16384;
/**
 * Most elements that one kernel reduces down a column and then walks again, where the space is small: longer columns
 * keep too few lanes busy, and in large spaces walking down costs more than a launch.
 */
const MAX_COLUMN = 256;
/** Most values that one elementwise kernel stores. */
const MAX_OUTPUTS = 6;
/** How far apart in recording order two small kernels may be that share nothing. */
const NEAR = 48;
/** Spaces up to this size are merged for the sake of fewer launches alone. */
const SMALL_SPACE = 65536;

/** One cluster for each value that lies in memory and is not there yet. */
export function firstClusters(context: PlanContext): Cluster[] {
  const clusters: Cluster[] = [];
  for (const node of context.nodes) {
    if (!context.buffered[node.local] || isLeaf(node)) continue;
    const { kind } = node.op;
    if (kind === "reduce" || kind === "matmul" || kind === "conv2d" || kind === "conv2dWeight") {
      clusters.push(makeCluster(context, kind, [node.local], []));
    } else {
      clusters.push(makeCluster(context, "map", [], [node.local]));
    }
  }
  return clusters;
}

/**
 * Updates whose values read each other's old memory cannot run one after the other: they become one kernel, or one
 * of the values is computed into memory first.
 */
export function breakCircles(context: PlanContext, clusters: Cluster[]): Cluster[] {
  let current = clusters;
  for (const circle of circles(clusters, new Order(clusters, context.nodes))) {
    const merged = mergeCircle(context, circle);
    if (merged === null) throw new NeedsMemory(unbufferedValue(context, circle));
    current = current.filter((c) => c === circle[0] || !circle.includes(c)).map((c) =>
      c === circle[0] ? merged : c
    );
  }
  return current;
}

function mergeCircle(context: PlanContext, circle: readonly Cluster[]): Cluster | null {
  if (circle.some((c) => c.kind !== "map" || !sameShape(c.space, circle[0]!.space))) return null;
  return attempt(() => makeCluster(context, "map", [], circle.flatMap((c) => c.outs).sort((a, b) => a - b)));
}

/** A value that an update in the circle still computes from old memory. */
function unbufferedValue(context: PlanContext, circle: readonly Cluster[]): number {
  for (const out of circle.flatMap((c) => c.outs)) {
    const node = context.nodes[out]!;
    if (node.op.kind === "assign" && !context.buffered[node.inputs[1]!.local]) return node.inputs[1]!.local;
  }
  return circle[0]!.outs[0]!;
}

/** Merges clusters until nothing more fits together. */
export function fuse(context: PlanContext, clusters: Cluster[]): Cluster[] {
  let current = clusters;
  for (const fits of [epilogueFits, reductionsFit, epilogueFits, mapsFit]) {
    current = mergeAll(context, current, fits);
  }
  return current;
}

type Fits = (context: PlanContext, a: Cluster, b: Cluster, distance: number) => boolean;

function mergeAll(context: PlanContext, clusters: Cluster[], fits: Fits): Cluster[] {
  const current = [...clusters];
  const order = new Order(current, context.nodes);
  const sorted = sortClusters(current, context.nodes, order);
  if (sorted === null) return current;
  const ancestors = new Ancestors(order, sorted);
  for (let i = 0; i < current.length; i++) {
    for (let j = i + 1; j < current.length; j++) {
      const [a, b] = [current[i]!, current[j]!];
      if (!fits(context, a, b, j - i)) continue;
      if (ancestors.hasDetour(a, b)) continue;
      if (a.kind === b.kind ? ancestors.hasDetour(b, a) : ancestors.precedes(b, a)) continue;
      const merged = tryMerge(context, a, b);
      if (merged === null) continue;
      ancestors.merge(a, b, merged);
      current[i] = merged;
      current.splice(j, 1);
      j = i;
    }
  }
  return current;
}

function tryMerge(context: PlanContext, a: Cluster, b: Cluster): Cluster | null {
  const kind = a.kind === "map" ? b.kind : a.kind;
  // In recording order, so that a reduction comes after those whose results it uses.
  const cores = [...a.cores, ...b.cores].sort((x, y) => x - y);
  return attempt(() => makeCluster(context, kind, cores, [...a.outs, ...b.outs]));
}

function attempt(make: () => Cluster): Cluster | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof MergeRefused || error instanceof NeedsMemory) return null;
    throw error;
  }
}

/** Reductions over the same axes of the same space walk it together. */
function reductionsFit(_context: PlanContext, a: Cluster, b: Cluster): boolean {
  return a.kind === "reduce" && b.kind === "reduce" && sameShape(a.space, b.space) &&
    sameShape(a.axes!, b.axes!);
}

/** Elementwise work on a structural result joins its kernel. */
function epilogueFits(context: PlanContext, a: Cluster, b: Cluster): boolean {
  if (a.kind === "map" || b.kind !== "map") return false;
  const reads = b.loads.some((l) => a.cores.includes(l.node) || a.outs.includes(l.node));
  if (!reads) return false;
  if (a.kind !== "reduce") return sameShape(a.space, b.space);
  const kept: Shape = context.nodes[a.cores[0]!]!.shape;
  if (sameShape(squeezed(b.space), squeezed(kept)) && !sameShape(b.space, a.space)) return true;
  if (!sameShape(b.space, a.space)) return false;
  if (a.axes!.length === 1 && a.axes![0] === a.space.length - 1) return a.space.at(-1)! <= MAX_ROW;
  const reduced = a.axes!.reduce((count, axis) => count * a.space[axis]!, 1);
  return reduced <= MAX_COLUMN && sizeOfShape(a.space) <= SMALL_SPACE;
}

/** Elementwise kernels over one space that share memory, or are small, become one. */
function mapsFit(context: PlanContext, a: Cluster, b: Cluster, distance: number): boolean {
  if (a.kind !== "map" || b.kind !== "map" || !sameShape(a.space, b.space)) return false;
  if (a.outs.length + b.outs.length > MAX_OUTPUTS) return false;
  if (sizeOfShape(a.space) <= SMALL_SPACE && distance <= NEAR) return true;
  return b.loads.some((l) => l.node >= 0 && a.memory.has(memoryOf(context.nodes, l.node)));
}

/** Nodes whose values somebody needs in memory: loaded by a kernel, or wanted by the caller. */
export function neededValues(
  context: PlanContext,
  clusters: readonly Cluster[],
  roots: readonly number[],
): Set<number> {
  const needed = new Set(roots);
  for (const cluster of clusters) {
    for (const load of cluster.loads) if (load.node >= 0) needed.add(load.node);
    for (const out of cluster.outs) if (context.nodes[out]!.op.kind === "assign") needed.add(out);
  }
  return needed;
}

/** Drops clusters and outputs that no longer feed anything. */
export function prune(context: PlanContext, clusters: Cluster[], roots: readonly number[]): Cluster[] {
  let current = clusters;
  for (;;) {
    const needed = neededValues(context, current, roots);
    const next: Cluster[] = [];
    for (const cluster of current) {
      const outs = cluster.outs.filter((out) => needed.has(out));
      const used = outs.length > 0 || cluster.cores.some((core) => needed.has(core));
      if (!used) continue;
      const dropped = cluster.outs.filter((out) => !needed.has(out));
      next.push(
        dropped.length === 0
          ? cluster
          : makeCluster(context, cluster.kind, cluster.cores, outs, [...cluster.hidden, ...dropped]),
      );
    }
    const same = next.length === current.length && next.every((c, i) => c === current[i]);
    if (same) return current;
    current = next;
  }
}
