import type { DeviceStats } from "../device.ts";

/** A kernel's entry: `run(block, chunk, scratch)`, addresses in bytes. */
export type KernelEntry = (block: number, chunk: number, scratch: number) => void;

/** A compiled module with the main thread's instance. */
export interface CompiledKernel {
  /** Small number that threads know it by. */
  readonly id: number;
  readonly key: string;
  readonly module: WebAssembly.Module;
  readonly run: KernelEntry;
}

/** Compiled kernels by key. */
export class Modules {
  readonly #memory: WebAssembly.Memory;
  readonly #stats: DeviceStats;
  readonly #kernels: Map<string, CompiledKernel> = new Map();

  constructor(memory: WebAssembly.Memory, stats: DeviceStats) {
    this.#memory = memory;
    this.#stats = stats;
  }

  /** The kernel of a module, compiled at its first use. */
  kernel(key: string, bytes: Uint8Array<ArrayBuffer>): CompiledKernel {
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) {
      const module = new WebAssembly.Module(bytes);
      const { exports } = new WebAssembly.Instance(module, { m: { m: this.#memory } });
      kernel = { id: this.#kernels.size, key, module, run: exports["run"] as KernelEntry };
      this.#kernels.set(key, kernel);
      this.#stats.compiled++;
    }
    return kernel;
  }
}
