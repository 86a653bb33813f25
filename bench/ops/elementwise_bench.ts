import { acc, add, div, exp, type Expr, input, mul, sub, tanh } from "../../core/compiler/expr.ts";
import type { Accumulator } from "../../core/compiler/kernel.ts";
import { benchThroughput, f32, type Throughput } from "./throughput.ts";

const COUNT = 4096 * 1024;
const x = input(0);

function map(
  name: string,
  value: Expr,
  space: readonly number[] = [COUNT],
  from: readonly number[] = [1],
): Throughput {
  const strides = space.map((_, d) => space.slice(d + 1).reduce((a, b) => a * b, 1));
  return {
    name,
    kernel: {
      kind: "map",
      label: "bench",
      space,
      loads: [f32(0, from)],
      stores: [{ ...f32(1, strides), value }],
    },
    elements: [COUNT, COUNT],
    work: 8 * space.reduce((a, b) => a * b, 1),
    unit: "GB/s",
  };
}

function sum(
  name: string,
  kept: readonly number[],
  reduced: readonly number[],
  from: readonly number[],
): Throughput {
  return {
    name,
    kernel: {
      kind: "reduce",
      label: "bench",
      kept,
      reduced,
      loads: [f32(0, from)],
      phases: [[{ combine: "sum", value: x }]],
      stores: [{ ...f32(1, kept.map(() => 1)), value: acc(0) }],
      elementStores: [],
    },
    elements: [COUNT, COUNT],
    work: 4 * COUNT,
    unit: "GB/s",
  };
}

function softmax(rows: number, columns: number): Throughput {
  const shifted = exp(sub(x, acc(0)));
  const phases: Accumulator[][] = [[{ combine: "max", value: x }], [{ combine: "sum", value: shifted }]];
  return {
    name: `softmax [${rows}, ${columns}]`,
    kernel: {
      kind: "reduce",
      label: "bench",
      kept: [rows],
      reduced: [columns],
      loads: [f32(0, [columns, 1])],
      phases,
      stores: [],
      elementStores: [{ ...f32(1, [columns, 1]), value: div(shifted, acc(1)) }],
    },
    elements: [COUNT, COUNT],
    work: 8 * rows * columns,
    unit: "GB/s",
  };
}

await benchThroughput("elementwise", [
  map("x·x + x, 4 M", add(mul(x, x), x)),
  map("x·x + x, 64 k", add(mul(x, x), x), [65536]),
  map("exp, 4 M", exp(x)),
  map("tanh, 4 M", tanh(x)),
  map("copy transposed [2048, 2048]", x, [2048, 2048], [1, 2048]),
  map("launch of 16 elements", add(x, 1), [16]),
  sum("sum of all, 4 M", [], [COUNT], [1]),
  sum("sum of rows [4096, 1024]", [4096], [1024], [1024, 1]),
  sum("sum of columns [4096, 1024]", [1024], [4096], [1, 1024]),
  softmax(4096, 1024),
  softmax(64, 10),
]);
