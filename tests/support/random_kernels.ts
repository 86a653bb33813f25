import {
  add,
  and,
  cast,
  constant,
  type Expr,
  input,
  le,
  lt,
  max,
  min,
  mul,
  neg,
  not,
  or,
  type ScalarType,
  select,
  sub,
} from "../../core/compiler/expr.ts";
import type {
  Combine,
  Conv2dKernel,
  Conv2dSizes,
  Conv2dWeightKernel,
  Load,
  MapKernel,
  MatmulKernel,
  ReduceKernel,
  Store,
} from "../../core/compiler/kernel.ts";
import type { DType } from "../../core/runtime/dtype.ts";
import type { Bounds } from "../../core/runtime/layout.ts";
import { type Elements, elements } from "./kernel_runner.ts";

/** A small generator of numbers in [0, 1) that repeats for a seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SCALAR_OF: Readonly<Record<DType, ScalarType>> = {
  f32: "f32",
  f16: "f32",
  i32: "i32",
  u32: "u32",
  u8: "u32",
  bool: "bool",
};

/** A kernel and buffers that it runs on. */
export interface KernelCase<K> {
  readonly kernel: K;
  readonly buffers: readonly Elements[];
}

/** Makes random kernels of every access pattern: strides, broadcasts, masks, flips, indirection, all dtypes. */
export class KernelMaker {
  readonly #random: () => number;
  readonly #seed: number;
  #buffers: Elements[] = [];

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = randomNumbers(seed);
  }

  #int(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#int(0, values.length - 1)]!;
  }

  #size(): number {
    return this.#pick([1, 2, 3, 4, 5, 7, 8, 13, 16, 21, 40]);
  }

  #buffer(dtype: DType, count: number): number {
    const values = Array.from({ length: count }, () => {
      if (dtype === "bool") return this.#int(0, 1);
      if (dtype === "u8") return this.#int(0, 255);
      if (dtype === "u32") return this.#int(0, 50);
      return dtype === "i32" ? this.#int(-50, 50) : this.#random() * 4 - 2;
    });
    return this.#buffers.push(elements(dtype, values)) - 1;
  }

  /** Strides of a permuted, flipped, padded or broadcast layout, and what they need. */
  #layout(
    space: readonly number[],
    broadcast: boolean,
  ): { strides: number[]; offset: number; count: number } {
    const order = space.map((_, d) => d);
    if (this.#random() < 0.3) order.sort(() => this.#random() - 0.5);
    const strides = space.map(() => 0);
    let step = 1;
    let offset = this.#random() < 0.3 ? this.#int(1, 5) : 0;
    for (const d of order.reverse()) {
      if (broadcast && this.#random() < 0.25) continue;
      const gap = this.#random() < 0.15 ? 2 : 1;
      const flip = this.#random() < 0.1;
      strides[d] = (flip ? -1 : 1) * step * gap;
      if (flip) offset += step * gap * (space[d]! - 1);
      step *= space[d]! * gap;
    }
    return { strides, offset, count: step + offset };
  }

  #mask(space: readonly number[]): Bounds[] | null {
    if (this.#random() < 0.7) return null;
    return space.map((n): Bounds => {
      if (this.#random() < 0.5) return [0, n];
      const low = this.#int(0, n);
      return [low, this.#int(low, n)];
    });
  }

  #load(space: readonly number[], dtype: DType, index: number | null): Load {
    if (this.#random() < 0.1 && dtype === "i32" && index === null) {
      const { strides, offset } = this.#layout(space, true);
      return { slot: -1, dtype, strides, offset, mask: this.#mask(space), indirect: null };
    }
    const { strides, offset, count } = this.#layout(space, true);
    const size = this.#int(1, 9);
    const indirect = index === null ? null : { load: index, stride: count, size };
    const slot = this.#buffer(dtype, count * (index === null ? 1 : size));
    return { slot, dtype, strides, offset, mask: this.#mask(space), indirect };
  }

  #loads(space: readonly number[]): Load[] {
    const loads: Load[] = [];
    const count = this.#int(1, 3);
    for (let i = 0; i < count; i++) {
      loads.push(
        this.#load(space, this.#pick<DType>(["f32", "f32", "f16", "i32", "u8", "bool", "u32"]), null),
      );
    }
    if (this.#random() < 0.3) {
      loads.push(this.#load(space, "i32", null));
      loads.push(this.#load(space, this.#pick<DType>(["f32", "u8", "f16"]), loads.length - 1));
    }
    return loads;
  }

  /** An expression of simple exact operations over the loads. */
  #expression(loads: readonly Load[], type: ScalarType, depth: number): Expr {
    if (depth === 0 || this.#random() < 0.2) {
      const index = this.#int(0, loads.length - 1);
      if (this.#random() < 0.15) return constant(this.#int(type === "u32" ? 0 : -3, 3), type);
      const leaf = input(index, SCALAR_OF[loads[index]!.dtype]);
      // A negative float has no u32 value; by way of i32 it wraps on every device.
      return cast(type === "u32" ? cast(leaf, leaf.type === "f32" ? "i32" : leaf.type) : leaf, type);
    }
    const part = (t: ScalarType): Expr => this.#expression(loads, t, depth - 1);
    if (type === "bool") {
      const of: ScalarType = this.#pick(["i32", "u32"]);
      return this.#pick([
        () => lt(part(of), part(of)),
        () => le(part(of), part(of)),
        () => not(part("bool")),
        () => and(part("bool"), part("bool")),
        () => or(part("bool"), part("bool")),
      ])();
    }
    return this.#pick([
      () => add(part(type), part(type)),
      () => sub(part(type), part(type)),
      () => mul(part(type), part(type)),
      () => max(part(type), part(type)),
      () => min(part(type), part(type)),
      () => type === "u32" ? part(type) : neg(part(type)),
      () => select(part("bool"), part(type), part(type)),
    ])();
  }

  #store(space: readonly number[], value: (type: ScalarType) => Expr, dtype: DType): Store {
    const { strides, offset, count } = this.#layout(space, false);
    return { slot: this.#buffer(dtype, count), dtype, strides, offset, value: value(SCALAR_OF[dtype]) };
  }

  #axes(most: number): number[] {
    return Array.from({ length: this.#int(0, most) }, () => this.#size());
  }

  /** A random elementwise kernel. */
  map(): KernelCase<MapKernel> {
    this.#buffers = [];
    const space = this.#axes(3);
    const loads = this.#loads(space);
    const stores = Array.from({ length: this.#int(1, 2) }, () =>
      this.#store(
        space,
        (type) => this.#expression(loads, type, 3),
        this.#pick<DType>(["f32", "f32", "f16", "i32", "u32", "u8", "bool"]),
      ));
    return {
      kernel: { kind: "map", label: `random map ${this.#seed}`, space, loads, stores },
      buffers: this.#buffers,
    };
  }

  /** A random reduction in one or two phases; `accOf` makes the leaf of an accumulator. */
  reduce(accOf: (index: number, type: ScalarType) => Expr): KernelCase<ReduceKernel> {
    this.#buffers = [];
    const kept = this.#axes(2);
    const reduced = this.#axes(2);
    const space = [...kept, ...reduced];
    const loads = this.#loads(space);
    const results: ScalarType[] = [];
    const phases = Array.from({ length: this.#int(1, 2) }, () => {
      const before = results.map((type, i) => accOf(i, type));
      const phase = Array.from({ length: this.#int(1, 2) }, () => {
        const combine = this.#pick<Combine>(["sum", "sum", "max", "min", "argmax", "argmin", "any", "all"]);
        const type: ScalarType = combine === "any" || combine === "all"
          ? "bool"
          : this.#pick(["f32", "i32", "u32"]);
        // Positions hang on exact comparisons, so their values are whole numbers.
        const positional = combine === "argmax" || combine === "argmin";
        const own = positional ? (type === "f32" ? "i32" : type) : type;
        let value = this.#expression(loads, own, 2);
        const earlier = before.find((e) => e.type === own);
        if (earlier !== undefined && own !== "bool") value = sub(value, earlier);
        return { combine, value };
      });
      for (const a of phase) results.push(a.combine.startsWith("arg") ? "i32" : a.value.type);
      return phase;
    });
    const accs = results.map((type, i) => accOf(i, type));
    const stores = accs.map((e) => {
      const dtype: DType = e.type === "bool" ? "bool" : e.type;
      return this.#store(kept, () => e, dtype);
    });
    const elementStores = this.#random() < 0.4
      ? [this.#store(space, (type) => {
        const earlier = accs.find((e) => e.type === type);
        const own = this.#expression(loads, type, 2);
        return earlier === undefined || type === "bool" ? own : sub(own, earlier);
      }, this.#pick<DType>(["f32", "i32"]))]
      : [];
    const kernel: ReduceKernel = {
      kind: "reduce",
      label: `random reduce ${this.#seed}`,
      kept,
      reduced,
      loads,
      phases,
      stores,
      elementStores,
    };
    return { kernel, buffers: this.#buffers };
  }

  /** A random batched product with a random epilogue; `sum` is the leaf of its result. */
  matmul(sum: Expr): KernelCase<MatmulKernel> {
    this.#buffers = [];
    const batch = this.#axes(2).map((n) => Math.min(n, 3));
    const [m, n, k] = [this.#side(), this.#side(), this.#random() < 0.05 ? 0 : this.#side()] as const;
    const operand = (rows: number, columns: number): Load => {
      const dtype = this.#pick<DType>(["f32", "f32", "f32", "f16"]);
      const { strides, offset, count } = this.#layout([...batch, rows, columns], this.#random() < 0.3);
      return { slot: this.#buffer(dtype, count), dtype, strides, offset, mask: null, indirect: null };
    };
    const a = operand(m, k);
    const b = operand(k, n);
    const space = [...batch, m, n];
    const plain = this.#random() < 0.5;
    const loads = plain ? [] : this.#loads(space);
    const stores = [
      this.#store(space, () => plain ? sum : add(mul(sum, 2), this.#expression(loads, "f32", 2)), "f32"),
    ];
    if (this.#random() < 0.2) stores.push(this.#store(space, () => sum, "f16"));
    const label = `random matmul ${this.#seed}`;
    return { kernel: { kind: "matmul", label, batch, m, n, k, a, b, loads, stores }, buffers: this.#buffers };
  }

  #side(): number {
    return this.#random() < 0.8 ? this.#int(1, 20) : this.#int(20, 130);
  }

  #sizes(): Conv2dSizes {
    const [strideHeight, strideWidth] = [this.#pick([1, 1, 2, 3]), this.#pick([1, 1, 2, 3])];
    const [dilationHeight, dilationWidth] = [this.#pick([1, 1, 2]), this.#pick([1, 1, 2])];
    const [kernelHeight, kernelWidth] = [this.#pick([1, 2, 3, 3, 5, 7]), this.#pick([1, 2, 3, 3, 5, 7])];
    const [outHeight, outWidth] = [this.#int(1, 7), this.#pick([1, 2, 3, 4, 5, 7, 8, 12, 19])];
    const slack = this.#int(0, 1);
    return {
      batch: this.#int(1, 3),
      groups: this.#pick([1, 1, 1, 2, 3]),
      inChannels: this.#int(1, 4),
      outChannels: this.#pick([1, 2, 3, 4, 6, 7, 8]),
      inHeight: (outHeight - 1) * strideHeight + (kernelHeight - 1) * dilationHeight + 1 + slack,
      inWidth: (outWidth - 1) * strideWidth + (kernelWidth - 1) * dilationWidth + 1 + slack,
      outHeight,
      outWidth,
      kernelHeight,
      kernelWidth,
      strideHeight,
      strideWidth,
      dilationHeight,
      dilationWidth,
    };
  }

  #packed(count: number): { slot: number; dtype: DType; offset: number } {
    const dtype = this.#pick<DType>(["f32", "f32", "f32", "f16"]);
    const offset = this.#pick([0, 0, 3]);
    return { slot: this.#buffer(dtype, offset + count), dtype, offset };
  }

  #epilogue(space: readonly number[], sum: Expr): { loads: Load[]; stores: Store[] } {
    const loads = this.#random() < 0.5 ? [] : this.#loads(space);
    const value = (): Expr => loads.length === 0 ? sum : add(mul(sum, 2), this.#expression(loads, "f32", 2));
    return { loads, stores: [this.#store(space, value, this.#pick<DType>(["f32", "f32", "f16"]))] };
  }

  /** A random convolution with a random epilogue; `sum` is the leaf of its result. */
  conv2d(sum: Expr): KernelCase<Conv2dKernel> {
    this.#buffers = [];
    const s = this.#sizes();
    const input = this.#packed(s.batch * s.groups * s.inChannels * s.inHeight * s.inWidth);
    const weight = this.#packed(s.groups * s.outChannels * s.inChannels * s.kernelHeight * s.kernelWidth);
    const rest = this.#epilogue([s.batch, s.groups * s.outChannels, s.outHeight, s.outWidth], sum);
    const label = `random conv2d ${this.#seed}`;
    return { kernel: { kind: "conv2d", label, sizes: s, input, weight, ...rest }, buffers: this.#buffers };
  }

  /** A random weight gradient of a convolution with a random epilogue. */
  conv2dWeight(sum: Expr): KernelCase<Conv2dWeightKernel> {
    this.#buffers = [];
    const s = this.#sizes();
    const input = this.#packed(s.batch * s.groups * s.inChannels * s.inHeight * s.inWidth);
    const grad = this.#packed(s.batch * s.groups * s.outChannels * s.outHeight * s.outWidth);
    const rest = this.#epilogue([s.groups * s.outChannels, s.inChannels, s.kernelHeight, s.kernelWidth], sum);
    const label = `random conv2dWeight ${this.#seed}`;
    return {
      kernel: { kind: "conv2dWeight", label, sizes: s, input, grad, ...rest },
      buffers: this.#buffers,
    };
  }
}
