import type { Cluster } from "./cluster.ts";
import type { GraphNode } from "./graph.ts";
import { Order } from "./order.ts";

/**
 * The clusters in an order that runs, from among those that can run the one recorded first.
 *
 * @returns `null` where they depend on each other in a circle.
 */
export function sortClusters(
  clusters: readonly Cluster[],
  nodes: readonly GraphNode[],
  order: Order = new Order(clusters, nodes),
): Cluster[] | null {
  const recorded = new Map(
    clusters.map((c) => [c, Math.min(...[...c.cores, ...c.outs].map((i) => nodes[i]!.id))]),
  );
  const waitsFor = new Map(clusters.map((c) => [c, order.before(c).size]));
  const ready = new Heap<Cluster>((c) => recorded.get(c)!);
  for (const cluster of clusters) if (waitsFor.get(cluster) === 0) ready.push(cluster);
  const sorted: Cluster[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    sorted.push(next);
    for (const after of order.after(next)) {
      const rest = waitsFor.get(after)! - 1;
      waitsFor.set(after, rest);
      if (rest === 0) ready.push(after);
    }
  }
  return sorted.length === clusters.length ? sorted : null;
}

/** Gives the smallest of its items first. */
class Heap<T> {
  readonly #items: T[] = [];
  readonly #rank: (item: T) => number;

  constructor(rank: (item: T) => number) {
    this.#rank = rank;
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#rank(items[parent]!) <= this.#rank(item)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#rank(items[child + 1]!) < this.#rank(items[child]!)) child++;
      if (this.#rank(items[child]!) >= this.#rank(last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return first;
  }
}
