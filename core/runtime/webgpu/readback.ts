const MAP_READ = 0x1;
const COPY_DST = 0x8;

/** Bytes that one staging copy moves: larger reads go in pieces, because each piece arrives in fresh memory. */
const PIECE = 1 << 20;

/**
 * Copies from GPU buffers to the host.
 *
 * Deno's `mapAsync` waits for the device inside the call and only then sleeps ten milliseconds before its promise
 * resolves. The data are there when the call returns, so they are taken at once and the promise is left to resolve
 * by itself. `getMappedRange` allows that only on buffers that were mapped at creation; on others it ends the process.
 */
export class ReadBack {
  readonly #gpu: GPUDevice;
  readonly #idle = new Map<number, GPUBuffer[]>();
  readonly #pending = new Set<Promise<void>>();

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /** Waits for the submitted work and copies `bytes` bytes from `byteOffset`. */
  async read(buffer: GPUBuffer, byteOffset: number, bytes: number): Promise<Uint8Array> {
    const result = new Uint8Array(bytes);
    for (let start = 0; start < bytes; start += PIECE) {
      await this.#piece(buffer, byteOffset + start, result.subarray(start, Math.min(bytes, start + PIECE)));
    }
    return result;
  }

  async #piece(buffer: GPUBuffer, byteOffset: number, target: Uint8Array): Promise<void> {
    // Copies move whole 4-byte words.
    const first = Math.floor(byteOffset / 4) * 4;
    const size = Math.ceil((byteOffset + target.byteLength - first) / 4) * 4;
    const stage = this.#take(size);
    const encoder = this.#gpu.createCommandEncoder({ label: "read" });
    encoder.copyBufferToBuffer(buffer, first, stage, 0, size);
    this.#gpu.queue.submit([encoder.finish()]);
    const mapped = stage.mapAsync(MAP_READ, 0, size);
    const settled = mapped.catch(() => {}).then(() => {
      this.#pending.delete(settled);
    });
    this.#pending.add(settled);
    let range: ArrayBuffer;
    try {
      range = stage.getMappedRange(0, size);
    } catch {
      await mapped;
      range = stage.getMappedRange(0, size);
    }
    target.set(new Uint8Array(range, byteOffset - first, target.byteLength));
    stage.unmap();
    this.#idle.get(stage.size)!.push(stage);
  }

  #take(bytes: number): GPUBuffer {
    let size = 256;
    while (size < bytes) size *= 4;
    let idle = this.#idle.get(size);
    if (idle === undefined) this.#idle.set(size, idle = []);
    const known = idle.pop();
    if (known !== undefined) return known;
    const stage = this.#gpu.createBuffer({
      label: "staging",
      size,
      usage: MAP_READ | COPY_DST,
      mappedAtCreation: true,
    });
    stage.unmap();
    return stage;
  }

  /** Waits until no map is under way and frees the staging buffers. */
  async close(): Promise<void> {
    await Promise.all(this.#pending);
    for (const idle of this.#idle.values()) for (const stage of idle) stage.destroy();
    this.#idle.clear();
  }
}
