import assert from "node:assert/strict";
import * as ops from "../../core/ops/mod.ts";
import { readAll, scope, type Tensor, tensor } from "../../core/tensor/mod.ts";
import golden from "../golden/special.json" with { type: "json" };
import { TOLERANCES } from "../support/assert_close.ts";
import { eachDevice, numbers } from "../support/tensors.ts";

type Written = readonly (number | string)[];

interface Case {
  readonly op: string;
  readonly args?: readonly unknown[];
  /** How many of the rows a reduction takes. */
  readonly rows?: number;
  readonly values: Written;
  readonly grads?: readonly (Written | null)[];
}

const FUNCTIONS = ops as unknown as Readonly<Record<string, (...args: unknown[]) => Tensor>>;
const POINTS = numbers(golden.points);
const PAIRS = golden.pairs.map(numbers);

/** Whether a value equals another, or lies within the tolerance of f32 beside finite ones. */
function agrees(actual: number, wanted: number): boolean {
  if (actual === wanted || (actual !== actual && wanted !== wanted)) return true;
  const { relative, absolute } = TOLERANCES.f32;
  return Number.isFinite(wanted) && Math.abs(actual - wanted) <= absolute + relative * Math.abs(wanted);
}

/** Compares tensors with lists, all read together, and lists what differs. */
async function differences(
  checks: readonly { readonly label: string; readonly actual: Tensor; readonly wanted: readonly number[] }[],
  at: (i: number) => string,
  skipped: (i: number) => boolean = () => false,
): Promise<string[]> {
  const read = await readAll(checks.map(({ actual }) => actual));
  return checks.flatMap(({ label, actual, wanted }, c) => {
    actual.dispose();
    const values = Array.from(read[c] as ArrayLike<number>);
    assert.equal(values.length, wanted.length, label);
    return values.flatMap((v, i) =>
      skipped(i) || agrees(v, wanted[i]!) ? [] : [`${label} at ${at(i)}: ${v}, not ${wanted[i]}`]
    );
  });
}

const round = Math.fround;

/** What follows an op in its kernel, and the same in single precision. */
const AFTER: readonly (readonly [string, (y: Tensor) => Tensor, (y: number) => number])[] = [
  ["· 1 + 0", (y) => y.mul(1).add(0), (y) => y],
  ["· 0", (y) => y.mul(0), (y) => y * 0],
  ["- itself", (y) => y.sub(y), (y) => y - y],
  ["/ itself", (y) => y.div(y), (y) => y / y],
  ["+ 1 - itself", (y) => y.add(1).sub(y), (y) => round(round(y + 1) - y)],
  ["+ 1 - 1", (y) => y.add(1).sub(1), (y) => round(round(y + 1) - 1)],
  ["as the sum of itself", (y) => ops.sum(y.reshape([-1, 1]), { dim: 1 }), (y) => y],
  ["as its own maximum", (y) => ops.max(y.reshape([-1, 1]), { dim: 1 }), (y) => y],
  ["as its own mean", (y) => ops.mean(y.reshape([-1, 1]), { dim: 1 }), (y) => y],
];

async function check(c: Case, columns: readonly number[][], at: (i: number) => string): Promise<void> {
  const checks = scope(() => {
    const leaves = columns.map((column) => tensor(column).requiresGrad_());
    const compute = () => FUNCTIONS[c.op]!(...leaves, ...(c.args ?? []));
    const y = compute();
    const found = [{ label: c.op, actual: y, wanted: numbers(c.values) }];
    if (c.grads !== undefined) {
      y.backward(tensor(columns[0]!.map(() => 1)));
      for (const [i, wanted] of c.grads.entries()) {
        const actual = leaves[i]!.grad;
        if (wanted !== null && actual !== null) {
          found.push({ label: `gradient ${i} of ${c.op}`, actual, wanted: numbers(wanted) });
        }
      }
    }
    return found;
  });
  const skipped = await subnormals(columns);
  const found = await differences(checks, at, skipped);
  if (checks[0]!.actual.dtype === "f32") found.push(...await fused(c, columns, at, skipped));
  assert.equal(found.join("\n"), "");
}

/** Which elements have an operand below the normal numbers, on a device that takes such for 0. */
async function subnormals(columns: readonly number[][]): Promise<(i: number) => boolean> {
  const [tiny] = await tensor([1e-40]).mul(2).data();
  return (i) => tiny === 0 && columns.some((c) => c[i] !== 0 && Math.abs(c[i]!) < 2 ** -126);
}

/** Whatever follows in the same kernel must see the op's own values, rounded step by step. */
async function fused(
  c: Case,
  columns: readonly number[][],
  at: (i: number) => string,
  skipped: (i: number) => boolean,
): Promise<string[]> {
  const compute = () => FUNCTIONS[c.op]!(...columns.map((column) => tensor(column)), ...(c.args ?? []));
  const plain = scope(compute);
  const values = Array.from(await plain.data() as ArrayLike<number>);
  plain.dispose();
  const checks = AFTER.map(([label, f, then]) => ({
    label: `${c.op} ${label}`,
    actual: scope(() => f(compute())),
    wanted: values.map(then),
  }));
  return await differences(checks, at, skipped);
}

for (const c of golden.unary as readonly Case[]) {
  const options = Object.entries(c.args![0] ?? {}).map(([k, v]) => ` ${k}=${v}`).join("");
  eachDevice(`${c.op}()${options} of special values equals torch, alone and fused`, async () => {
    await check(c, [POINTS], (i) => String(POINTS[i]));
  });
}

for (const c of golden.binary as readonly Case[]) {
  eachDevice(`${c.op}() of pairs of special values equals torch, alone and fused`, async () => {
    await check(c, [0, 1].map((side) => PAIRS.map((pair) => pair[side]!)), (i) => PAIRS[i]!.join());
  });
}

const CONSTANTS = [0, -0, Infinity, -Infinity, NaN, 1e-40, -2];

for (const { op } of golden.binary as readonly Case[]) {
  eachDevice(`${op}() of special values and special numbers equals that of tensors`, async () => {
    const compute = (f: (x: Tensor, c: number) => Tensor) =>
      scope(() => CONSTANTS.map((c) => f(tensor(POINTS), c).to("f32")));
    const filled = (c: number) => tensor(POINTS.map(() => c));
    const pairs = [
      [compute((x, c) => FUNCTIONS[op]!(x, c)), compute((x, c) => FUNCTIONS[op]!(x, filled(c)))],
      [compute((x, c) => FUNCTIONS[op]!(c, x)), compute((x, c) => FUNCTIONS[op]!(filled(c), x))],
    ] as const;
    for (const [actual, expected] of pairs) {
      const checks = await Promise.all(actual.map(async (y, k) => ({
        label: `${op} with ${CONSTANTS[k]}`,
        actual: y,
        wanted: [...await expected[k]!.data()] as number[],
      })));
      expected.forEach((y) => y.dispose());
      const skipped = await subnormals([POINTS]);
      assert.equal((await differences(checks, (i) => String(POINTS[i]), skipped)).join("\n"), "");
    }
  });
}

const ROWS = golden.rows.map(numbers);

for (const c of golden.reduce as readonly Case[]) {
  eachDevice(`${c.op}() of rows with special values equals torch`, async () => {
    const taken = ROWS.slice(0, c.rows);
    const checks = scope(() => {
      const rows = tensor(taken).requiresGrad_();
      const y = FUNCTIONS[c.op]!(rows, { dim: 1 });
      const found = [{ label: c.op, actual: y, wanted: numbers(c.values) }];
      if (c.grads !== undefined) {
        y.backward(tensor(c.values.map(() => 1), { shape: y.shape, dtype: "f32" }));
        found.push({ label: `gradient of ${c.op}`, actual: rows.grad!, wanted: numbers(c.grads[0]!) });
      }
      return found;
    });
    const found = await differences(checks, (i) => `${i} of [${taken.join("; ")}]`);
    assert.equal(found.join("\n"), "");
  });
}

eachDevice("matmul() and conv2d() with special values equal torch", async () => {
  const { products } = golden;
  const weights = tensor(numbers(products.weights), { shape: [3, 2] });
  const taps = tensor(numbers(products.taps), { shape: [2, 1, 1, 2] });
  const images = tensor(ROWS.slice(0, -1).flat(), { shape: [ROWS.length - 1, 1, 1, 3] });
  const checks = scope(() => [
    { label: "matmul", actual: ops.matmul(tensor(ROWS), weights), wanted: numbers(products.matmul) },
    { label: "conv2d", actual: ops.conv2d(images, taps), wanted: numbers(products.conv2d) },
  ]);
  assert.equal((await differences(checks, String)).join("\n"), "");
});

for (const dtype of ["f16", "bool"] as const) {
  eachDevice(`cast() of special values to ${dtype} equals torch`, async () => {
    const actual = scope(() => ops.cast(tensor(POINTS), dtype));
    const checks = [{ label: dtype, actual, wanted: numbers(golden.casts[dtype]) }];
    assert.equal((await differences(checks, (i) => String(POINTS[i]))).join("\n"), "");
  });
}

eachDevice("variance() of one element has the gradient NaN", async () => {
  const x = tensor([3], { requiresGrad: true });
  ops.variance(x).backward();
  assert.deepEqual([...await x.grad!.data()], numbers(golden.varianceOfOne));
});
