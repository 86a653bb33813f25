import { evaluate } from "../../core/compiler/evaluate.ts";
import type { Expr } from "../../core/compiler/expr.ts";
import type { Access, Accumulator, Kernel, Load, ReduceKernel, Store } from "../../core/compiler/kernel.ts";
import { type DType, f16ToNumber, numberToF16 } from "../../core/runtime/dtype.ts";

/**
 * Runs one kernel element by element in double precision: the truth that both devices' kernels are tested against.
 *
 * @param buffers Elements of each slot's buffer as numbers (bool as 0 and 1), written in place.
 * @param scalars Values of the dynamic scalars.
 */
export function runReference(
  kernel: Kernel,
  buffers: readonly Float64Array[],
  scalars: readonly number[] = [],
): void {
  const run = { buffers, scalars };
  switch (kernel.kind) {
    case "map":
      for (const at of points(kernel.space)) {
        storeAll(run, kernel.stores, at, readLoads(run, kernel.loads, at), []);
      }
      return;
    case "reduce":
      return runReduce(run, kernel);
    case "matmul": {
      const { batch, m, n, k, a, b } = kernel;
      for (const at of points([...batch, m, n])) {
        const lead = at.slice(0, -2);
        const [row, column] = at.slice(-2) as [number, number];
        const left = addressOf(a, [...lead, row, 0]);
        const right = addressOf(b, [...lead, 0, column]);
        const [leftStep, rightStep] = [a.strides.at(-1)!, b.strides.at(-2)!];
        let sum = 0;
        for (let i = 0; i < k; i++) {
          sum += buffers[a.slot]![left + i * leftStep]! * buffers[b.slot]![right + i * rightStep]!;
        }
        storeAll(run, kernel.stores, at, readLoads(run, kernel.loads, at), [sum]);
      }
      return;
    }
    case "conv2d": {
      const s = kernel.sizes;
      const x = buffers[kernel.input.slot]!;
      const w = buffers[kernel.weight.slot]!;
      for (const at of points([s.batch, s.groups * s.outChannels, s.outHeight, s.outWidth])) {
        const [n, o, oy, ox] = at as [number, number, number, number];
        const group = Math.floor(o / s.outChannels);
        let sum = 0;
        for (const [c, i, j] of points([s.inChannels, s.kernelHeight, s.kernelWidth]) as Iterable<Triple>) {
          const channel = n * s.groups * s.inChannels + group * s.inChannels + c;
          const y = oy * s.strideHeight + i * s.dilationHeight;
          const z = ox * s.strideWidth + j * s.dilationWidth;
          sum += x[kernel.input.offset + (channel * s.inHeight + y) * s.inWidth + z]! *
            w[kernel.weight.offset + ((o * s.inChannels + c) * s.kernelHeight + i) * s.kernelWidth + j]!;
        }
        storeAll(run, kernel.stores, at, readLoads(run, kernel.loads, at), [sum]);
      }
      return;
    }
    case "conv2dWeight": {
      const s = kernel.sizes;
      const x = buffers[kernel.input.slot]!;
      const g = buffers[kernel.grad.slot]!;
      for (const at of points([s.groups * s.outChannels, s.inChannels, s.kernelHeight, s.kernelWidth])) {
        const [o, c, i, j] = at as [number, number, number, number];
        const group = Math.floor(o / s.outChannels);
        let sum = 0;
        for (const [n, oy, ox] of points([s.batch, s.outHeight, s.outWidth]) as Iterable<Triple>) {
          const channel = n * s.groups * s.inChannels + group * s.inChannels + c;
          const y = oy * s.strideHeight + i * s.dilationHeight;
          const z = ox * s.strideWidth + j * s.dilationWidth;
          sum += x[kernel.input.offset + (channel * s.inHeight + y) * s.inWidth + z]! *
            g[
              kernel.grad.offset + ((n * s.groups * s.outChannels + o) * s.outHeight + oy) * s.outWidth + ox
            ]!;
        }
        storeAll(run, kernel.stores, at, readLoads(run, kernel.loads, at), [sum]);
      }
      return;
    }
    default:
      kernel satisfies never;
  }
}

type Triple = [number, number, number];

interface Run {
  readonly buffers: readonly Float64Array[];
  readonly scalars: readonly number[];
}

/** Every coordinate of a space in row-major order; one empty coordinate where it has no axes. */
export function* points(space: readonly number[]): Generator<number[]> {
  if (space.some((n) => n === 0)) return;
  const at = space.map(() => 0);
  while (true) {
    yield [...at];
    let d = space.length - 1;
    while (d >= 0 && ++at[d]! === space[d]) at[d--] = 0;
    if (d < 0) return;
  }
}

function addressOf({ offset, strides }: Access, at: readonly number[]): number {
  let address = offset;
  for (let d = 0; d < strides.length; d++) address += strides[d]! * at[d]!;
  return address;
}

function readLoads(run: Run, loads: readonly Load[], at: readonly number[]): number[] {
  const values: number[] = [];
  for (const load of loads) values.push(readLoad(run, load, at, values));
  return values;
}

function readLoad(run: Run, load: Load, at: readonly number[], earlier: readonly number[]): number {
  if (load.mask?.some(([low, high], d) => at[d]! < low || at[d]! >= high)) return 0;
  let address = addressOf(load, at);
  if (load.indirect !== null) {
    const { load: index, stride, size } = load.indirect;
    address += Math.min(Math.max(earlier[index]! | 0, 0), size - 1) * stride;
  }
  return load.slot === -1 ? address : run.buffers[load.slot]![address]!;
}

function storeAll(
  run: Run,
  stores: readonly Store[],
  at: readonly number[],
  loads: readonly number[],
  accs: readonly number[],
): void {
  const values = stores.map((store) => valueOf(run, store.value, loads, accs));
  stores.forEach((store, i) => {
    run.buffers[store.slot]![addressOf(store, at)] = asStored(store.dtype, values[i]!);
  });
}

function valueOf(run: Run, e: Expr, loads: readonly number[], accs: readonly number[]): number {
  return evaluate(e, (leaf) => {
    const from = leaf.op === "input" ? loads : leaf.op === "acc" ? accs : run.scalars;
    return from[leaf.value]!;
  });
}

function asStored(dtype: DType, value: number): number {
  switch (dtype) {
    case "f32":
      return value;
    case "f16":
      return f16ToNumber(numberToF16(value));
    case "i32":
      return value | 0;
    case "u32":
      return value >>> 0;
    case "u8":
      return value & 255;
    case "bool":
      return value === 0 ? 0 : 1;
  }
}

function runReduce(run: Run, kernel: ReduceKernel): void {
  for (const kept of points(kernel.kept)) {
    const accs: number[] = [];
    for (const phase of kernel.phases) {
      const running = phase.map(start);
      let position = 0;
      for (const reduced of points(kernel.reduced)) {
        const loads = readLoads(run, kernel.loads, [...kept, ...reduced]);
        phase.forEach((a, i) => combine(a, running[i]!, valueOf(run, a.value, loads, accs), position));
        position++;
      }
      phase.forEach((a, i) => accs.push(finish(a, running[i]!)));
    }
    if (kernel.stores.length > 0) {
      const origin = kernel.reduced.map(() => 0);
      storeAll(run, kernel.stores, kept, readLoads(run, kernel.loads, [...kept, ...origin]), accs);
    }
    if (kernel.elementStores.length === 0) continue;
    for (const reduced of points(kernel.reduced)) {
      const at = [...kept, ...reduced];
      storeAll(run, kernel.elementStores, at, readLoads(run, kernel.loads, at), accs);
    }
  }
}

interface Running {
  value: number;
  position: number;
}

function start(a: Accumulator): Running {
  const whole = a.value.type !== "f32";
  switch (a.combine) {
    case "sum":
    case "any":
      return { value: 0, position: 0 };
    case "prod":
    case "all":
      return { value: 1, position: 0 };
    case "max":
    case "argmax":
      return { value: !whole ? -Infinity : a.value.type === "i32" ? -(2 ** 31) : 0, position: 0 };
    case "min":
    case "argmin":
      return { value: !whole ? Infinity : a.value.type === "i32" ? 2 ** 31 - 1 : 2 ** 32 - 1, position: 0 };
  }
}

function combine(a: Accumulator, running: Running, value: number, position: number): void {
  switch (a.combine) {
    case "sum":
      running.value += value;
      return;
    case "prod":
      running.value = a.value.type === "f32" ? running.value * value : Math.imul(running.value, value);
      return;
    case "any":
      if (value !== 0) running.value = 1;
      return;
    case "all":
      if (value === 0) running.value = 0;
      return;
    default: {
      if (Number.isNaN(running.value)) return;
      const greater = a.combine === "max" || a.combine === "argmax";
      const first = position === 0;
      if (Number.isNaN(value) || first || (greater ? value > running.value : value < running.value)) {
        running.value = value;
        running.position = position;
      }
    }
  }
}

function finish(a: Accumulator, running: Running): number {
  if (a.combine === "argmax" || a.combine === "argmin") return running.position;
  if (a.combine === "any" || a.combine === "all" || a.value.type === "f32") return running.value;
  return a.value.type === "u32" ? running.value >>> 0 : running.value | 0;
}
