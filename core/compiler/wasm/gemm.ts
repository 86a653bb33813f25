import type { CpuLaunch, WasmLaunch } from "../../runtime/cpu/launch.ts";
import { cost } from "../expr.ts";
import type { Load, MatmulKernel, Store } from "../kernel.ts";
import { describeLoad, describeStore, planLoad, planStore, takePointers } from "./access.ts";
import { encodeModule } from "./assembler.ts";
import { Block } from "./block.ts";
import { type GemmPlan, generateGemm, type OperandPlan } from "./gemm_loop.ts";
import { copyOperand, isPlain, type Operand, operandOf, transposed } from "./gemm_operand.ts";
import { bindScalars, lowerMap } from "./map.ts";
import { cachedModule } from "./modules.ts";

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
  const copy = (operand: Load, rows: number, columns: number, width: number, label: string): Operand => {
    const [copied, own] = copyOperand(
      operand,
      batch,
      rows,
      columns,
      width,
      workspace,
      `${kernel.label} (${label})`,
    );
    for (const c of own) launches.push(...lowerMap(c, fused));
    workspace += batch.reduce((x, y) => x * y, 1) * Math.ceil(columns / width) * width * rows;
    return copied;
  };
  let a = operandOf(kernel.a);
  if (kernel.a.dtype !== "f32" || a.row < 0 || a.column < 0) {
    a = copy(kernel.a, m, k, k, "copy of the left operand");
  }
  let b = operandOf(kernel.b);
  const dot = kernel.b.dtype === "f32" && b.row === 1 && b.column >= 0 && a.column === 1 &&
    !(b.column === 1 && n > 1);
  const direct = kernel.b.dtype === "f32" && b.column === 1 && b.row >= 0 && !aliases(m, n, k, b.row);
  const vectors = dot ? 1 : vectorsFor(m);
  if (!dot && !direct) b = copy(kernel.b, k, n, 4 * vectors, "panels of the right operand");
  launches.push(lowerProduct(kernel, a, b, dot ? "dot" : "broadcast", vectors, fused));
  return launches.map((l) => ({ ...l, workspaceBytes: 4 * workspace }));
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
  const key = `gemm${fused}|${JSON.stringify(sizes)}|${loads.map(describeLoad).join()}|${
    stores.map(describeStore).join()
  }|${scalars.map(([, word]) => word).join()}`;
  const module = cachedModule(key, () => encodeModule(generateGemm(plan, scalars, fused)));
  const batches = batch.reduce((x, y) => x * y, 1);
  const price = kernel.stores.reduce((sum, s) => sum + cost(s.value), 0);
  return {
    kind: "wasm",
    label: kernel.label,
    key,
    module,
    pointers: block.pointers,
    words: block.words,
    scalars: block.scalars,
    chunks: batches * Math.ceil(m / blockRows) * Math.ceil(panels / panelsPerChunk),
    nanoseconds: batches * m * n * (k / 20 + price * 0.1 + 0.3),
    workspaceBytes: 0,
  };
}
