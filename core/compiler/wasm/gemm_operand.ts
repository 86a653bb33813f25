import { WORKSPACE } from "../../runtime/cpu/launch.ts";
import { acc, cast, input } from "../expr.ts";
import type { Load, MapKernel, MatmulKernel } from "../kernel.ts";

/** A matmul operand in memory: where, and elements between batches, rows and columns. */
export interface Operand {
  readonly slot: number;
  readonly offset: number;
  readonly batch: readonly number[];
  readonly row: number;
  readonly column: number;
  /** Elements between panels of columns; null where B lies as it was given. */
  readonly panel: number | null;
}

/** A load of a kernel as an operand. */
export function operandOf(load: Load): Operand {
  const rank = load.strides.length;
  return {
    slot: load.slot,
    offset: load.offset,
    batch: load.strides.slice(0, -2),
    row: load.strides[rank - 2]!,
    column: load.strides[rank - 1]!,
    panel: null,
  };
}

/** The same product with rows and columns exchanged. */
export function transposed(kernel: MatmulKernel): MatmulKernel {
  const swap = <T extends { readonly strides: readonly number[] }>(access: T): T => ({
    ...access,
    strides: swapLast(access.strides),
  });
  return {
    ...kernel,
    m: kernel.n,
    n: kernel.m,
    a: swap(kernel.b),
    b: swap(kernel.a),
    loads: kernel.loads.map((l) => ({ ...swap(l), mask: l.mask === null ? null : swapLast(l.mask) })),
    stores: kernel.stores.map(swap),
  };
}

function swapLast<T>(values: readonly T[]): readonly T[] {
  return [...values.slice(0, -2), values.at(-1)!, values.at(-2)!];
}

/** Copies of an operand into the workspace as f32 panels of `width` columns, row after row. */
export function copyOperand(
  load: Load,
  batch: readonly number[],
  rows: number,
  columns: number,
  width: number,
  offset: number,
  label: string,
): [Operand, MapKernel[]] {
  const panels = Math.ceil(columns / width);
  const panel = rows * width;
  const batchStrides = batch.map((_, d) => batch.slice(d + 1).reduce((x, y) => x * y, panels * panel));
  const { batch: from, row, column } = operandOf(load);
  const type = load.dtype === "u8" ? "u32" : load.dtype === "f16" ? "f32" : load.dtype;
  const part = (first: number, count: number, lanes: number): MapKernel => ({
    kind: "map",
    label,
    space: [...batch, count, rows, lanes],
    loads: [{
      ...load,
      strides: [...from, width * column, row, column],
      offset: load.offset + first * width * column,
    }],
    stores: [{
      slot: WORKSPACE,
      dtype: "f32",
      strides: [...batchStrides, panel, width, 1],
      offset: offset + first * panel,
      value: cast(input(0, type), "f32"),
    }],
  });
  const whole = Math.floor(columns / width);
  const kernels: MapKernel[] = [];
  if (whole > 0) kernels.push(part(0, whole, width));
  if (whole < panels) kernels.push(part(whole, 1, columns - whole * width));
  return [{ slot: WORKSPACE, offset, batch: batchStrides, row: width, column: 1, panel }, kernels];
}

/** Whether the store writes the bare product as whole vectors. */
export function isPlain(kernel: MatmulKernel): boolean {
  const store = kernel.stores[0];
  return kernel.stores.length === 1 && store!.dtype === "f32" && store!.value === acc(0) &&
    store!.strides.at(-1) === 1 && store!.strides.at(-2)! >= 0;
}
