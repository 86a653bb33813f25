import assert from "node:assert/strict";
import { DTypeError } from "../../core/errors.ts";
import { evaluate } from "../../core/compiler/evaluate.ts";
import * as e from "../../core/compiler/expr.ts";
import { applyElementwise } from "../../core/ops/mod.ts";
import { tensor } from "../../core/tensor/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { eachDevice } from "../support/tensors.ts";

type Build = (...xs: e.Operand[]) => e.Expr;

/** Every operation that a formula may use, by its number of operands. */
const OPERATIONS: Readonly<Record<1 | 2 | 3, readonly Build[]>> = {
  1: [
    ...[e.neg, e.abs, e.floor, e.ceil, e.trunc, e.rint, e.sqrt, e.exp, e.log, e.sin, e.cos, e.exp2, e.expm1],
    ...[e.log1p, e.log2, e.tanh, e.erf, e.erfinv, e.asin, e.atan, e.not, e.square],
    ...(["f32", "i32", "u32", "bool"] as const).map((type) => (x: e.Operand) => e.cast(x, type)),
    (x) => e.isNaN(x as e.Expr),
  ],
  2: [
    ...[e.add, e.sub, e.mul, e.div, e.rem, e.min, e.max, e.pow, e.atan2, e.and, e.or, e.xor, e.shl, e.shr],
    ...[e.lt, e.le, e.eq, e.gt, e.ge, e.ne],
    (x, y) => e.select(e.eq(x, y), x, y),
  ],
  3: [e.fma],
};

/** Operands of each type, inside the domain of every operation. */
const VALUES = {
  f32: [[0.5, 0.25, 0.75], [0.25, 0.5, 0.75], [1, 2, 3]],
  i32: [[5, -3, 7], [2, 3, 7], [1, 2, 3]],
  u32: [[5, 3, 7], [2, 3, 7], [1, 2, 3]],
  bool: [[1, 0, 1], [0, 1, 1], [1, 1, 0]],
} as const;

const TYPES = ["f32", "i32", "u32", "bool"] as const;

/** The expression, or `null` where it is refused. */
function built(build: Build, type: e.ScalarType, count: number): e.Expr | null {
  try {
    return build(...Array.from({ length: count }, (_, i) => e.input(i, type)));
  } catch (error) {
    if (error instanceof DTypeError) return null;
    throw error;
  }
}

eachDevice("whatever an expression may be made of is computed, in every type that it takes", async () => {
  let computed = 0;
  let refused = 0;
  for (const count of [1, 2, 3] as const) {
    for (const build of OPERATIONS[count]) {
      for (const type of TYPES) {
        const expr = built(build, type, count);
        if (expr === null) {
          refused++;
          continue;
        }
        const operands = VALUES[type].slice(0, count);
        const wanted = operands[0]!.map((_, i) => evaluate(expr, (leaf) => operands[leaf.value]![i]!));
        const label = `${expr.op} of ${type}`;
        const tensors = operands.map((values) => tensor([...values], { dtype: type }));
        const result = applyElementwise(`test.${expr.id}`, () => expr, tensors, { result: expr.type });
        assertClose(await result.data(), wanted, expr.type, label, 4);
        computed++;
      }
    }
  }
  assert.ok(computed > 80 && refused > 50, `${computed} computed, ${refused} refused`);
});

Deno.test("an expression of types that no device computes is refused", () => {
  assert.throws(() => e.exp(e.input(0, "i32")), {
    name: "DTypeError",
    message:
      "exp of values of type i32\n  where: expr.exp\n  fix: it takes values of type f32: convert with expr.cast",
  });
  assert.throws(() => e.add(e.input(0, "f32"), e.input(1, "i32")), {
    name: "DTypeError",
    message: "add of values of type f32 and i32\n  where: expr.add\n" +
      "  fix: it takes values of type f32, i32, u32: convert with expr.cast",
  });
  assert.throws(() => e.select(e.input(0), 1, 0), {
    name: "DTypeError",
    message: "select of values of type f32 and f32 and f32\n  where: expr.select\n" +
      "  fix: it takes a bool and two values of one type: convert with expr.cast",
  });
});
