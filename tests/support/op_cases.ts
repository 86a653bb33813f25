import assert from "node:assert/strict";
import * as ops from "../../core/ops/mod.ts";
import { type DType, readAll, scope, type Shape, type Tensor, tensor } from "../../core/tensor/mod.ts";
import golden from "../golden/ops.json" with { type: "json" };
import { firstDifference } from "./assert_close.ts";
import { numbers } from "./tensors.ts";

/** Values as `make_ops.py` writes them. */
interface GoldenValues {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly values: readonly (number | string)[];
}

type ViewCall = readonly [name: string, ...args: readonly unknown[]];

interface GoldenInput extends GoldenValues {
  readonly views?: readonly ViewCall[];
  readonly fixed?: boolean;
}

/** One case of `ops.json`: an op, what it is given, and what torch makes of it. */
export interface OpCase {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly GoldenInput[];
  readonly args: readonly unknown[];
  readonly result: GoldenValues;
  readonly terms: number;
  readonly grads?: readonly (GoldenValues | null)[];
}

/** Every golden case. */
export const OP_CASES: readonly OpCase[] = golden as unknown as readonly OpCase[];

/** What an op made of a case, to be read and compared. */
export interface Outcome {
  readonly label: string;
  readonly actual: Tensor;
  readonly expected: GoldenValues;
  readonly terms: number;
}

const FUNCTIONS = ops as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** Records a case: its result and gradients beside what torch gives. */
export function record(c: OpCase): Outcome[] {
  const leaves = c.inputs.map((input) => {
    const leaf = tensor(numbers(input.values), { shape: input.shape, dtype: input.dtype });
    const differentiable = (input.dtype === "f32" || input.dtype === "f16") && input.fixed !== true;
    return differentiable ? leaf.requiresGrad_() : leaf;
  });
  const seen = leaves.map((leaf, i) => (c.inputs[i]!.views ?? []).reduce(seeThrough, leaf));
  const made = FUNCTIONS[c.op]!(...c.args.map((arg) => resolve(arg, seen)));
  const result = c.op === "standardise" ? (made as ops.Standardised).value : made as Tensor;
  const label = `${c.op} ${c.name}`;
  const outcomes: Outcome[] = [{ label, actual: result, expected: c.result, terms: c.terms }];
  if (c.grads === undefined) return outcomes;
  result.backward(gradientPattern(result.shape, result.dtype));
  for (const [i, expected] of c.grads.entries()) {
    const actual = leaves[i]!.grad;
    if (expected === null || actual === null) {
      if (expected === null && actual === null) continue;
      if (expected === null) {
        throw new TypeError(`${label}: input ${i} gets a gradient, in torch it has none`);
      }
      throw new TypeError(`${label}: input ${i} has no gradient`);
    }
    outcomes.push({ label: `${label}, gradient of input ${i}`, actual, expected, terms: c.terms });
  }
  return outcomes;
}

/** The result's gradient in every case: uneven, exact in f16, never 0. */
function gradientPattern(shape: Shape, dtype: DType): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(Array.from({ length: size }, (_, i) => ((7 * i % 11) - 5.5) / 4), { shape, dtype });
}

function seeThrough(x: Tensor, [name, ...args]: ViewCall): Tensor {
  return FUNCTIONS[name]!(x, ...args) as Tensor;
}

/** Puts tensors in the place of `{"$": i}`, and infinities in the place of their names. */
function resolve(arg: unknown, inputs: readonly Tensor[]): unknown {
  if (arg === "inf" || arg === "-inf" || arg === "nan" || arg === "-0") return numbers([arg])[0];
  if (Array.isArray(arg)) return arg.map((part) => resolve(part, inputs));
  if (typeof arg !== "object" || arg === null) return arg;
  if ("$" in arg) return inputs[(arg as { readonly $: number }).$]!;
  return Object.fromEntries(Object.entries(arg).map(([key, value]) => [key, resolve(value, inputs)]));
}

/** Cases computed together: few submits, and yet kernels that a failure still points to. */
const GROUP = 12;

/** Runs cases as one step and lists what differs from torch. */
async function differences(cases: readonly OpCase[]): Promise<string[]> {
  const outcomes = scope(() => cases.flatMap(record));
  const values = await readAll(outcomes.map((o) => o.actual));
  const found = outcomes.map(({ label, actual, expected, terms }, i) => {
    if (actual.shape.join() !== expected.shape.join()) {
      return `${label}: shape [${actual.shape}] instead of [${expected.shape}]`;
    }
    if (actual.dtype !== expected.dtype) return `${label}: ${actual.dtype} instead of ${expected.dtype}`;
    const data = values[i]!;
    const list = typeof data === "number" ? [data] : data;
    return firstDifference(list, numbers(expected.values), expected.dtype, label, terms);
  });
  for (const { actual } of outcomes) actual.dispose();
  return found.filter((problem) => problem !== null);
}

/** Compares results and gradients of cases with torch's. */
export async function assertEqualsTorch(cases: readonly OpCase[]): Promise<void> {
  const found: string[] = [];
  for (let i = 0; i < cases.length; i += GROUP) found.push(...await differences(cases.slice(i, i + GROUP)));
  assert.equal(found.join("\n"), "");
}
