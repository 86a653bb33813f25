import { acc, add, input, max, mul, tanh } from "../../core/compiler/expr.ts";
import type { Expr } from "../../core/compiler/expr.ts";
import type { Load, MatmulKernel, Store } from "../../core/compiler/kernel.ts";
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
  type Tolerance,
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
const zeros = (count: number, dtype: DType = "f32"): Contents => stored(dtype, new Array(count).fill(0));

/** Sums of `k` products of values up to 2, each rounded to single precision. */
const sums = (k: number): Tolerance => ({ relative: 1e-6, absolute: 4 * k * 2 ** -24 });

type Sizes = readonly [m: number, n: number, k: number];

/** Strides of a matrix of `rows` by `columns`, stored as it is or transposed. */
const matrix = (rows: number, columns: number, transposed: boolean): number[] =>
  transposed ? [1, rows] : [columns, 1];

for (const software of [true, false]) {
  const device = HAS_ADAPTER ? await openWebGpu({ software }) : null!;
  const kind = software ? "software" : "hardware";
  if (HAS_ADAPTER) Deno.test.afterAll(() => device.close());

  for (
    const [m, n, k] of [
      [1, 1, 1],
      [8, 8, 8],
      [16, 24, 12],
      [7, 5, 3],
      [13, 12, 16],
      [12, 13, 7],
      [1, 64, 32],
      [3, 4, 20],
      [70, 66, 34],
      [130, 72, 40],
      [130, 24, 36],
      [24, 130, 36],
      [4, 4, 3000],
    ] as const satisfies readonly Sizes[]
  ) {
    for (const [left, right] of [[false, false], [true, false], [false, true], [true, true]] as const) {
      const layout = `${left ? "T" : "N"}${right ? "T" : "N"}`;
      gpuTest(
        `lowerGpu multiplies ${m}×${k} by ${k}×${n} stored as ${layout} on ${kind} adapters`,
        async () => {
          const random = seeded(m * n + k);
          const kernel: MatmulKernel = {
            kind: "matmul",
            label: `matmul ${layout} ${m}x${n}x${k}`,
            batch: [],
            m,
            n,
            k,
            a: load(0, matrix(m, k, left)),
            b: load(1, matrix(k, n, right)),
            loads: [],
            stores: [store(2, [n, 1], acc(0))],
          };
          await assertAsReference(
            device,
            kernel,
            [
              randomContents("f32", m * k, random),
              randomContents("f32", k * n, random),
              zeros(m * n),
            ],
            [],
            sums(k),
          );
        },
      );
    }
  }

  gpuTest(`lowerGpu broadcasts a batch of matrices on ${kind} adapters`, async () => {
    const random = seeded(21);
    const [b, c, m, n, k] = [3, 2, 9, 12, 8];
    const kernel: MatmulKernel = {
      kind: "matmul",
      label: "batched matmul",
      batch: [b, c],
      m,
      n,
      k,
      a: load(0, [c * m * k, m * k, k, 1]),
      b: load(1, [0, k * n, n, 1]),
      loads: [],
      stores: [store(2, packedStrides([b, c, m, n]), acc(0))],
    };
    await assertAsReference(
      device,
      kernel,
      [
        randomContents("f32", b * c * m * k, random),
        randomContents("f32", c * k * n, random),
        zeros(b * c * m * n),
      ],
      [],
      sums(k),
    );
  });

  for (
    const [m, n, k] of [[10, 16, 8], [9, 7, 5], [4, 4, 5000], [66, 70, 18], [
      65,
      68,
      2100,
    ]] as const satisfies readonly Sizes[]
  ) {
    gpuTest(
      `lowerGpu adds a bias, a residual and an activation to a ${m}×${n}×${k} product on ${kind} adapters`,
      async () => {
        const random = seeded(22);
        const kernel: MatmulKernel = {
          kind: "matmul",
          label: "linear",
          batch: [],
          m,
          n,
          k,
          a: load(0, [k, 1]),
          b: load(1, [1, k]),
          loads: [load(2, [0, 1]), load(3, [n, 1]), load(4, [1, 0])],
          stores: [
            store(5, [n, 1], add(mul(tanh(add(acc(0), input(0))), input(2)), input(1))),
            store(6, [1, m], max(acc(0), 0)),
            store(7, [n, 1], acc(0), "f16"),
          ],
        };
        await assertAsReference(
          device,
          kernel,
          [
            randomContents("f32", m * k, random),
            randomContents("f32", k * n, random),
            randomContents("f32", n, random),
            randomContents("f32", m * n, random),
            randomContents("f32", m, random),
            zeros(m * n),
            zeros(m * n),
            zeros(m * n, "f16"),
          ],
          [],
          sums(k),
        );
      },
    );
  }

  gpuTest(`lowerGpu multiplies strided f16 operands with offsets on ${kind} adapters`, async () => {
    const random = seeded(23);
    const [m, n, k] = [6, 10, 9];
    const kernel: MatmulKernel = {
      kind: "matmul",
      label: "strided matmul",
      batch: [],
      m,
      n,
      k,
      a: load(0, [-2 * k, 2], { dtype: "f16", offset: 2 * k * (m - 1) + 1 }),
      b: load(1, [3, 3 * k], { dtype: "f16", offset: 5 }),
      loads: [],
      stores: [store(2, [n, 1], acc(0))],
    };
    await assertAsReference(
      device,
      kernel,
      [
        randomContents("f16", 2 * m * k + 1, random),
        randomContents("f16", 3 * n * k + 5, random),
        zeros(m * n),
      ],
      [],
      sums(k),
    );
  });

  gpuTest(`lowerGpu gives the epilogue's value of an empty sum on ${kind} adapters`, async () => {
    const kernel: MatmulKernel = {
      kind: "matmul",
      label: "empty sum",
      batch: [],
      m: 3,
      n: 4,
      k: 0,
      a: load(0, [0, 1]),
      b: load(1, [4, 1]),
      loads: [],
      stores: [store(2, [4, 1], add(acc(0), 5))],
    };
    await assertAsReference(device, kernel, [zeros(4), zeros(4), zeros(12)]);
  });
}
