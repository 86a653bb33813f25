import type { DeviceTraits, Slot } from "../runtime/device.ts";
import { storageBytes } from "../runtime/dtype.ts";
import { FulgurError } from "../errors.ts";
import { chooseBuffered } from "./buffered.ts";
import type { Cluster, PlanContext } from "./cluster.ts";
import { emit } from "./emit.ts";
import { breakCircles, firstClusters, fuse, neededValues, prune } from "./fuse.ts";
import type { GraphNode } from "./graph.ts";
import type { Program } from "./kernel.ts";
import { NeedsMemory, scalarTypeOf } from "./resolve.ts";
import { sortClusters } from "./sort.ts";

/** What a bound slot of a program is filled with at each run. */
export type Binding =
  /** The memory of the node with this local number (a leaf, or the storage that it belongs to). */
  | { readonly kind: "node"; readonly node: number }
  /** New memory for a root. */
  | { readonly kind: "output"; readonly node: number; readonly bytes: number };

/** A program with what to bind. */
export interface Plan {
  readonly program: Program;
  readonly bindings: readonly Binding[];
  /** Local numbers of the dynamic scalars, in the program's order. */
  readonly scalars: readonly number[];
}

/**
 * Plans the kernels that compute `roots` and carry out every assign among the nodes.
 *
 * @param nodes In topological order, `local` set to the index.
 * @param roots Local numbers of the values that are kept.
 */
export function plan(nodes: readonly GraphNode[], roots: readonly number[], traits: DeviceTraits): Plan {
  const scalarNodes = nodes.filter((n) => n.op.kind === "scalar");
  const scalars = new Map(scalarNodes.map((n, i) => [n.local, i]));
  const forced = new Set<number>();
  for (let attempt = 0; attempt <= nodes.length; attempt++) {
    const buffered = chooseBuffered(nodes, roots, forced);
    const context: PlanContext = { nodes, buffered, scalars, maxBuffers: traits.maxBuffers };
    try {
      const clusters = arrange(context, roots);
      return finish(context, clusters, roots, scalarNodes);
    } catch (error) {
      if (!(error instanceof NeedsMemory) || forced.has(error.node)) throw error;
      forced.add(error.node);
    }
  }
  throw new FulgurError("The recorded graph cannot be scheduled", { where: "compiler.plan" });
}

function arrange(context: PlanContext, roots: readonly number[]): Cluster[] {
  const first = breakCircles(context, firstClusters(context));
  const fused = prune(context, fuse(context, first), roots);
  const sorted = sortClusters(fused, context.nodes) ?? sortClusters(first, context.nodes);
  if (sorted === null) throw new FulgurError("Kernels depend on each other", { where: "compiler.plan" });
  return sorted;
}

function finish(
  context: PlanContext,
  clusters: readonly Cluster[],
  roots: readonly number[],
  scalarNodes: readonly GraphNode[],
): Plan {
  const { nodes } = context;
  const needed = neededValues(context, clusters, roots);
  const places = new Places(nodes, roots);
  const lastUse = new Map<number, number>();
  for (const [step, cluster] of clusters.entries()) {
    for (const load of cluster.loads) if (load.node >= 0) lastUse.set(load.node, step);
  }
  const expiring = clusters.map((): number[] => []);
  for (const [node, last] of lastUse) expiring[last]!.push(node);
  const kernels = [];
  for (const [step, cluster] of clusters.entries()) {
    for (const index of [...cluster.cores, ...cluster.outs]) {
      if (needed.has(index)) places.produce(index);
    }
    kernels.push(emit(cluster, nodes, {
      slotOf: (node) => places.slotOf(node),
      isNeeded: (node) => needed.has(node),
    }));
    for (const node of expiring[step]!) places.expire(node);
  }
  return {
    program: {
      kernels,
      slots: places.slots,
      blockBytes: places.blockBytes,
      scalars: scalarNodes.map((n) => scalarTypeOf(n.dtype)),
    },
    bindings: places.bindings,
    scalars: scalarNodes.map((n) => n.local),
  };
}

/** Assigns memory: bound slots for what outlives the run, and scratch blocks that are used again by liveness. */
class Places {
  readonly slots: Slot[] = [];
  readonly bindings: Binding[] = [];
  readonly blockBytes: number[] = [];
  readonly #slotOf = new Map<string, number>();
  readonly #freeBlocks: number[] = [];
  readonly #roots: ReadonlySet<number>;

  constructor(private readonly nodes: readonly GraphNode[], roots: readonly number[]) {
    this.#roots = new Set(roots);
  }

  #key(index: number): string {
    const { op } = this.nodes[index]!;
    return op.kind === "storage" || op.kind === "assign" ? `s${op.storage.id}` : String(index);
  }

  slotOf(index: number): number {
    const key = this.#key(index);
    const known = this.#slotOf.get(key);
    if (known !== undefined) return known;
    return this.#bind(key, { kind: "node", node: index });
  }

  #bind(key: string, binding: Binding): number {
    const slot = this.slots.length;
    this.slots.push({ kind: "bound", index: this.bindings.length });
    this.bindings.push(binding);
    this.#slotOf.set(key, slot);
    return slot;
  }

  /** Makes room for a value that the next kernel writes. */
  produce(index: number): void {
    const node = this.nodes[index]!;
    if (node.op.kind === "assign") return;
    const bytes = storageBytes(node.dtype, node.size);
    if (this.#roots.has(index)) {
      this.#bind(this.#key(index), { kind: "output", node: index, bytes });
      return;
    }
    const block = this.#takeBlock(bytes);
    this.#slotOf.set(this.#key(index), this.slots.length);
    this.slots.push({ kind: "scratch", block });
  }

  /** The smallest free block that is large enough, or the largest one grown, or a new one. */
  #takeBlock(bytes: number): number {
    let best = -1;
    for (const block of this.#freeBlocks) {
      const size = this.blockBytes[block]!;
      const bestSize = best < 0 ? -1 : this.blockBytes[best]!;
      const better = best < 0 || (bestSize < bytes ? size > bestSize : size >= bytes && size < bestSize);
      if (better) best = block;
    }
    if (best < 0) return this.blockBytes.push(bytes) - 1;
    this.#freeBlocks.splice(this.#freeBlocks.indexOf(best), 1);
    this.blockBytes[best] = Math.max(this.blockBytes[best]!, bytes);
    return best;
  }

  /** Gives back the block of a value that nobody reads any more. */
  expire(index: number): void {
    const slot = this.slots[this.#slotOf.get(this.#key(index)) ?? -1];
    if (slot?.kind === "scratch") this.#freeBlocks.push(slot.block);
  }
}
