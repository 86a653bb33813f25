import type { CpuLaunch, WasmLaunch } from "../../runtime/cpu/launch.ts";
import { cost } from "../expr.ts";
import type { Load, MatmulKernel, Store } from "../kernel.ts";
import { planLoad, planStore, takePointers } from "./access.ts";
import { Block } from "./block.ts";
import { type GemmPlan, generateGemm, type OperandPlan } from "./gemm_loop.ts";
import {
  copyPanels,
  copySpread,
  isPlain,
  type Operand,
  type OperandCopy,
  operandOf,
  transposed,
} from "./gemm_operand.ts";
import { launchOf } from "./kernel_code.ts";
import { bindScalars, lowerMap } from "./map.ts";

/**
 * Lowers a matrix product to register-tiled kernels with its sizes and strides built in. Operands are read where they
 * lie, by a kernel that fits their strides; they are copied only where no kernel does.
 */
export function lowerMatmul(given: MatmulKernel, fused: boolean): readonly CpuLaunch[] {
  if ([...given.batch, given.m, given.n].some((size) => size === 0)) return [];
  const kernel = given.n < 4 && given.m > given.n ? transposed(given) : given;
  const { m, n, k, batch } = kernel;
  const launches: CpuLaunch[] = [];
  let workspace = 0;
  const use = ({ operand, kernels, elements }: OperandCopy): Operand => {
    for (const copy of kernels) launches.push(...lowerMap(copy, fused));
    workspace += elements;
    return operand;
  };
  const spread = (operand: Load, rows: number, columns: number, side: string): Operand =>
    use(
      copySpread(operand, batch, rows, columns, workspace, `${kernel.label} (copy of the ${side} operand)`),
    );
  let a = operandOf(kernel.a);
  let b = operandOf(kernel.b);
  const readable = k === 0 || (kernel.a.dtype === "f32" && a.row >= 0 && a.column >= 0);
  if (!readable || (k > 0 && n >= SPREAD && crowds(m, k, a))) a = spread(kernel.a, m, k, "left");
  const right = k === 0 || kernel.b.dtype === "f32";
  const dot = right && b.row === 1 && b.column >= 0 && a.column === 1 && !(b.column === 1 && n > 1);
  const direct = right && b.column === 1 && b.row >= 0 && !aliases(m, n, k, b.row);
  const vectors = dot ? 1 : vectorsFor(m);
  if (dot && m >= SPREAD && crowds(k, n, b)) {
    b = spread(kernel.b, k, n, "right");
  } else if (!dot && !direct && k > 0) {
    const label = `${kernel.label} (panels of the right operand)`;
    b = use(copyPanels(kernel.b, batch, k, n, 4 * vectors, workspace, label));
  }
  launches.push(lowerProduct(kernel, a, b, dot ? "dot" : "broadcast", vectors, fused));
  return launches.map((l) => ({ ...l, workspaceBytes: 4 * workspace }));
}

/** Rows (of the left operand) or columns (of the right one) from which a copy of the other operand pays. */
const SPREAD = 128;

/** Whether neighbouring rows, or columns, lie a multiple of 2 KB apart: then all share two sets of the first cache. */
function crowds(rows: number, columns: number, { row, column }: Operand): boolean {
  const step = row === 1 ? column : row;
  const many = row === 1 ? columns : rows;
  return step > 0 && (4 * step) % 2048 === 0 && many >= 6;
}

/** Rows of B that lie a multiple of 2 KB apart fall into few cache sets; with enough rows of A a copy pays. */
function aliases(m: number, n: number, k: number, row: number): boolean {
  return (4 * row) % 2048 === 0 && k >= 32 && n >= 16 && m >= 24;
}

/** Vectors per row of a tile: few rows leave registers for more columns. */
function vectorsFor(m: number): number {
  return m <= 2 ? 4 : m === 3 ? 3 : 2;
}

/** Work of one chunk, in floating-point operations: some ten microseconds, so that threads end together. */
const CHUNK_FLOPS = 5e5;
/** Rows of A that stay in the second-level cache while panels of B pass. */
const BLOCK_ROWS = 96;

function lowerProduct(
  kernel: MatmulKernel,
  a: Operand,
  b: Operand,
  kind: "dot" | "broadcast",
  vectors: number,
  fused: boolean,
): WasmLaunch {
  const { m, n, k, batch } = kernel;
  const block = new Block();
  takePointers(
    block,
    [a, b, ...kernel.loads, ...kernel.stores]
      .map(({ slot }) => ({ slot })),
  );
  const space = [...batch, m, n];
  const width = 4 * vectors;
  const tileRows = kind === "dot" ? Math.min(m, 2) : Math.ceil(m / Math.ceil(m / 6));
  const blocks = Math.ceil(m / BLOCK_ROWS);
  const blockRows = Math.ceil(m / blocks / tileRows) * tileRows;
  const panels = Math.ceil(n / width);
  const panelFlops = 2 * Math.min(blockRows, m) * width * Math.max(k, 1);
  const panelsPerChunk = Math.min(panels, Math.max(1, Math.round(CHUNK_FLOPS / panelFlops)));
  const operand = (o: Operand): OperandPlan => ({
    pointer: block.pointer(o.slot),
    offset: block.word(4 * o.offset),
    batch: o.batch,
    row: o.row,
    column: o.column,
    panel: o.panel ?? width * o.column,
  });
  const plan: GemmPlan = {
    kind,
    batch,
    m,
    n,
    k,
    vectors,
    tileRows,
    blockRows,
    panelsPerChunk,
    depth: kind === "dot" ? 2048 : 512,
    a: operand(a),
    b: operand(b),
    plain: isPlain(kernel) ? kernel.stores[0]!.strides.at(-2)! : null,
    loads: kernel.loads.map((l: Load) => planLoad(block, l, space, space.length - 1)),
    stores: kernel.stores.map((s: Store) => planStore(block, s, space, space.length - 1)),
  };
  const scalars = bindScalars(block, kernel.stores.map((s) => s.value));
  const { loads, stores, ...sizes } = plan;
  const batches = batch.reduce((x, y) => x * y, 1);
  const price = kernel.stores.reduce((sum, s) => sum + cost(s.value), 0);
  return launchOf(block, {
    label: kernel.label,
    form: `gemm${fused}|${JSON.stringify(sizes)}`,
    loads,
    stores,
    scalars,
    generate: () => generateGemm(plan, scalars, fused),
    chunks: batches * Math.ceil(m / blockRows) * Math.ceil(panels / panelsPerChunk),
    nanoseconds: batches * m * n * (k / 26 + price * 0.1 + 0.3),
  });
}
