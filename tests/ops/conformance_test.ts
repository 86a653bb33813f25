import assert from "node:assert/strict";
import * as ops from "../../core/ops/mod.ts";
import { readAll, scope } from "../../core/tensor/mod.ts";
import { firstDifference } from "../support/assert_close.ts";
import { OP_CASES, type OpCase, record } from "../support/op_cases.ts";
import { useReference } from "../support/reference_device.ts";
import { eachDevice, numbers } from "../support/tensors.ts";

/** What defines ops rather than being one. */
const DEFINING: readonly string[] = ["applyElementwise", "binary", "unary", "expr", "pairOf", "sigmoidOf"];

/** Cases computed together: few submits, and yet kernels that a failure still points to. */
const GROUP = 12;

const BY_OP: ReadonlyMap<string, OpCase[]> = Map.groupBy(OP_CASES, (c) => c.op);

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

async function checkOp(op: string): Promise<void> {
  const cases = BY_OP.get(op)!;
  const found: string[] = [];
  for (let i = 0; i < cases.length; i += GROUP) found.push(...await differences(cases.slice(i, i + GROUP)));
  assert.equal(found.join("\n"), "");
}

Deno.test("every exported op has a golden case", () => {
  const exported = Object.keys(ops).filter((name) => !DEFINING.includes(name));
  assert.deepEqual(exported.filter((name) => !BY_OP.has(name)), []);
});

Deno.test("every golden case names an exported op", () => {
  assert.deepEqual([...BY_OP.keys()].filter((name) => !(name in ops)), []);
});

for (const op of BY_OP.keys()) {
  eachDevice(`${op}() and its gradients equal torch`, async () => await checkOp(op));
  Deno.test(`${op}() and its gradients equal torch [reference]`, async () => {
    useReference();
    await checkOp(op);
  });
}
