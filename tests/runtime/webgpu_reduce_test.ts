import {
  acc,
  add,
  cast,
  div,
  exp,
  input,
  lt,
  max,
  mul,
  sqrt,
  square,
  sub,
} from "../../core/compiler/expr.ts";
import type { Expr, ScalarType } from "../../core/compiler/expr.ts";
import type { Accumulator, Combine, Load, ReduceKernel, Store } from "../../core/compiler/kernel.ts";
import type { DType } from "../../core/runtime/dtype.ts";
import { packedStrides } from "../../core/runtime/layout.ts";
import { openWebGpu } from "../../core/runtime/webgpu/device.ts";
import {
  assertAsReference,
  type Contents,
  gpuTest,
  HAS_ADAPTER,
  randomContents,
  seeded,
  stored,
} from "../support/gpu_kernels.ts";

const load = (slot: number, strides: readonly number[], more: Partial<Load> = {}): Load => ({
  slot,
  dtype: "f32",
  strides,
  offset: 0,
  mask: null,
  indirect: null,
  ...more,
});
const store = (slot: number, strides: readonly number[], value: Expr, dtype: DType = "f32"): Store => ({
  slot,
  dtype,
  strides,
  offset: 0,
  value,
});
const reduce = (
  kept: readonly number[],
  reduced: readonly number[],
  loads: readonly Load[],
  phases: readonly (readonly Accumulator[])[],
  stores: readonly Store[],
  elementStores: readonly Store[] = [],
): ReduceKernel => ({
  kind: "reduce",
  label: `reduce ${kept} over ${reduced}`,
  kept,
  reduced,
  loads,
  phases,
  stores,
  elementStores,
});
const zeros = (count: number, dtype: DType = "f32"): Contents => stored(dtype, new Array(count).fill(0));

const x = input(0);

// Kernels for hardware (lanes that share a result through workgroup memory) run on software adapters too.
for (const software of [true, false]) {
  const device = HAS_ADAPTER ? await openWebGpu({ software }) : null!;
  const kind = software ? "software" : "hardware";
  if (HAS_ADAPTER) Deno.test.afterAll(() => device.close());

  for (
    const [kept, reduced, strides] of [
      [[], [1], [1]],
      [[], [37], [1]],
      [[], [64], [1]],
      [[5], [12], [12, 1]],
      [[5], [7], [7, 1]],
      [[8], [9], [1, 8]],
      [[6], [9], [1, 6]],
      [[3, 4], [5], [20, 1, 4]],
      [[4], [3, 8], [8, 32, 1]],
      [[12], [3, 5], [1, 60, 12]],
      [[70], [3], [3, 1]],
      [[4], [], [1]],
    ] as const
  ) {
    gpuTest(
      `lowerGpu sums kept [${kept}] over [${reduced}] with strides [${strides}] on ${kind} adapters`,
      async () => {
        const random = seeded(kept.length + reduced.length);
        const points = kept.reduce((a: number, b) => a * b, 1);
        const kernel = reduce(kept, reduced, [load(0, strides)], [[{ combine: "sum", value: mul(x, x) }]], [
          store(1, packedStrides(kept), add(acc(0), 1)),
        ]);
        await assertAsReference(device, kernel, [randomContents("f32", 500, random), zeros(points)]);
      },
    );
  }

  for (
    const combine of ["sum", "prod", "max", "min", "argmax", "argmin"] as const satisfies readonly Combine[]
  ) {
    for (const type of ["f32", "i32", "u32"] as const satisfies readonly ScalarType[]) {
      gpuTest(
        `lowerGpu combines ${type} values by ${combine} along rows and columns on ${kind} adapters`,
        async () => {
          const random = seeded(11);
          const result = combine.startsWith("arg") ? "i32" as const : type;
          for (
            const [kept, reduced, strides] of [[6, 20, [20, 1]], [8, 21, [1, 8]], [5, 9, [9, 1]]] as const
          ) {
            const kernel = reduce([kept], [reduced], [load(0, strides, { dtype: type })], [[{
              combine,
              value: input(0, type),
            }]], [
              store(1, [1], acc(0, result), result),
            ]);
            await assertAsReference(device, kernel, [randomContents(type, 200, random), zeros(kept, result)]);
          }
        },
      );
    }
  }

  gpuTest(`lowerGpu combines bool values by any and all on ${kind} adapters`, async () => {
    const random = seeded(12);
    const value = input(0, "bool");
    const kernel = reduce([40], [3], [load(0, [3, 1], { dtype: "bool" })], [[
      { combine: "any", value },
      { combine: "all", value },
    ]], [store(1, [1], acc(0, "bool"), "bool"), store(2, [1], acc(1, "bool"), "bool")]);
    await assertAsReference(device, kernel, [
      randomContents("bool", 120, random),
      zeros(40, "bool"),
      zeros(40, "bool"),
    ]);
  });

  gpuTest(
    `lowerGpu lets NaN win in max and argmax and takes the first extreme on ${kind} adapters`,
    async () => {
      const kernel = reduce([4], [8], [load(0, [8, 1])], [[
        { combine: "max", value: x },
        { combine: "argmax", value: x },
        { combine: "argmin", value: x },
      ]], [store(1, [1], acc(0)), store(2, [1], acc(1, "i32"), "i32"), store(3, [1], acc(2, "i32"), "i32")]);
      await assertAsReference(device, kernel, [
        stored("f32", [
          ...[1, 5, 2, 5, 0, 0, -1, -1],
          ...[1, NaN, 7, NaN, 2, 3, 4, 5],
          ...new Array(8).fill(-Infinity),
          ...[Infinity, 3, Infinity, 2, 2, 9, NaN, 1],
        ]),
        zeros(4),
        zeros(4, "i32"),
        zeros(4, "i32"),
      ]);
    },
  );

  for (const [rows, columns] of [[5, 16], [7, 10], [3, 300]] as const) {
    gpuTest(
      `lowerGpu computes softmax of ${rows} rows of ${columns} in two phases on ${kind} adapters`,
      async () => {
        const random = seeded(13);
        const kernel = reduce(
          [rows],
          [columns],
          [load(0, [columns, 1])],
          [
            [{ combine: "max", value: x }],
            [{ combine: "sum", value: exp(sub(x, acc(0))) }],
          ],
          [store(1, [1], acc(1))],
          [store(2, [columns, 1], div(exp(sub(x, acc(0))), acc(1)))],
        );
        await assertAsReference(device, kernel, [
          randomContents("f32", rows * columns, random),
          zeros(rows),
          zeros(rows * columns),
        ]);
      },
    );
  }

  gpuTest(`lowerGpu normalises channels over batch and pixels on ${kind} adapters`, async () => {
    const random = seeded(14);
    const [n, c, p] = [3, 8, 20];
    const kernel = reduce(
      [c],
      [n, p],
      [load(0, [p, c * p, 1]), load(1, [1, 0, 0])],
      [
        [{ combine: "sum", value: div(x, n * p) }],
        [{ combine: "sum", value: div(square(sub(x, acc(0))), n * p) }],
      ],
      [store(2, [1], acc(0)), store(3, [1], acc(1))],
      [
        store(4, [p, c * p, 1], mul(div(sub(x, acc(0)), sqrt(add(acc(1), 1e-5))), input(1))),
      ],
    );
    await assertAsReference(device, kernel, [
      randomContents("f32", n * c * p, random),
      randomContents("f32", c, random),
      zeros(c),
      zeros(c),
      zeros(n * c * p),
    ]);
  });

  gpuTest(`lowerGpu picks an element by label inside a row on ${kind} adapters`, async () => {
    const random = seeded(15);
    const kernel = reduce(
      [6],
      [10],
      [
        load(1, [1, 0], { dtype: "i32" }),
        load(0, [10, 1]),
        load(0, [10, 0], { indirect: { load: 0, stride: 1, size: 10 } }),
      ],
      [[{ combine: "max", value: input(1) }]],
      [store(2, [1], sub(acc(0), input(2)))],
    );
    await assertAsReference(device, kernel, [
      randomContents("f32", 60, random),
      stored("i32", [3, 0, 9, 5, 11, -4]),
      zeros(6),
    ]);
  });

  gpuTest(`lowerGpu reads masked elements as zero while reducing on ${kind} adapters`, async () => {
    const random = seeded(16);
    const kernel = reduce(
      [4],
      [3, 8],
      [load(0, [24, 6, 1], { offset: -7, mask: [[0, 4], [1, 3], [1, 7]] })],
      [[
        { combine: "sum", value: add(x, 1) },
        { combine: "sum", value: cast(lt(x, 0), "i32") },
      ]],
      [store(1, [1], acc(0)), store(2, [1], acc(1, "i32"), "i32")],
    );
    await assertAsReference(device, kernel, [randomContents("f32", 96, random), zeros(4), zeros(4, "i32")]);
  });

  for (
    const [kept, reduced, strides] of [
      [[], [300000], [1]],
      [[], [299999], [1]],
      [[4], [60000], [1, 4]],
      [[2], [90000], [90000, 1]],
    ] as const
  ) {
    gpuTest(`lowerGpu reduces [${kept}] over [${reduced}] in slices on ${kind} adapters`, async () => {
      const random = seeded(17);
      const points = kept.reduce((a: number, b) => a * b, 1);
      const kernel = reduce(kept, reduced, [load(0, strides)], [
        [{ combine: "sum", value: div(x, reduced[0]) }, { combine: "argmax", value: max(x, -0.5) }],
        [{ combine: "sum", value: div(square(sub(x, acc(0))), reduced[0]) }, { combine: "min", value: x }],
      ], [
        store(1, packedStrides(kept), acc(0)),
        store(2, packedStrides(kept), acc(1, "i32"), "i32"),
        store(3, packedStrides(kept), acc(2)),
        store(4, packedStrides(kept), acc(3)),
      ], [store(5, strides, sub(x, acc(2)))]);
      await assertAsReference(device, kernel, [
        randomContents("f32", points * reduced[0], random),
        zeros(points),
        zeros(points, "i32"),
        zeros(points),
        zeros(points),
        zeros(points * reduced[0]),
      ]);
    });
  }
}
