import type { Cluster } from "./cluster.ts";
import type { Order } from "./order.ts";

/** What must run before each cluster, directly or not, kept while clusters are merged. */
export class Ancestors {
  readonly #order: Order;
  /** Ancestors of each cluster, as a bit per number. */
  readonly #bits = new Map<Cluster, Uint32Array>();
  readonly #number = new Map<Cluster, number>();

  /** @param sorted The clusters in an order that runs. */
  constructor(order: Order, sorted: readonly Cluster[]) {
    this.#order = order;
    for (const [number, cluster] of sorted.entries()) {
      const bits = new Uint32Array(Math.ceil(sorted.length / 32));
      for (const before of order.before(cluster)) {
        include(bits, this.#bits.get(before)!);
        mark(bits, this.#number.get(before)!);
      }
      this.#bits.set(cluster, bits);
      this.#number.set(cluster, number);
    }
  }

  /** Whether `from` must run before `to` through at least one other cluster. */
  hasDetour(from: Cluster, to: Cluster): boolean {
    const number = this.#number.get(from)!;
    if (!has(this.#bits.get(to)!, number)) return false;
    for (const cluster of this.#order.before(to)) {
      if (cluster !== from && has(this.#bits.get(cluster)!, number)) return true;
    }
    return false;
  }

  /** Whether `from` must run before `to`. */
  precedes(from: Cluster, to: Cluster): boolean {
    return has(this.#bits.get(to)!, this.#number.get(from)!);
  }

  /** Puts a cluster in the place of two, neither of which has a detour to the other. */
  merge(a: Cluster, b: Cluster, merged: Cluster): void {
    const [first, second] = [this.#number.get(a)!, this.#number.get(b)!];
    const bits = this.#bits.get(a)!;
    include(bits, this.#bits.get(b)!);
    unmark(bits, first);
    unmark(bits, second);
    for (const gone of [a, b]) {
      this.#bits.delete(gone);
      this.#number.delete(gone);
    }
    for (const others of this.#bits.values()) {
      if (!has(others, first) && !has(others, second)) continue;
      include(others, bits);
      mark(others, first);
    }
    this.#bits.set(merged, bits);
    this.#number.set(merged, first);
    this.#order.merge(a, b, merged);
  }
}

function has(bits: Uint32Array, number: number): boolean {
  return (bits[number >>> 5]! & (1 << (number & 31))) !== 0;
}

function mark(bits: Uint32Array, number: number): void {
  bits[number >>> 5]! |= 1 << (number & 31);
}

function unmark(bits: Uint32Array, number: number): void {
  bits[number >>> 5]! &= ~(1 << (number & 31));
}

function include(bits: Uint32Array, more: Uint32Array): void {
  for (let i = 0; i < bits.length; i++) bits[i]! |= more[i]!;
}
