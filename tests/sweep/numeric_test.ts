import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { ValueError } from "../../core/errors.ts";
import { nextDown, roundHalfEven } from "../../core/sweep/numeric/floats.ts";
import { erf, logCdf, quantileOfLog, truncatedNormal } from "../../core/sweep/numeric/normal.ts";
import { argsort, argsortNumbers, sum } from "../../core/sweep/numeric/numpy_order.ts";
import { RandomState } from "../../core/sweep/numeric/random_state.ts";
import { symmetricEigen } from "../../core/sweep/numeric/symmetric_eigen.ts";
import { isSameFloat, optunaGolden } from "../support/optuna_golden.ts";

const [golden] = optunaGolden.numbers;

Deno.test("RandomState draws numpy's numbers in one stream", () => {
  for (const wanted of golden.streams) {
    const random = new RandomState(wanted.seed);
    deepStrictEqual(wanted.rand.map(() => random.rand()), wanted.rand);
    for (const value of wanted.randn) ok(isSameFloat(random.randn(), value));
    const ranges = [[0, 1], [0, 7], [1, 2 ** 16], [1, 2 ** 31 - 2], [0, 2 ** 32], [-5, 5]] as const;
    deepStrictEqual(ranges.map(([low, high]) => random.randint(low, high)), wanted.randint);
    deepStrictEqual(wanted.uniform.map((_, k) => random.uniform(-3, 10 ** k)), wanted.uniform);
    deepStrictEqual([...random.choice(12, [0.1, 0.2, 0.05, 0.6, 0.05])], wanted.choice);
  }
});

Deno.test("RandomState refuses a seed that numpy refuses, and takes none", () => {
  for (const seed of [-1, 0.5, 2 ** 32]) throws(() => new RandomState(seed), ValueError);
  ok(new RandomState().rand() !== new RandomState(null).rand());
});

Deno.test("argsort() orders equal numbers as numpy's default sort does", () => {
  for (const [values, wanted] of golden.sorts) deepStrictEqual([...argsortNumbers(values)], wanted);
});

Deno.test("argsort() sorts what defeats its choice of pivots", () => {
  const size = 4000;
  const values = new Array<number>(size).fill(0);
  for (let i = 1; i <= size / 2; i++) {
    if (i % 2 === 1) [values[i - 1], values[i]] = [i, size / 2 + i];
    values[size / 2 + i - 1] = 2 * i;
  }
  let compared = 0;
  const order = argsort(size, (i, j) => {
    compared++;
    return values[i]! < values[j]!;
  });
  deepStrictEqual(Array.from(order, (i) => values[i]), values.toSorted((a, b) => a - b));
  ok(compared < 40 * size * Math.log2(size), `${compared} comparisons`);
});

Deno.test("sum() adds in numpy's order, to the last bit", () => {
  for (const [values, wanted] of golden.sums) strictEqual(sum(values), wanted);
});

Deno.test("symmetricEigen() gives LAPACK's eigenvalues in its order and eigenvectors with its signs", () => {
  for (const [matrix, values, vectors] of golden.eigen) {
    const found = symmetricEigen(matrix);
    const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9;
    ok(found.values.every((value, i) => close(value, values[i]!)));
    ok(found.vectors.every((row, i) => row.every((value, j) => close(value, vectors[i]![j]!))));
  }
});

Deno.test("symmetricEigen() takes a matrix of 40 dimensions apart and together again", () => {
  const random = new RandomState(1);
  const n = 40;
  const half = Array.from({ length: n }, () => Array.from({ length: n }, () => random.randn()));
  const matrix = half.map((row, i) => row.map((value, j) => value + half[j]![i]!));
  const { values, vectors } = symmetricEigen(matrix);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const value = values.reduce((total, w, k) => total + w * vectors[i]![k]! * vectors[j]![k]!, 0);
      ok(Math.abs(value - matrix[i]![j]!) < 1e-12 * n);
    }
  }
});

Deno.test("erf(), logCdf() and quantileOfLog() equal scipy's far into the tails", () => {
  for (const [x, y] of golden.normal.erf) ok(Math.abs(erf(x) - y) <= 1e-15 * Math.abs(y), `erf(${x})`);
  for (const [x, y] of golden.normal.log_cdf) {
    ok(Math.abs(logCdf(x) - y) <= 1e-13 * Math.abs(y), `logCdf(${x})`);
  }
  for (const [x, y] of golden.normal.quantile) {
    ok(Math.abs(quantileOfLog(x) - y) <= 1e-11 * Math.abs(y), `quantileOfLog(${x})`);
  }
});

Deno.test("truncatedNormal() draws scipy's values", () => {
  for (const { seed, mean, sigma, value } of golden.truncated) {
    const drawn = truncatedNormal(new RandomState(seed), { mean, sigma, low: 0, high: 1 });
    ok(isSameFloat(drawn, value), `seed ${seed}: ${drawn} instead of ${value}`);
  }
});

Deno.test("roundHalfEven() and nextDown() round as numpy does", () => {
  deepStrictEqual([0.5, 1.5, 2.5, -1.5, -2.5, 2.4, 1e300].map(roundHalfEven), [0, 2, 2, -2, -2, 2, 1e300]);
  deepStrictEqual([1, -1, 0].map(nextDown), [1 - 2 ** -53, -1 - 2 ** -52, -Number.MIN_VALUE]);
});
