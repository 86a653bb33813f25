import { DeviceError } from "../../errors.ts";
import { CONTROL, CONTROL_BYTES, SCRATCH_BYTES } from "./launch.ts";
import type { CompiledKernel } from "./modules.ts";

/** Parked threads end after this long, so that they do not keep the process alive. */
const IDLE_MS = 400;
/** Threads that have not reported after this long are given up. */
const START_MS = 2000;
const STARTED_AT_ONCE = 2;
/** Looks at the job before a thread parks: some 50 µs. */
const SPINS = 20_000;

/**
 * What a worker runs. It takes chunks of the current job while there are any, waits for the next one by looking, then
 * parks, and ends when nothing has come for a while. Kernels arrive through a port that can be read without returning
 * to the event loop.
 */
const SOURCE = `
import { receiveMessageOnPort } from "node:worker_threads";
const { REMAINING, DONE, KERNEL, BLOCK, CHUNKS, EPOCH, PARKED, ALIVE, STARTING, FAILED } = ${
  JSON.stringify(CONTROL)
};
self.onmessage = ({ data: { memory, port, scratch } }) => {
  const control = new Int32Array(memory.buffer, 0, ${CONTROL_BYTES / 4});
  const entries = [];
  const entry = (id) => {
    while (entries[id] === undefined) {
      const received = receiveMessageOnPort(port);
      if (received === undefined) continue;
      const { id, module } = received.message;
      entries[id] = new WebAssembly.Instance(module, { m: { m: memory } }).exports.run;
    }
    return entries[id];
  };
  Atomics.add(control, ALIVE, 1);
  let looks = 0;
  while (true) {
    if (Atomics.load(control, REMAINING) > 0) {
      const left = Atomics.sub(control, REMAINING, 1);
      if (left > 0) {
        try {
          entry(control[KERNEL])(control[BLOCK], control[CHUNKS] - left, scratch);
        } catch {
          Atomics.store(control, FAILED, 1);
        }
        Atomics.add(control, DONE, 1);
        looks = 0;
      }
    } else if (++looks > ${SPINS}) {
      looks = 0;
      const epoch = Atomics.load(control, EPOCH);
      Atomics.add(control, PARKED, 1);
      // Looked at again after saying so: either this sees the job, or its sender sees that someone is parked.
      const late = Atomics.load(control, REMAINING) > 0;
      const woken = late ? "ok" : Atomics.wait(control, EPOCH, epoch, ${IDLE_MS});
      Atomics.sub(control, PARKED, 1);
      if (woken === "timed-out") break;
    }
  }
  Atomics.store(control, STARTING, 0);
  Atomics.sub(control, ALIVE, 1);
  port.close();
  self.close();
};
`;

interface Helper {
  readonly worker: Worker;
  readonly port: MessagePort;
}

/** Threads that share the work of large launches with the main one. Results do not depend on how many there are. */
export class WorkerPool {
  readonly #memory: WebAssembly.Memory;
  readonly #control: Int32Array;
  readonly #most: number;
  #helpers: Helper[] = [];
  readonly #kernels: Set<CompiledKernel> = new Set();

  /** @param threads Threads in all, the main one included. */
  constructor(memory: WebAssembly.Memory, threads: number) {
    this.#memory = memory;
    this.#control = new Int32Array(memory.buffer, 0, CONTROL_BYTES / 4);
    this.#most = threads - 1;
  }

  /** Whether there is any thread beside the main one. */
  get isUseful(): boolean {
    return this.#most > 0;
  }

  /**
   * Starts threads that are not running, few at a time because each holds the main thread up for some 12 ms; they
   * begin to help another 10 ms later.
   */
  start(): void {
    const control = this.#control;
    const starting = Atomics.load(control, CONTROL.STARTING) > performance.now();
    // All have been idle for long and ended, or have not come up in time.
    if (this.#helpers.length > 0 && !this.isRunning && !starting) this.close();
    const count = Math.min(STARTED_AT_ONCE, this.#most - this.#helpers.length);
    if (count <= 0) return;
    Atomics.store(control, CONTROL.STARTING, Math.ceil(performance.now()) + START_MS);
    const url = URL.createObjectURL(new Blob([SOURCE], { type: "text/javascript" }));
    for (let i = 0; i < count; i++) this.#helpers.push(this.#helper(url));
  }

  #helper(url: string): Helper {
    const worker = new Worker(url, { type: "module" });
    const { port1, port2 } = new MessageChannel();
    const scratch = CONTROL_BYTES + (this.#helpers.length + 1) * SCRATCH_BYTES;
    worker.postMessage({ memory: this.#memory, port: port2, scratch }, [port2]);
    for (const { id, module } of this.#kernels) port1.postMessage({ id, module });
    return { worker, port: port1 };
  }

  /** Whether every thread has been started. */
  get isComplete(): boolean {
    return this.#helpers.length === this.#most && this.isRunning;
  }

  /** Whether some thread is ready to help. */
  get isRunning(): boolean {
    return Atomics.load(this.#control, CONTROL.ALIVE) > 0;
  }

  /** Runs every chunk of a kernel, on all threads. */
  run(kernel: CompiledKernel, block: number, chunks: number): void {
    const control = this.#control;
    if (!this.#kernels.has(kernel)) {
      this.#kernels.add(kernel);
      for (const { port } of this.#helpers) port.postMessage({ id: kernel.id, module: kernel.module });
    }
    control[CONTROL.KERNEL] = kernel.id;
    control[CONTROL.BLOCK] = block;
    control[CONTROL.CHUNKS] = chunks;
    Atomics.store(control, CONTROL.DONE, 0);
    Atomics.store(control, CONTROL.REMAINING, chunks);
    if (Atomics.load(control, CONTROL.PARKED) > 0) {
      Atomics.add(control, CONTROL.EPOCH, 1);
      Atomics.notify(control, CONTROL.EPOCH);
    }
    let own = 0;
    while (true) {
      const left = Atomics.sub(control, CONTROL.REMAINING, 1);
      if (left <= 0) break;
      kernel.run(block, chunks - left, CONTROL_BYTES);
      own++;
    }
    Atomics.add(control, CONTROL.DONE, own);
    let looks = 0;
    while (true) {
      const done = Atomics.load(control, CONTROL.DONE);
      if (done >= chunks) break;
      // A thread that holds a chunk may have lost its processor: give it back rather than look on.
      if (++looks > SPINS) Atomics.wait(control, CONTROL.DONE, done, 0.1);
    }
    if (Atomics.load(control, CONTROL.FAILED) !== 0) {
      Atomics.store(control, CONTROL.FAILED, 0);
      throw new DeviceError("A kernel failed on a worker thread", { where: `cpu kernel ${kernel.key}` });
    }
  }

  /** Ends the threads. */
  close(): void {
    for (const { port, worker } of this.#helpers) {
      port.close();
      worker.terminate();
    }
    this.#helpers = [];
    Atomics.store(this.#control, CONTROL.ALIVE, 0);
    Atomics.store(this.#control, CONTROL.PARKED, 0);
  }
}
