import assert from "node:assert/strict";
import fc from "npm:fast-check@^4.10.0";
import { flip, pad, permute, slice, sum } from "../../core/ops/mod.ts";
import { type Tensor, tensor } from "../../core/tensor/mod.ts";
import { useReference } from "../support/reference_device.ts";

const SEED = { seed: 20260101, numRuns: 60 };

/** A tensor counted up from 1, beside a function that gives its element at coordinates. */
interface Model {
  readonly x: Tensor;
  readonly at: (i: readonly number[]) => number;
}

function counted(shape: readonly number[]): Model {
  const size = shape.reduce((a, b) => a * b, 1);
  const x = tensor(Array.from({ length: size }, (_, i) => i + 1), { shape });
  return { x, at: (i) => 1 + i.reduce((flat, v, d) => flat * shape[d]! + v, 0) };
}

const MOVES: readonly ((m: Model) => Model)[] = [
  ({ x, at }) => ({ x: permute(x, [2, 0, 1]), at: ([a, b, c]) => at([b!, c!, a!]) }),
  ({ x, at }) => ({ x: flip(x, [1]), at: ([a, b, c]) => at([a!, x.shape[1]! - 1 - b!, c!]) }),
  ({ x, at }) => ({ x: slice(x, { dim: 2, step: 2 }), at: ([a, b, c]) => at([a!, b!, 2 * c!]) }),
  ({ x, at }) => ({
    x: pad(x, { pad: [1, 2] }),
    at: ([a, b, c]) => c! >= 1 && c! <= x.shape[2]! ? at([a!, b!, c! - 1]) : 0,
  }),
  ({ x, at }) => ({ x: x.mul(2).add(1), at: (i) => 2 * at(i) + 1 }),
  ({ x, at }) => ({
    x: x.add(sum(x, { dim: 1, keepdim: true })),
    at: ([a, b, c]) => {
      let total = at([a!, b!, c!]);
      for (let j = 0; j < x.shape[1]!; j++) total += at([a!, j, c!]);
      return total;
    },
  }),
];

function elements({ x, at }: Model): number[] {
  const [p, q, r] = x.shape as [number, number, number];
  const list: number[] = [];
  for (let a = 0; a < p; a++) {
    for (let b = 0; b < q; b++) for (let c = 0; c < r; c++) list.push(at([a, b, c]));
  }
  return list;
}

Deno.test("random graphs of views, elementwise ops and reductions equal a naive evaluation", async () => {
  useReference();
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
  );
  const steps = fc.array(fc.integer({ min: 0, max: MOVES.length - 1 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(sizes, steps, async (shape, chosen) => {
      const model = chosen.reduce((m, step) => MOVES[step]!(m), counted(shape));
      assert.deepEqual([...await model.x.data()], elements(model));
    }),
    SEED,
  );
});

Deno.test("permute() by an order and then by its inverse gives the tensor back", async () => {
  useReference();
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), async (order) => {
      const { x } = counted([2, 3, 4]);
      const back = permute(permute(x, order).mul(1), order.map((_, d) => order.indexOf(d)));
      assert.deepEqual([...await back.data()], [...await x.data()]);
    }),
    SEED,
  );
});
