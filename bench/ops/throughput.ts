import { lowerCpu } from "../../core/compiler/wasm/lower.ts";
import type { Kernel, Load } from "../../core/compiler/kernel.ts";
import { type CpuDevice, openCpu } from "../../core/runtime/cpu/device.ts";
import type { DeviceBuffer, Slot } from "../../core/runtime/device.ts";

/** One line of a throughput table. */
export interface Throughput {
  readonly name: string;
  readonly kernel: Kernel;
  /** Elements of each slot's f32 buffer. */
  readonly elements: readonly number[];
  /** Work of one run: floating-point operations or bytes. */
  readonly work: number;
  readonly unit: "GFLOP/s" | "GB/s";
}

const WARM_UP_MS = 150;

/** Registers one bench per way of computing on the processor, and prints throughput by best time at the end. */
export async function benchThroughput(group: string, cases: readonly Throughput[]): Promise<void> {
  const devices = new Map<string, CpuDevice>([
    ["WASM", await openCpu({ blas: "off" })],
    ["WASM, 1 thread", await openCpu({ blas: "off", threads: 1 })],
  ]);
  const native = await openCpu();
  if (native.kernels.blas && cases.some((c) => c.kernel.kind === "matmul")) devices.set("BLAS", native);
  const lines: string[] = [];
  for (const c of cases) {
    for (const [way, device] of devices) {
      let best = Infinity;
      let run: (() => void) | undefined;
      Deno.bench({
        name: `${c.name}, ${way}`,
        group: `${group} ${c.name}`,
        fn: (b) => {
          run ??= prepare(device, c);
          b.start();
          const start = performance.now();
          run();
          best = Math.min(best, performance.now() - start);
          b.end();
        },
      });
      const at = lines.push("") - 1;
      globalThis.addEventListener("unload", () => {
        lines[at] = `${c.name.padEnd(28)} ${way.padEnd(15)} ${
          (c.work / best / 1e6).toFixed(1).padStart(7)
        } ${c.unit}`;
      });
    }
  }
  globalThis.addEventListener("unload", () => {
    for (const device of devices.values()) console.log(device.description);
    console.log(lines.join("\n"));
  });
}

/** Loads a kernel on random buffers and runs it until the optimised code is in place. */
function prepare(device: CpuDevice, { kernel, elements }: Throughput): () => void {
  const slots: Slot[] = elements.map((_, index) => ({ kind: "bound", index }));
  const executable = device.load(lowerCpu(kernel, device.kernels), slots, []);
  const buffers = elements.map((count): DeviceBuffer => {
    const buffer = device.allocate(4 * count);
    const values = Float32Array.from({ length: count }, () => Math.random());
    device.write(buffer, new Uint8Array(values.buffer));
    return buffer;
  });
  const end = performance.now() + WARM_UP_MS;
  while (performance.now() < end) executable.run(buffers, []);
  return () => executable.run(buffers, []);
}

/** A plain f32 load of a slot. */
export function f32(slot: number, strides: readonly number[]): Load {
  return { slot, dtype: "f32", strides, offset: 0, mask: null, indirect: null };
}
