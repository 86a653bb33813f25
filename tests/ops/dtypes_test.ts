import assert from "node:assert/strict";
import { FulgurError } from "../../core/errors.ts";
import * as losses from "../../core/losses/mod.ts";
import * as nn from "../../core/nn/mod.ts";
import * as ops from "../../core/ops/mod.ts";
import { isFloat } from "../../core/runtime/dtype.ts";
import { type DType, readAll, scope, Tensor, tensor } from "../../core/tensor/mod.ts";
import golden from "../golden/dtypes.json" with { type: "json" };
import { firstDifference } from "../support/assert_close.ts";
import { eachDevice, numbers } from "../support/tensors.ts";

interface Result {
  readonly dtype: DType | "whole";
  readonly values: readonly (number | string)[];
}

type Row = readonly [op: string, args: readonly unknown[], result: Result | null];

const ROWS = golden.rows as unknown as readonly Row[];
const INPUTS = golden.inputs as unknown as Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: Readonly<Record<DType, number[]>> }>
>;

/** Where Fulgur differs from torch on purpose, and why. */
const DIFFERENT: readonly { readonly rows: RegExp; readonly why: string }[] = [
  { rows: /^(matmul|linear|conv2d) (i32|u32|u8)(,(i32|u32|u8))*$/, why: "products are of floats alone" },
  { rows: /^hardtanh u8$/, why: "a limit below 0 is none for u8; torch takes it from 2.15 on" },
  { rows: /^(any|all) u8/, why: "torch's uint8 result is older than its bool" },
  {
    rows: /^gather f32,u8$|^nn\.Embedding u8$|^losses\.(nllLoss|crossEntropy) f\d+,u8$/,
    why: "u8 holds labels and indices as i32 does",
  },
  {
    rows: /^losses\.(huberLoss|binaryCrossEntropyWithLogits) (f16,f32|f32,f16)$/,
    why: "torch's dtype is what its formula happens to leave; here it is the promoted one",
  },
];

function describe([op, args]: Row): string {
  const dtypes: string[] = [];
  JSON.stringify(args, (key, value) => {
    if (key === "dtype") dtypes.push(value);
    return value;
  });
  return `${op} ${dtypes.join()}`;
}

function argument(arg: unknown): unknown {
  if (Array.isArray(arg)) return arg.map(argument);
  if (typeof arg !== "object" || arg === null) return arg;
  if (!("$" in arg)) return Object.fromEntries(Object.entries(arg).map(([k, v]) => [k, argument(v)]));
  const { $: role, dtype } = arg as { readonly $: string; readonly dtype: DType };
  const { shape, values } = INPUTS[role]!;
  return tensor(values[dtype], { shape, dtype });
}

function call([op, given]: Row): Tensor {
  const [space, name] = op.includes(".") ? op.split(".") as [string, string] : ["ops", op];
  const args = given.map(argument);
  if (space === "nn") {
    const Layer = nn[name as "Linear"];
    const layer = new Layer(args[0] as ConstructorParameters<typeof nn.Linear>[0]);
    for (const parameter of layer.parameters()) parameter.assign(parameter.mul(0).add(1));
    if (name.startsWith("BatchNorm") || name === "LayerNorm") layer.bias!.assign(layer.bias!.mul(0));
    return layer.forward(args[1] as Tensor);
  }
  const table = (space === "losses" ? losses : ops) as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  const made = table[name]!(...args);
  return made instanceof Tensor ? made : (made as ops.Standardised).value;
}

interface Recorded {
  readonly label: string;
  readonly actual: Tensor;
  readonly expected: Result;
}

/** Records a row, or says how it differs from torch. */
function record(row: Row): Recorded | string | null {
  const label = describe(row);
  const expected = row[2];
  if (DIFFERENT.some(({ rows }) => rows.test(label))) return null;
  try {
    const actual = call(row);
    return expected === null
      ? `${label}: gives ${actual.dtype}, torch refuses it`
      : { label, actual, expected };
  } catch (error) {
    if (!(error instanceof FulgurError)) return `${label}: ${error}`;
    return expected === null ? null : `${label}: torch gives ${expected.dtype}, refused: ${error.what}`;
  }
}

async function differences(rows: readonly Row[]): Promise<string[]> {
  const made = scope(() => rows.map(record));
  const found = made.filter((m) => typeof m === "string");
  const recorded = made.filter((m) => typeof m === "object" && m !== null);
  const values = await readAll(recorded.map((r) => r.actual));
  for (const [i, { label, actual, expected }] of recorded.entries()) {
    const fits = expected.dtype === "whole"
      ? actual.dtype === "i32" || actual.dtype === "u32"
      : actual.dtype === expected.dtype;
    if (!fits) found.push(`${label}: ${actual.dtype}, torch gives ${expected.dtype}`);
    const data = values[i]!;
    const list = typeof data === "number" ? [data] : data;
    const wanted = numbers(expected.values).map((v) => actual.dtype === "u32" && v < 0 ? v + 2 ** 32 : v);
    const tolerance = isFloat(actual.dtype) && label.includes("f16") ? "f16" : actual.dtype;
    const problem = firstDifference(list, wanted, tolerance, label, 8);
    if (fits && problem !== null) found.push(problem);
    actual.dispose();
  }
  return found;
}

/** Ops that move elements of any dtype, and what defines ops rather than being one. */
const NO_RULE =
  /^(expand|expandTo|flatten|narrow|permute|reshape|select|slice|squeeze|stack|sumTo|transpose|unsqueeze|oneHot|applyElementwise|binary|unary|expr|pairOf|sigmoidOf)$/;

Deno.test("every exported op that computes has rows in the table of dtypes", () => {
  const known = new Set(ROWS.map(([op]) => op));
  assert.deepEqual(Object.keys(ops).filter((op) => !known.has(op) && !NO_RULE.test(op)), []);
});

/** Rows computed together: few submits. */
const GROUP = 24;

for (const [op, rows] of Map.groupBy(ROWS, ([op]) => op)) {
  eachDevice(`${op} of every dtype gives torch's dtype and values, or refuses it as torch does`, async () => {
    const found: string[] = [];
    for (let i = 0; i < rows.length; i += GROUP) found.push(...await differences(rows.slice(i, i + GROUP)));
    assert.equal(found.join("\n"), "");
  });
}
