import type { BufferPool, GpuMemory } from "./pool.ts";

/**
 * Working memory that all executables of a device share: runs follow each other on one queue, so what one leaves
 * behind the next may overwrite.
 */
export class ScratchMemory {
  readonly #pool: BufferPool;
  readonly #blocks: (GpuMemory | undefined)[] = [];
  #temporary: GpuMemory | undefined;
  /** Grows whenever a buffer is replaced by a larger one. */
  version = 0;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /**
   * Makes room for one executable's blocks and for the temporary memory of its launches.
   *
   * @returns for each block the number of the shared one; the largest shares with the largest.
   */
  reserve(blockBytes: readonly number[], temporaryBytes: number): number[] {
    const order = blockBytes.map((_, i) => i).sort((a, b) => blockBytes[b]! - blockBytes[a]!);
    const shared = new Array<number>(blockBytes.length);
    order.forEach((block, rank) => {
      shared[block] = rank;
      this.#blocks[rank] = this.#grown(this.#blocks[rank], blockBytes[block]!);
    });
    if (temporaryBytes > 0) this.#temporary = this.#grown(this.#temporary, temporaryBytes);
    return shared;
  }

  /** Shared block number `index`. */
  block(index: number): GpuMemory {
    return this.#blocks[index]!;
  }

  /** Memory for the launches of one kernel. */
  temporary(): GpuMemory {
    return this.#temporary!;
  }

  /** How many buffers and bytes of the pool are scratch. */
  held(): { buffers: number; bytes: number } {
    let buffers = 0;
    let bytes = 0;
    for (const memory of [...this.#blocks, this.#temporary]) {
      if (memory === undefined) continue;
      buffers++;
      bytes += memory.bytes;
    }
    return { buffers, bytes };
  }

  #grown(memory: GpuMemory | undefined, bytes: number): GpuMemory {
    if (memory !== undefined && memory.bytes >= bytes) return memory;
    if (memory !== undefined) this.#pool.give(memory);
    this.version++;
    return this.#pool.take(bytes);
  }
}
