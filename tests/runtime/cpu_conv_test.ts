import { acc } from "../../core/compiler/expr.ts";
import { lowerCpu } from "../../core/compiler/wasm/lower.ts";
import { openCpu } from "../../core/runtime/cpu/device.ts";
import { assertKernel } from "../support/kernel_runner.ts";
import { KernelMaker } from "../support/random_kernels.ts";

const device = await openCpu({ threads: 1 });

for (const fusedMultiplyAdd of [true, false]) {
  const lower = fusedMultiplyAdd ? "relaxed" : "plain";
  Deno.test(`lowerCpu() computes random convolutions as the reference does, ${lower} SIMD`, async () => {
    for (let seed = 0; seed < 150; seed++) {
      const { kernel, buffers } = new KernelMaker(seed).conv2d(acc(0));
      const launches = lowerCpu(kernel, { fusedMultiplyAdd, blas: false });
      await assertKernel(device, launches, kernel, buffers, { absolute: 1e-4, relative: 1e-5 });
    }
  });
}

for (const fusedMultiplyAdd of [true, false]) {
  const lower = fusedMultiplyAdd ? "relaxed" : "plain";
  Deno.test(`lowerCpu() computes random weight gradients of convolutions as the reference does, ${lower} SIMD`, async () => {
    for (let seed = 0; seed < 150; seed++) {
      const { kernel, buffers } = new KernelMaker(seed).conv2dWeight(acc(0));
      const launches = lowerCpu(kernel, { fusedMultiplyAdd, blas: false });
      await assertKernel(device, launches, kernel, buffers, { absolute: 1e-4, relative: 1e-5 });
    }
  });
}
