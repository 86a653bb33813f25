import { acc } from "../../core/compiler/expr.ts";
import { lowerCpu } from "../../core/compiler/wasm/lower.ts";
import { openCpu } from "../../core/runtime/cpu/device.ts";
import { assertKernel } from "../support/kernel_runner.ts";
import { KernelMaker } from "../support/random_kernels.ts";

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
