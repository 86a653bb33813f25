import * as e from "../../core/compiler/expr.ts";
import type { Expr, ScalarType } from "../../core/compiler/expr.ts";
import type { Accumulator, Combine, Kernel, Load, MatmulKernel, Store } from "../../core/compiler/kernel.ts";
import { type DType, DTYPES, sizeOf } from "../../core/runtime/dtype.ts";
import { type Bounds, packedStrides, sizeOfShape } from "../../core/runtime/layout.ts";
import { openWebGpu } from "../../core/runtime/webgpu/device.ts";
import {
  assertAsReference,
  type Contents,
  gpuTest,
  HAS_ADAPTER,
  randomContents,
  seeded,
  stored,
} from "../support/gpu_kernels.ts";

const device = HAS_ADAPTER ? await openWebGpu() : null!;
const hardware = HAS_ADAPTER ? await openWebGpu({ software: false, f16: false }) : null!;
if (HAS_ADAPTER) {
  Deno.test.afterAll(async () => {
    await device.close();
    await hardware.close();
  });
}

/** Makes random kernels with the buffers that they need. */
class Programs {
  readonly random: () => number;
  readonly slots: Contents[] = [];

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  /** A whole number below `n`. */
  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  sizes(rank: number): number[] {
    return Array.from({ length: rank }, () => this.pick([1, 2, 3, 4, 5, 7, 8, 12]));
  }

  /** Strides that give every point its own element: packed in a random order of axes, stretched, perhaps flipped. */
  own(sizes: readonly number[]): { strides: number[]; offset: number; span: number } {
    const order = sizes.map((_, d) => d);
    if (this.random() < 0.5) order.sort(() => this.random() - 0.5);
    const strides = new Array<number>(sizes.length).fill(0);
    let step = this.pick([1, 1, 1, 2]);
    for (const d of order.reverse()) {
      strides[d] = step;
      step *= sizes[d]!;
    }
    let offset = this.pick([0, 0, 0, 1, 3, 4]);
    const span = step + offset;
    sizes.forEach((n, d) => {
      if (this.random() < 0.15) {
        offset += (n - 1) * strides[d]!;
        strides[d] = -strides[d]!;
      }
    });
    return { strides, offset, span };
  }

  /** A load of its own buffer; some axes may be broadcast, some masked. */
  load(sizes: readonly number[], dtype: DType): Load {
    const { strides, offset, span } = this.own(sizes);
    const broadcast = strides.map((s) => this.random() < 0.2 ? 0 : s);
    // A flipped axis that is broadcast stays inside: its offset points to its far end.
    const mask = this.random() < 0.2
      ? sizes.map((n): Bounds => {
        const low = this.below(n + 1);
        return [low, low + this.below(n + 1 - low)];
      })
      : null;
    const slot = this.slots.push(randomContents(dtype, span, this.random)) - 1;
    return { slot, dtype, strides: broadcast, offset, mask, indirect: null };
  }

  /** An f32 expression of the loads (and of accumulators, if any). */
  expression(leaves: readonly Expr[]): Expr {
    let value = this.pick(leaves);
    for (let i = this.below(4); i > 0; i--) {
      const other = this.random() < 0.2 ? e.constant(this.pick([0.5, -1, 2, 0.25])) : this.pick(leaves);
      value = this.pick([
        () => e.add(value, other),
        () => e.sub(value, other),
        () => e.mul(value, e.mul(other, 0.25)),
        () => e.max(value, other),
        () => e.min(value, other),
        () => e.select(e.lt(value, other), other, e.neg(value)),
        () => e.abs(value),
      ])();
    }
    return value;
  }

  store(sizes: readonly number[], dtype: DType, value: Expr): Store {
    const { strides, offset, span } = this.own(sizes);
    const slot = this.slots.push(randomContents(dtype, span, this.random)) - 1;
    return { slot, dtype, strides, offset, value: convert(value, dtype) };
  }
}

const LOADED: Readonly<Record<DType, ScalarType>> = {
  f32: "f32",
  f16: "f32",
  i32: "i32",
  u32: "u32",
  u8: "u32",
  bool: "bool",
};

/** The value as it may be stored: clamped first, because out-of-range conversions differ between machines. */
function convert(value: Expr, dtype: DType): Expr {
  if (dtype === "f32" || dtype === "f16") return value;
  // Thresholds lie between values that rounding could confuse.
  if (dtype === "bool") return e.lt(value, 0.3333);
  return e.cast(e.select(e.lt(e.abs(value), 0.7771), 3, 200), dtype === "i32" ? "i32" : "u32");
}

function asFloat(index: number, dtype: DType): Expr {
  const x = e.cast(e.input(index, LOADED[dtype]), "f32");
  return sizeOf(dtype) === 4 && dtype !== "f32"
    ? e.mul(x, 0.015625)
    : dtype === "u8"
    ? e.mul(x, 0.0078125)
    : x;
}

function mapProgram(programs: Programs): Kernel {
  const sizes = programs.sizes(programs.below(5));
  const loads = Array.from(
    { length: 1 + programs.below(4) },
    () => programs.load(sizes, programs.pick(DTYPES)),
  );
  const leaves = loads.map((load, i) => asFloat(i, load.dtype));
  const stores = Array.from(
    { length: 1 + programs.below(3) },
    () => programs.store(sizes, programs.pick(DTYPES), programs.expression(leaves)),
  );
  return { kind: "map", label: `random map over [${sizes}]`, space: sizes, loads, stores };
}

const FLOAT_COMBINES: readonly Combine[] = ["sum", "max", "min", "argmax", "argmin"];

function reduceProgram(programs: Programs): Kernel {
  const kept = programs.sizes(programs.below(3));
  const reduced = programs.sizes(1 + programs.below(2));
  const sizes = [...kept, ...reduced];
  const loads = Array.from(
    { length: 1 + programs.below(2) },
    () => programs.load(sizes, programs.pick(DTYPES)),
  );
  const inputs = loads.map((load, i) => asFloat(i, load.dtype));
  const accumulators: Accumulator[] = [];
  const finished: Expr[] = [];
  const phases = Array.from({ length: 1 + programs.below(2) }, () => {
    const before = [...finished];
    return Array.from({ length: 1 + programs.below(2) }, () => {
      const combine = programs.pick(FLOAT_COMBINES);
      // Positions of extremes are compared exactly, so they look at plain inputs only.
      const arg = combine.startsWith("arg");
      const value = arg
        ? programs.pick(inputs)
        : programs.expression([...inputs, ...before.map((a) => e.mul(a, 0.125))]);
      const number = accumulators.push({ combine, value }) - 1;
      finished.push(arg ? e.cast(e.acc(number, "i32"), "f32") : e.acc(number));
      return accumulators[number]!;
    });
  });
  const stores = finished.map((value) => programs.store(kept, "f32", value));
  const elementStores = programs.random() < 0.5
    ? [programs.store(sizes, "f32", e.sub(programs.pick(inputs), programs.pick(finished)))]
    : [];
  return {
    kind: "reduce",
    label: `random reduce [${kept}] over [${reduced}]`,
    kept,
    reduced,
    loads,
    phases,
    stores,
    elementStores,
  };
}

function matmulProgram(programs: Programs): MatmulKernel {
  const batch = programs.sizes(programs.below(2));
  const [m, n, k] = [1 + programs.below(40), 1 + programs.below(40), 1 + programs.below(30)];
  const dtype = programs.pick(["f32", "f32", "f16"] as const);
  const sizes = [...batch, m, n];
  const plain = (load: Load): Load => ({ ...load, mask: null });
  const a = plain(programs.load([...batch, m, k], dtype));
  const b = plain(programs.load([...batch, k, n], "f32"));
  const loads = programs.random() < 0.5 ? [programs.load(sizes, "f32")] : [];
  const value = loads.length === 0 ? e.acc(0) : e.max(e.add(e.acc(0), e.input(0)), 0);
  const store: Store = {
    slot: programs.slots.push(stored("f32", new Array(sizeOfShape(sizes)).fill(0))) - 1,
    dtype: "f32",
    strides: packedStrides(sizes),
    offset: 0,
    value,
  };
  return {
    kind: "matmul",
    label: `random matmul ${batch} ${m}x${n}x${k}`,
    batch,
    m,
    n,
    k,
    a,
    b,
    loads,
    stores: [store],
  };
}

for (
  const [kind, make, count] of [
    ["map", mapProgram, 40],
    ["reduce", reduceProgram, 30],
    ["matmul", matmulProgram, 20],
  ] as const
) {
  for (const [where, open] of [["software", () => device], ["hardware", () => hardware]] as const) {
    gpuTest(
      `lowerGpu agrees with the interpreter on ${count} random ${kind} kernels for ${where} adapters`,
      async () => {
        for (let seed = 0; seed < count; seed++) {
          const programs = new Programs(seed + 1000);
          const kernel = make(programs);
          await assertAsReference(open(), kernel, programs.slots, [], { relative: 1e-5, absolute: 2e-4 });
        }
      },
    );
  }
}
