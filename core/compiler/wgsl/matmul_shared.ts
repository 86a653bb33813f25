import type { Load, MatmulKernel } from "../kernel.ts";
import type { TilePlace } from "./matmul_tile.ts";
import type { Emission } from "./place.ts";
import type { BlockPlaces } from "./product.ts";

/** Edge of the block that one workgroup computes. */
export const SHARED_BLOCK = 64;
/** Steps of the summed axis that are in workgroup memory at a time. */
const STEPS = 16;
const THREADS = 64;

/** The sums of an invocation are spread out so that neighbours read neighbouring memory banks. */
export const SHARED_PLACES: BlockPlaces = {
  row: "row0 + part / 4u * 32u + part % 4u",
  column: (q) => `column0 + ${8 * q}u`,
};

/**
 * Emits the sums of one invocation of a block in workgroup memory into variables `sum<row>_<four>`, and its `row0`
 * and `column0` (in fours). Rows and columns past the edge repeat the last ones; steps past the end add zero.
 *
 * @param share Steps of `k` in a slice, or null where there is one slice.
 * @param blocks Blocks of the result in a slice.
 */
export function emitSharedTile(
  kernel: MatmulKernel,
  place: TilePlace,
  share: number | null,
  blocks: number,
  { bindings, words }: Emission,
  lines: string[],
): void {
  const { m, n, k, batch } = kernel;
  const rank = batch.length;
  const viewA = bindings.view(kernel.a.slot, kernel.a.dtype, 1, false);
  const viewB = bindings.view(kernel.b.slot, kernel.b.dtype, 1, false);
  const rows = Array.from({ length: 8 }, (_, r) => r);
  lines.push(
    `let row0 = ${place.row} * ${SHARED_BLOCK}u + local / 8u * 4u;`,
    `let column0 = ${place.column} * ${SHARED_BLOCK / 4}u + local % 8u;`,
    `let topA = ${place.row} * ${SHARED_BLOCK}u;`,
    `let topB = ${place.column} * ${SHARED_BLOCK}u;`,
  );
  const total = words.uniform(k);
  if (share === null) lines.push("let begin = 0u;", `let end = ${total};`);
  else {
    const part = words.uniform(share);
    lines.push(
      `let slice = item / ${words.uniform(blocks)};`,
      `let begin = slice * ${part};`,
      `let end = min(begin + ${part}, ${total});`,
    );
  }
  for (const r of rows) lines.push(`var sum${r}_0 = vec4f();`, `var sum${r}_1 = vec4f();`);
  const copyA = copy("A", kernel.a, rank, rank, rank + 1, m, place, words.whole.bind(words), lines);
  const copyB = copy("B", kernel.b, rank, rank + 1, rank, n, place, words.whole.bind(words), lines);
  lines.push(
    `for (var k = begin; k < end; k += ${STEPS}u) {`,
    ...copyA((index) => bindings.load(viewA, index)),
    ...copyB((index) => bindings.load(viewB, index)),
    "workgroupBarrier();",
    `for (var step = 0u; step < ${STEPS}u; step++) {`,
    `let atA = step * ${SHARED_BLOCK}u + local / 8u * 4u;`,
    `let atB = step * ${SHARED_BLOCK}u + local % 8u * 4u;`,
    ...[0, 1].map((q) =>
      `let right${q} = vec4f(${[0, 1, 2, 3].map((j) => `tileB[atB + ${32 * q + j}u]`).join(", ")});`
    ),
    ...rows.flatMap((r) => [
      `let left${r} = tileA[atA + ${Math.floor(r / 4) * 32 + r % 4}u];`,
      `sum${r}_0 += left${r} * right0;`,
      `sum${r}_1 += left${r} * right1;`,
    ]),
    "}",
    "workgroupBarrier();",
    "}",
  );
}

/** Statements that copy 16 steps of an operand: neighbouring invocations read along the axis that lies packed. */
function copy(
  name: "A" | "B",
  load: Load,
  rank: number,
  free: number,
  summed: number,
  count: number,
  place: TilePlace,
  whole: (value: number) => string,
  lines: string[],
): (text: (index: string) => string) => string[] {
  const terms = [whole(load.offset)];
  for (let d = 0; d < rank; d++) {
    if (load.strides[d] !== 0) terms.push(`${place.batch[d]} * ${whole(load.strides[d]!)}`);
  }
  lines.push(`let base${name} = ${terms.join(" + ")};`);
  const freeStep = whole(load.strides[free]!);
  const summedStep = whole(load.strides[summed]!);
  const limit = whole(count - 1);
  const alongSummed = load.strides[summed] === 1;
  return (text) => [
    `for (var part = local; part < ${STEPS * SHARED_BLOCK}u; part += ${THREADS}u) {`,
    ...(alongSummed
      ? [`let step = part % ${STEPS}u;`, `let at = part / ${STEPS}u;`]
      : [`let step = part / ${SHARED_BLOCK}u;`, `let at = part % ${SHARED_BLOCK}u;`]),
    "let inside = k + step < end;",
    `let index = base${name} + min(top${name} + at, ${limit}) * ${freeStep} + select(0u, k + step, inside) * ${summedStep};`,
    `tile${name}[step * ${SHARED_BLOCK}u + at] = select(0.0f, ${text("index")}, inside);`,
    "}",
  ];
}
