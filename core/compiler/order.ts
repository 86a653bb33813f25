import { type Cluster, loadsOf, overlaps, range } from "./cluster.ts";
import type { GraphNode } from "./graph.ts";

/** Which cluster must run before which: data, and writes to storages against their readers. */
export class Order {
  readonly #before = new Map<Cluster, Set<Cluster>>();
  readonly #number = new Map<Cluster, number>();
  readonly #words: number;
  /** Found so far since the last merge. */
  readonly #ancestors = new Map<Cluster, Uint32Array>();

  constructor(clusters: readonly Cluster[], nodes: readonly GraphNode[]) {
    const home = new Map<number, Cluster>();
    this.#words = Math.ceil(clusters.length / 32);
    for (const [i, cluster] of clusters.entries()) {
      this.#number.set(cluster, i);
      this.#before.set(cluster, new Set());
      for (const index of [...cluster.cores, ...cluster.outs]) home.set(index, cluster);
    }
    const writes = collectWrites(clusters, nodes);
    const readers = new Map<Cluster, ReturnType<typeof storageReads>>();
    for (const cluster of clusters) readers.set(cluster, storageReads(cluster, nodes));
    for (const cluster of clusters) {
      const before = this.#before.get(cluster)!;
      for (const load of loadsOf(cluster)) {
        const producer = load.node < 0 ? undefined : home.get(load.node);
        if (producer === undefined) continue;
        if (nodes[load.node]!.op.kind !== "assign") before.add(producer);
      }
    }
    for (const [reader, reads] of readers) {
      for (const read of reads) {
        for (const write of writes) {
          if (write.storage !== read.storage || !overlaps(write.range, read.range)) continue;
          if (write.version <= read.version) this.#before.get(reader)!.add(write.cluster);
          else if (write.cluster !== reader) this.#before.get(write.cluster)!.add(reader);
        }
      }
    }
    for (const a of writes) {
      for (const b of writes) {
        const later = a.storage === b.storage && a.version < b.version && overlaps(a.range, b.range);
        if (later && a.cluster !== b.cluster) this.#before.get(b.cluster)!.add(a.cluster);
      }
    }
  }

  /** Notes that two clusters became one. */
  merge(a: Cluster, b: Cluster, merged: Cluster): void {
    const before = new Set([...this.before(a), ...this.before(b)]);
    before.delete(a);
    before.delete(b);
    this.#before.delete(a);
    this.#before.delete(b);
    for (const others of this.#before.values()) {
      const met = others.delete(a);
      if (others.delete(b) || met) others.add(merged);
    }
    this.#before.set(merged, before);
    this.#number.set(merged, this.#number.get(a)!);
    this.#ancestors.clear();
  }

  /** Clusters that must run directly before this one; itself among them if it can never run. */
  before(cluster: Cluster): ReadonlySet<Cluster> {
    return this.#before.get(cluster)!;
  }

  /** Whether `from` must run before `to` through at least one other cluster. */
  hasDetour(from: Cluster, to: Cluster): boolean {
    for (const cluster of this.before(to)) {
      if (cluster !== from && has(this.#ancestorsOf(cluster), this.#number.get(from)!)) return true;
    }
    return false;
  }

  /** Whether `from` must run before `to`. */
  precedes(from: Cluster, to: Cluster): boolean {
    return this.before(to).has(from) || this.hasDetour(from, to);
  }

  /** Everything that must run before a cluster, as a bit per cluster number. */
  #ancestorsOf(cluster: Cluster): Uint32Array {
    const known = this.#ancestors.get(cluster);
    if (known !== undefined) return known;
    const bits = new Uint32Array(this.#words);
    this.#ancestors.set(cluster, bits);
    for (const before of this.before(cluster)) {
      const more = this.#ancestorsOf(before);
      for (let i = 0; i < bits.length; i++) bits[i]! |= more[i]!;
      const number = this.#number.get(before)!;
      bits[number >>> 5]! |= 1 << (number & 31);
    }
    return bits;
  }
}

function has(bits: Uint32Array, number: number): boolean {
  return (bits[number >>> 5]! & (1 << (number & 31))) !== 0;
}

interface StorageAccess {
  readonly storage: object;
  readonly version: number;
  readonly range: readonly [number, number];
}

function collectWrites(
  clusters: readonly Cluster[],
  nodes: readonly GraphNode[],
): (StorageAccess & { readonly cluster: Cluster })[] {
  const writes = [];
  for (const cluster of clusters) {
    for (const out of cluster.outs) {
      const { op } = nodes[out]!;
      if (op.kind !== "assign") continue;
      writes.push({ cluster, storage: op.storage, version: op.version, range: range(op.target) });
    }
  }
  return writes;
}

function storageReads(cluster: Cluster, nodes: readonly GraphNode[]): StorageAccess[] {
  const reads: StorageAccess[] = [];
  for (const load of loadsOf(cluster)) {
    if (load.node < 0) continue;
    const { op } = nodes[load.node]!;
    if (op.kind !== "storage" && op.kind !== "assign") continue;
    const whole: readonly [number, number] = [0, op.storage.length - 1];
    const region = load.layout.mask === null && load.indirect === null ? range(load.layout) : whole;
    reads.push({ storage: op.storage, version: op.version, range: region });
  }
  return reads;
}

/**
 * The clusters in an order that runs; recording order breaks ties.
 *
 * @returns `null` where they depend on each other in a circle.
 */
export function sortClusters(clusters: readonly Cluster[], nodes: readonly GraphNode[]): Cluster[] | null {
  const order = new Order(clusters, nodes);
  const position = new Map(
    clusters.map((c) => [c, Math.min(...[...c.cores, ...c.outs].map((i) => nodes[i]!.id))]),
  );
  const waiting = [...clusters].sort((a, b) => position.get(a)! - position.get(b)!);
  const done = new Set<Cluster>();
  const sorted: Cluster[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex((c) => [...order.before(c)].every((b) => done.has(b)));
    if (next < 0) return null;
    const [cluster] = waiting.splice(next, 1);
    done.add(cluster!);
    sorted.push(cluster!);
  }
  return sorted;
}

/** Groups of clusters that wait for each other in a circle. */
export function circles(clusters: readonly Cluster[], order: Order): Cluster[][] {
  const number = new Map<Cluster, number>();
  const low = new Map<Cluster, number>();
  const stack: Cluster[] = [];
  const waiting = new Set<Cluster>();
  const found: Cluster[][] = [];
  const visit = (cluster: Cluster): void => {
    number.set(cluster, number.size);
    low.set(cluster, number.get(cluster)!);
    stack.push(cluster);
    waiting.add(cluster);
    for (const before of order.before(cluster)) {
      if (!number.has(before)) visit(before);
      if (waiting.has(before)) low.set(cluster, Math.min(low.get(cluster)!, low.get(before)!));
    }
    if (low.get(cluster) !== number.get(cluster)) return;
    const circle = stack.splice(stack.indexOf(cluster));
    for (const member of circle) waiting.delete(member);
    if (circle.length > 1) found.push(circle);
  };
  for (const cluster of clusters) if (!number.has(cluster)) visit(cluster);
  return found;
}
