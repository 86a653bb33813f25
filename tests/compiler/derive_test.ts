import assert from "node:assert/strict";
import { derive } from "../../core/compiler/derive.ts";
import { evaluate } from "../../core/compiler/evaluate.ts";
import * as e from "../../core/compiler/expr.ts";

const x = e.input(0);
const y = e.input(1);
const g = e.input(2);

/** Scalar expressions with points where they are smooth. */
const SMOOTH: readonly {
  readonly name: string;
  readonly value: e.Expr;
  readonly at: readonly [number, number][];
}[] = [
  { name: "neg", value: e.neg(x), at: [[0.3, 0]] },
  { name: "abs", value: e.abs(x), at: [[0.3, 0], [-2, 0]] },
  { name: "sqrt", value: e.sqrt(x), at: [[0.3, 0], [40, 0]] },
  { name: "exp", value: e.exp(x), at: [[-3, 0], [2, 0]] },
  { name: "exp2", value: e.exp2(x), at: [[-3, 0], [2, 0]] },
  { name: "expm1", value: e.expm1(x), at: [[-3, 0], [1e-3, 0]] },
  { name: "log", value: e.log(x), at: [[0.2, 0], [30, 0]] },
  { name: "log2", value: e.log2(x), at: [[0.2, 0], [30, 0]] },
  { name: "log1p", value: e.log1p(x), at: [[-0.5, 0], [30, 0]] },
  { name: "sin", value: e.sin(x), at: [[0.7, 0], [-4, 0]] },
  { name: "cos", value: e.cos(x), at: [[0.7, 0], [-4, 0]] },
  { name: "tanh", value: e.tanh(x), at: [[0.7, 0], [-2, 0]] },
  { name: "erf", value: e.erf(x), at: [[0.7, 0], [-2, 0]] },
  { name: "erfinv", value: e.erfinv(x), at: [[0.7, 0], [-0.2, 0]] },
  { name: "asin", value: e.asin(x), at: [[0.7, 0], [-0.2, 0]] },
  { name: "atan", value: e.atan(x), at: [[0.7, 0], [-9, 0]] },
  { name: "add", value: e.add(x, y), at: [[1, 2]] },
  { name: "sub", value: e.sub(x, y), at: [[1, 2]] },
  { name: "mul", value: e.mul(x, y), at: [[3, -2]] },
  { name: "div", value: e.div(x, y), at: [[3, -2]] },
  { name: "max", value: e.max(x, y), at: [[3, -2], [-3, 2]] },
  { name: "min", value: e.min(x, y), at: [[3, -2], [-3, 2]] },
  { name: "pow", value: e.pow(x, y), at: [[1.7, -2.5], [0.3, 4]] },
  { name: "atan2", value: e.atan2(x, y), at: [[1.7, -2.5], [-0.3, 4]] },
  { name: "fma", value: e.fma(x, y, e.sin(x)), at: [[1.7, -2.5]] },
  { name: "select", value: e.select(e.lt(x, y), e.mul(x, x), e.exp(y)), at: [[1, 2], [2, 1]] },
];

for (const { name, value, at } of SMOOTH) {
  Deno.test(`derive() of ${name} equals finite differences`, () => {
    const gradients = derive(value, 2, g);
    for (const point of at) {
      for (const [i, gradient] of gradients.entries()) {
        const f = (t: number): number => evaluate(value, (leaf) => leaf.value === i ? t : point[leaf.value]!);
        const h = 1e-5 * Math.max(1, Math.abs(point[i]!));
        const slope = (f(point[i]! + h) - f(point[i]! - h)) / (2 * h);
        const own = gradient === null
          ? 0
          : evaluate(gradient, (leaf) => leaf.value === 2 ? 1 : point[leaf.value]!);
        assert.ok(
          Math.abs(own - slope) <= 2e-6 * Math.max(1, Math.abs(slope)),
          `${name} by ${i}: ${own}, ${slope}`,
        );
      }
    }
  });
}

Deno.test("derive() keeps an infinite slope on the side that select does not take out of the gradient", () => {
  const value = e.select(e.lt(0, x), e.mul(x, e.log(x)), 0);
  const [gradient] = derive(value, 1, g);
  assert.equal(evaluate(gradient!, (leaf) => leaf.value === 2 ? 1 : 0), 0);
  const elu = e.select(e.lt(0, x), x, e.mul(e.expm1(x), e.select(e.lt(x, 0), 1, 0)));
  assert.equal(evaluate(derive(elu, 1, g)[0]!, (leaf) => leaf.value === 2 ? 1 : 3), 1);
});
