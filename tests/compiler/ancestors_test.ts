import { deepStrictEqual } from "node:assert/strict";
import fc from "npm:fast-check@^4.10.0";
import { Ancestors } from "../../core/compiler/ancestors.ts";
import type { Cluster } from "../../core/compiler/cluster.ts";
import type { Order } from "../../core/compiler/order.ts";

/** A graph whose points stand for clusters: an edge leads from a point to what must run before it. */
class Graph {
  readonly edges = new Map<Cluster, Set<Cluster>>();

  before(cluster: Cluster): ReadonlySet<Cluster> {
    return this.edges.get(cluster)!;
  }

  merge(a: Cluster, b: Cluster, merged: Cluster): void {
    const before = new Set([...this.before(a), ...this.before(b)].filter((c) => c !== a && c !== b));
    this.edges.delete(a);
    this.edges.delete(b);
    for (const others of this.edges.values()) {
      if ([a, b].filter((gone) => others.delete(gone)).length > 0) others.add(merged);
    }
    this.edges.set(merged, before);
  }

  /** Whether a path leads from `to` to `from`, by walking all of them. */
  precedes(from: Cluster, to: Cluster): boolean {
    return [...this.before(to)].some((c) => c === from || this.precedes(from, c));
  }

  hasDetour(from: Cluster, to: Cluster): boolean {
    return [...this.before(to)].some((c) => c !== from && this.precedes(from, c));
  }
}

const point = (name: string): Cluster => ({ name } as unknown as Cluster);

Deno.test("Ancestors agrees with walking every path, however clusters are merged", () => {
  const graphs = fc.record({
    size: fc.integer({ min: 2, max: 40 }),
    edges: fc.array(fc.tuple(fc.nat(39), fc.nat(39)), { maxLength: 80 }),
    merges: fc.array(fc.tuple(fc.nat(39), fc.nat(39)), { maxLength: 30 }),
  });
  fc.assert(
    fc.property(graphs, ({ size, edges, merges }) => {
      let points = Array.from({ length: size }, (_, i) => point(`${i}`));
      const graph = new Graph();
      for (const p of points) graph.edges.set(p, new Set());
      for (const [a, b] of edges) {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        if (high < size && low < high) graph.edges.get(points[high]!)!.add(points[low]!);
      }
      const ancestors = new Ancestors(graph as unknown as Order, points);
      const answers = (of: Pick<Ancestors, "precedes" | "hasDetour">) =>
        points.flatMap((from) => points.map((to) => [of.precedes(from, to), of.hasDetour(from, to)]));
      deepStrictEqual(answers(ancestors), answers(graph));
      for (const [i, j] of merges) {
        const [a, b] = [points[i % points.length]!, points[j % points.length]!];
        if (a === b || graph.hasDetour(a, b) || graph.hasDetour(b, a)) continue;
        const merged = point("merged");
        ancestors.merge(a, b, merged);
        points = [...points.filter((p) => p !== a && p !== b), merged];
        deepStrictEqual(answers(ancestors), answers(graph));
      }
    }),
    { seed: 20261127, numRuns: 60 },
  );
});
