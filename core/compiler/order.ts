import { type Cluster, overlaps, range } from "./cluster.ts";
import type { GraphNode, Storage } from "./graph.ts";

/** Which cluster must run before which: data, and writes to storages against their readers. */
export class Order {
  readonly #before = new Map<Cluster, Set<Cluster>>();
  readonly #after = new Map<Cluster, Set<Cluster>>();

  constructor(clusters: readonly Cluster[], nodes: readonly GraphNode[]) {
    const home = new Map<number, Cluster>();
    for (const cluster of clusters) {
      this.#before.set(cluster, new Set());
      this.#after.set(cluster, new Set());
      for (const index of [...cluster.cores, ...cluster.outs]) home.set(index, cluster);
    }
    for (const cluster of clusters) {
      for (const load of cluster.loads) {
        const producer = load.node < 0 ? undefined : home.get(load.node);
        if (producer === undefined) continue;
        if (nodes[load.node]!.op.kind !== "assign") this.#add(producer, cluster);
      }
    }
    const writes = collectWrites(clusters, nodes);
    for (const reader of clusters) {
      for (const read of storageReads(reader, nodes)) {
        for (const write of writes.get(read.storage) ?? []) {
          if (!overlaps(write.range, read.range)) continue;
          if (write.version <= read.version) this.#add(write.cluster, reader);
          else if (write.cluster !== reader) this.#add(reader, write.cluster);
        }
      }
    }
    for (const ofStorage of writes.values()) {
      for (const a of ofStorage) {
        for (const b of ofStorage) {
          const later = a.version < b.version && overlaps(a.range, b.range);
          if (later && a.cluster !== b.cluster) this.#add(a.cluster, b.cluster);
        }
      }
    }
  }

  #add(before: Cluster, after: Cluster): void {
    this.#before.get(after)!.add(before);
    this.#after.get(before)!.add(after);
  }

  /** Notes that two clusters became one. */
  merge(a: Cluster, b: Cluster, merged: Cluster): void {
    const before = union(this.#before, a, b);
    const after = union(this.#after, a, b);
    this.#before.set(merged, before);
    this.#after.set(merged, after);
    for (const other of before) rename(this.#after.get(other)!, a, b, merged);
    for (const other of after) rename(this.#before.get(other)!, a, b, merged);
  }

  /** Clusters that must run directly before this one; itself among them if it can never run. */
  before(cluster: Cluster): ReadonlySet<Cluster> {
    return this.#before.get(cluster)!;
  }

  /** Clusters that must wait directly for this one. */
  after(cluster: Cluster): ReadonlySet<Cluster> {
    return this.#after.get(cluster)!;
  }
}

/** What two clusters have together, themselves left out; they are taken from the map. */
function union(neighbours: Map<Cluster, Set<Cluster>>, a: Cluster, b: Cluster): Set<Cluster> {
  const both = new Set([...neighbours.get(a)!, ...neighbours.get(b)!]);
  for (const gone of [a, b]) {
    both.delete(gone);
    neighbours.delete(gone);
  }
  return both;
}

function rename(neighbours: Set<Cluster>, a: Cluster, b: Cluster, merged: Cluster): void {
  neighbours.delete(a);
  neighbours.delete(b);
  neighbours.add(merged);
}

interface StorageAccess {
  readonly storage: Storage;
  readonly version: number;
  readonly range: readonly [number, number];
}

interface Write extends StorageAccess {
  readonly cluster: Cluster;
}

function collectWrites(clusters: readonly Cluster[], nodes: readonly GraphNode[]): Map<Storage, Write[]> {
  const writes = new Map<Storage, Write[]>();
  for (const cluster of clusters) {
    for (const out of cluster.outs) {
      const { op } = nodes[out]!;
      if (op.kind !== "assign") continue;
      const { storage, version } = op;
      const write = { cluster, storage, version, range: range(op.target) };
      const known = writes.get(storage);
      if (known === undefined) writes.set(storage, [write]);
      else known.push(write);
    }
  }
  return writes;
}

function storageReads(cluster: Cluster, nodes: readonly GraphNode[]): StorageAccess[] {
  const reads: StorageAccess[] = [];
  for (const load of cluster.loads) {
    if (load.node < 0) continue;
    const { op } = nodes[load.node]!;
    if (op.kind !== "storage" && op.kind !== "assign") continue;
    const whole: readonly [number, number] = [0, op.storage.length - 1];
    const region = load.layout.mask === null && load.indirect === null ? range(load.layout) : whole;
    reads.push({ storage: op.storage, version: op.version, range: region });
  }
  return reads;
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
