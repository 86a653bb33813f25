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

/** An operand copied into the workspace. */
export interface OperandCopy {
  readonly operand: Operand;
  /** The kernels that copy it. */
  readonly kernels: readonly MapKernel[];
  /** Elements of the workspace that the copy takes. */
  readonly elements: number;
}

/** A copy of an operand as f32 panels of `width` columns, row after row, `offset` elements into the workspace. */
export function copyPanels(
  load: Load,
  batch: readonly number[],
  rows: number,
  columns: number,
  width: number,
  offset: number,
  label: string,
): OperandCopy {
  const panels = Math.ceil(columns / width);
  const panel = rows * width;
  const copied = copiedBatch(load, batch, panels * panel);
  const { batch: from, row, column } = operandOf(load);
  const part = (first: number, count: number, lanes: number): MapKernel =>
    copyKernel(
      { ...load, offset: load.offset + first * width * column },
      [...copied.sizes, count, rows, lanes],
      [...from, width * column, row, column],
      [...copied.strides, panel, width, 1],
      offset + first * panel,
      label,
    );
  const whole = Math.floor(columns / width);
  const kernels: MapKernel[] = [];
  if (whole > 0) kernels.push(part(0, whole, width));
  if (whole < panels) kernels.push(part(whole, 1, columns - whole * width));
  const operand = { slot: WORKSPACE, offset, batch: copied.strides, row: width, column: 1, panel };
  return { operand, kernels, elements: copied.count * panels * panel };
}

/** A copy of an operand as f32 in the order it has, with gaps that spread rows over all cache sets. */
export function copySpread(
  load: Load,
  batch: readonly number[],
  rows: number,
  columns: number,
  offset: number,
  label: string,
): OperandCopy {
  const { batch: from, row, column } = operandOf(load);
  const upright = row === 1;
  const [outer, inner] = upright ? [columns, rows] : [rows, columns];
  const leading = 16 * Math.ceil(inner / 16) + 16;
  const copied = copiedBatch(load, batch, outer * leading);
  const strides = upright ? [1, leading] : [leading, 1];
  const kernel = copyKernel(
    load,
    [...copied.sizes, rows, columns],
    [...from, row, column],
    [...copied.strides, ...strides],
    offset,
    label,
  );
  const operand = {
    slot: WORKSPACE,
    offset,
    batch: copied.strides,
    row: strides[0]!,
    column: strides[1]!,
    panel: null,
  };
  return { operand, kernels: [kernel], elements: copied.count * outer * leading };
}

/** Batch axes of a copy: those along which the operand repeats are copied once. */
function copiedBatch(
  load: Load,
  batch: readonly number[],
  size: number,
): { readonly sizes: readonly number[]; readonly strides: readonly number[]; readonly count: number } {
  const sizes = batch.map((n, d) => load.strides[d] === 0 ? 1 : n);
  const strides = sizes.map((_, d) =>
    load.strides[d] === 0 ? 0 : sizes.slice(d + 1).reduce((x, y) => x * y, size)
  );
  return { sizes, strides, count: sizes.reduce((x, y) => x * y, 1) };
}

function copyKernel(
  load: Load,
  space: readonly number[],
  from: readonly number[],
  to: readonly number[],
  offset: number,
  label: string,
): MapKernel {
  const type = load.dtype === "u8" ? "u32" : load.dtype === "f16" ? "f32" : load.dtype;
  return {
    kind: "map",
    label,
    space,
    loads: [{ ...load, strides: from }],
    stores: [{ slot: WORKSPACE, dtype: "f32", strides: to, offset, value: cast(input(0, type), "f32") }],
  };
}

/** Whether the store writes the bare product as whole vectors. */
export function isPlain(kernel: MatmulKernel): boolean {
  const store = kernel.stores[0];
  return kernel.stores.length === 1 && store!.dtype === "f32" && store!.value === acc(0) &&
    store!.strides.at(-1) === 1 && store!.strides.at(-2)! >= 0;
}
