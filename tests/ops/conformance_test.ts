import assert from "node:assert/strict";
import * as ops from "../../core/ops/mod.ts";
import { assertEqualsTorch, OP_CASES, type OpCase } from "../support/op_cases.ts";
import { useReference } from "../support/reference_device.ts";
import { eachDevice } from "../support/tensors.ts";

/** What defines ops rather than being one. */
const DEFINING: readonly string[] = ["applyElementwise", "binary", "unary", "expr", "pairOf", "sigmoidOf"];

const BY_OP: ReadonlyMap<string, OpCase[]> = Map.groupBy(OP_CASES, (c) => c.op);

Deno.test("every exported op has a golden case", () => {
  const exported = Object.keys(ops).filter((name) => !DEFINING.includes(name));
  assert.deepEqual(exported.filter((name) => !BY_OP.has(name)), []);
});

Deno.test("every golden case names an exported op", () => {
  assert.deepEqual([...BY_OP.keys()].filter((name) => !(name in ops)), []);
});

for (const op of BY_OP.keys()) {
  eachDevice(`${op}() and its gradients equal torch`, async () => await assertEqualsTorch(BY_OP.get(op)!));
  Deno.test(`${op}() and its gradients equal torch [reference]`, async () => {
    useReference();
    await assertEqualsTorch(BY_OP.get(op)!);
  });
}
