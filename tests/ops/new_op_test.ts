import assert from "node:assert/strict";
import { abs, add, div, type Expr, input, mul } from "../../core/compiler/expr.ts";
import { derive } from "../../core/compiler/derive.ts";
import { evaluate } from "../../core/compiler/evaluate.ts";
import type { Kernel } from "../../core/compiler/kernel.ts";
import { lowerCpu } from "../../core/compiler/wasm/lower.ts";
import { lowerGpu } from "../../core/compiler/wgsl/lower.ts";
import { unary, type UnaryOp } from "../../core/ops/mod.ts";
import { tensor } from "../../core/tensor/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { eachDevice } from "../support/tensors.ts";

/** The whole definition of a new op: everything below follows from this entry. */
const squash: UnaryOp = unary("squash", (x) => div(x, add(1, abs(x))), { result: "float" });

const POINTS = [-3, -0.5, 0, 0.25, 2, 100];
const VALUES = POINTS.map((x) => x / (1 + Math.abs(x)));
const SLOPES = POINTS.map((x) => 1 / (1 + Math.abs(x)) ** 2);

/** The expression that the op records for an f32 operand. */
function exprOf(op: UnaryOp): Expr {
  const recorded = op(tensor([1])).node.op;
  assert.ok(recorded.kind === "elementwise");
  return recorded.expr;
}

const KERNEL: Kernel = {
  kind: "map",
  label: "squash",
  space: [64],
  loads: [{ slot: 0, dtype: "f32", strides: [1], offset: 0, mask: null, indirect: null }],
  stores: [{ slot: 1, dtype: "f32", strides: [1], offset: 0, value: exprOf(squash) }],
};

eachDevice("a new op from one expression computes its formula", async () => {
  assertClose(await squash(tensor(POINTS)).data(), VALUES, "f32", "squash");
});

eachDevice("a new op from one expression has the gradient of its formula", async () => {
  const x = tensor(POINTS, { requiresGrad: true });
  squash(x).sum().backward();
  assertClose(await x.grad!.data(), SLOPES, "f32", "squash gradient");
});

Deno.test("ops of one name do not mix: made twice, or called as one of the library's", async () => {
  const times = (factor: number): UnaryOp => unary("abs", (x) => mul(x, factor));
  const [twice, thrice, x] = [times(2), times(3), tensor([-1, 4])];
  const all = await Promise.all([twice(x), thrice(x), x.abs()].map((y) => y.data()));
  assert.deepEqual(all.map((data) => [...data]), [[-2, 8], [-3, 12], [1, 4]]);
});

Deno.test("a new op from one expression keeps shapes, also of 0-d, empty and transposed tensors", () => {
  assert.deepEqual(squash(tensor(1)).shape, []);
  assert.deepEqual([...squash(tensor([], { shape: [0, 3] })).shape], [0, 3]);
  assert.deepEqual([...squash(tensor([[1, 2, 3]]).transpose(0, 1)).shape], [3, 1]);
});

Deno.test("a new op from one expression keeps float dtypes and gives f32 for whole numbers", () => {
  assert.equal(squash(tensor([1], { dtype: "f16" })).dtype, "f16");
  assert.equal(squash(tensor([1], { dtype: "i32" })).dtype, "f32");
  assert.equal(squash(tensor([true])).dtype, "f32");
});

Deno.test("a new op from one expression becomes WGSL text", () => {
  const launches = lowerGpu(KERNEL, { software: true, maxBuffers: 8, f16: true });
  assert.equal(launches.length, 1);
  assert.match(JSON.stringify(launches[0]), /abs\(/);
});

Deno.test("a new op from one expression becomes WebAssembly bytes", () => {
  const launches = lowerCpu(KERNEL, { fusedMultiplyAdd: false, blas: false });
  assert.equal(launches.length, 1);
  const [launch] = launches;
  assert.ok(launch?.kind === "wasm" && WebAssembly.validate(launch.module));
});

Deno.test("a derived gradient equals the finite difference of the expression in double precision", () => {
  const value = exprOf(squash);
  const slope = derive(value, 1, input(1))[0]!;
  for (const at of [-3, -0.5, 0.25, 2, 100]) {
    const f = (v: number): number => evaluate(value, () => v);
    const difference = (f(at + 1e-6) - f(at - 1e-6)) / 2e-6;
    const derived = evaluate(slope, (leaf) => leaf.value === 0 ? at : 1);
    assert.ok(Math.abs(derived - difference) < 1e-8, `at ${at}: ${derived} against ${difference}`);
  }
});
