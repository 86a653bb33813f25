import assert from "node:assert/strict";
import { acc } from "../../core/compiler/expr.ts";
import type { Load, MatmulKernel } from "../../core/compiler/kernel.ts";
import { lowerCpu } from "../../core/compiler/wasm/lower.ts";
import { openCpu } from "../../core/runtime/cpu/device.ts";
import { assertKernel, type Elements, elements } from "../support/kernel_runner.ts";
import { KernelMaker, randomNumbers } from "../support/random_kernels.ts";

const device = await openCpu({ threads: 1 });

for (const fusedMultiplyAdd of [true, false]) {
  const lower = fusedMultiplyAdd ? "relaxed" : "plain";
  Deno.test(`lowerCpu() computes random matrix products as the reference does, ${lower} SIMD`, async () => {
    for (let seed = 0; seed < 120; seed++) {
      const { kernel, buffers } = new KernelMaker(seed).matmul(acc(0));
      const launches = lowerCpu(kernel, { fusedMultiplyAdd, blas: false });
      await assertKernel(device, launches, kernel, buffers, { absolute: 1e-4, relative: 1e-5 });
    }
  });
}

const native = await openCpu({ threads: 1 });

Deno.test({
  name: "lowerCpu() computes random matrix products as the reference does, native BLAS",
  ignore: !native.kernels.blas,
  fn: async () => {
    for (let seed = 0; seed < 120; seed++) {
      const { kernel, buffers } = new KernelMaker(seed).matmul(acc(0));
      const launches = lowerCpu(kernel, native.kernels);
      await assertKernel(native, launches, kernel, buffers, { absolute: 1e-4, relative: 1e-5 });
    }
  },
});

for (
  const [form, aStrides, bStrides] of [
    ["NN", [512, 1], [1024, 1]],
    ["NT", [512, 1], [1, 512]],
    ["TN", [1, 512], [1024, 1]],
    ["TT", [1, 512], [1, 512]],
  ] as const
) {
  Deno.test(`lowerCpu() spreads operands whose rows crowd one cache set, ${form}`, async () => {
    const [m, n, k] = [130, 131, 512];
    const random = randomNumbers(5);
    const values = (count: number): Elements =>
      elements("f32", Float32Array.from({ length: count }, () => random() - 0.5));
    const load = (slot: number, strides: readonly number[]): Load => {
      return { slot, dtype: "f32", strides, offset: 0, mask: null, indirect: null };
    };
    const kernel: MatmulKernel = {
      kind: "matmul",
      label: `product ${form}`,
      batch: [],
      m,
      n,
      k,
      a: load(0, aStrides),
      b: load(1, bStrides),
      loads: [],
      stores: [{ slot: 2, dtype: "f32", strides: [n, 1], offset: 0, value: acc(0) }],
    };
    const launches = lowerCpu(kernel, { fusedMultiplyAdd: true, blas: false });
    assert.ok(launches.length > 1);
    const buffers = [values(512 * 512), values(512 * 1024), values(m * n)];
    await assertKernel(device, launches, kernel, buffers, { absolute: 1e-5, relative: 1e-5 });
  });
}
