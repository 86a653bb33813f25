import type { DeviceStats } from "../device.ts";

/** A kernel's entry: `run(block, chunk, scratch)`, addresses in bytes. */
export type KernelEntry = (block: number, chunk: number, scratch: number) => void;

/** Compiled kernels by key, with an instance for the main thread. */
export class Modules {
  readonly #memory: WebAssembly.Memory;
  readonly #stats: DeviceStats;
  readonly #modules: Map<string, { readonly module: WebAssembly.Module; readonly run: KernelEntry }> =
    new Map();

  constructor(memory: WebAssembly.Memory, stats: DeviceStats) {
    this.#memory = memory;
    this.#stats = stats;
  }

  /** The main thread's entry of a module, compiled at its first use. */
  entry(key: string, bytes: Uint8Array<ArrayBuffer>): KernelEntry {
    let known = this.#modules.get(key);
    if (known === undefined) {
      const module = new WebAssembly.Module(bytes);
      const instance = new WebAssembly.Instance(module, { m: { m: this.#memory } });
      known = { module, run: instance.exports["run"] as KernelEntry };
      this.#modules.set(key, known);
      this.#stats.compiled++;
    }
    return known.run;
  }
}
