import { type CpuLaunch, type SgemmLaunch, type SgemmOperand, WORKSPACE } from "../../runtime/cpu/launch.ts";
import { acc, input, substitute } from "../expr.ts";
import type { Load, MatmulKernel } from "../kernel.ts";
import { copyPanels, isPlain, type Operand, operandOf } from "./gemm_operand.ts";
import { lowerMap } from "./map.ts";

/** Products of fewer batches than this are one call each; more of them than this stay with our own kernels. */
const MOST_BATCHES = 4096;

/**
 * Lowers a matrix product to calls of the native BLAS, on operands where they lie wherever it can read them, and an
 * elementwise kernel for the epilogue. Gives null for what the BLAS is no help with.
 */
export function lowerBlasMatmul(kernel: MatmulKernel, fused: boolean): readonly CpuLaunch[] | null {
  const { batch, m, n, k } = kernel;
  const batches = batch.reduce((x, y) => x * y, 1);
  if (m * n * batches === 0) return [];
  // A product with a vector is bound by memory, where our own kernels are at least as fast.
  if (k === 0 || m === 1 || n === 1 || batches > MOST_BATCHES) return null;
  const launches: CpuLaunch[] = [];
  let workspace = 0;
  const readable = (load: Load, rows: number, columns: number, label: string): [Operand, SgemmOperand] => {
    let operand = operandOf(load);
    let form = load.dtype === "f32" ? formOf(operand, rows, columns) : null;
    if (form === null) {
      const name = `${kernel.label} (copy of the ${label} operand)`;
      const { operand: copied, kernels, elements } = copyPanels(
        load,
        batch,
        rows,
        columns,
        columns,
        workspace,
        name,
      );
      for (const copy of kernels) launches.push(...lowerMap(copy, fused));
      workspace += elements;
      operand = copied;
      form = { leading: columns, transposed: false };
    }
    return [operand, { pointer: operand.slot, offset: operand.offset, ...form }];
  };
  const [a, aCall] = readable(kernel.a, m, k, "left");
  const [b, bCall] = readable(kernel.b, k, n, "right");
  const plain = isPlain(kernel) && kernel.stores[0]!.strides.at(-2)! >= n;
  const result: Load = plain ? { ...kernel.stores[0]!, mask: null, indirect: null } : {
    slot: WORKSPACE,
    dtype: "f32",
    offset: workspace,
    strides: [...batch.map((_, d) => batch.slice(d + 1).reduce((x, y) => x * y, m * n)), n, 1],
    mask: null,
    indirect: null,
  };
  const c = operandOf(result);
  if (!plain) workspace += batches * m * n;
  const call: SgemmLaunch = {
    kind: "sgemm",
    label: kernel.label,
    m,
    n,
    k,
    a: aCall,
    b: bCall,
    c: { pointer: c.slot, offset: c.offset, leading: c.row, transposed: false },
    batches: batchOffsets(batch, [a.batch, b.batch, c.batch]),
    workspaceBytes: 0,
  };
  launches.push(call);
  if (!plain) {
    const product = input(kernel.loads.length);
    const epilogue = lowerMap({
      kind: "map",
      label: `${kernel.label} (epilogue)`,
      space: [...batch, m, n],
      loads: [...kernel.loads, result],
      stores: kernel.stores.map((s) => ({
        ...s,
        value: substitute(s.value, (leaf) => leaf === acc(0) ? product : undefined),
      })),
    }, fused);
    launches.push(...epilogue);
  }
  return launches.map((l) => ({ ...l, workspaceBytes: 4 * workspace }));
}

/** How the BLAS would read an operand, or null where it cannot. */
function formOf(o: Operand, rows: number, columns: number): { leading: number; transposed: boolean } | null {
  const stride = (step: number, count: number, least: number): number | null => {
    if (count === 1) return least;
    return step >= least ? step : null;
  };
  if (o.column === 1 || columns === 1) {
    const leading = stride(o.row, rows, Math.max(columns, 1));
    if (leading !== null) return { leading, transposed: false };
  }
  if (o.row === 1 || rows === 1) {
    const leading = stride(o.column, columns, Math.max(rows, 1));
    if (leading !== null) return { leading, transposed: true };
  }
  return null;
}

/** Offsets of every batch for three operands. */
function batchOffsets(
  batch: readonly number[],
  strides: readonly [readonly number[], readonly number[], readonly number[]],
): [number, number, number][] {
  let offsets: [number, number, number][] = [[0, 0, 0]];
  batch.forEach((count, d) => {
    const [da, db, dc] = strides.map((s) => s[d]!) as [number, number, number];
    offsets = offsets.flatMap(([a, b, c]) =>
      Array.from({ length: count }, (_, i): [number, number, number] => [a + i * da, b + i * db, c + i * dc])
    );
  });
  return offsets;
}
