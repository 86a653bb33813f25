import { DeviceError } from "../../errors.ts";
import type { DeviceBuffer, Executable, Slot } from "../device.ts";
import { type CpuLaunch, WORKSPACE } from "./launch.ts";
import type { CpuBuffer, CpuMemory } from "./memory.ts";
import { scalarBits } from "./scalars.ts";

/** Scratch memory that all launch lists of a device share, because runs follow one another. */
export interface SharedScratch {
  /** Address of at least so many bytes; it may differ from call to call. */
  reserve(bytes: number): number;
  /** Changes when the address does. */
  version(): number;
}

/** A launch with everything found: where its words are and how to start it. */
export interface BoundLaunch {
  readonly launch: CpuLaunch;
  /** Index of the launch's block in the memory's words. */
  readonly block: number;
  /** Starts the launch and returns when it is done. */
  readonly start: (block: number) => void;
}

/** A launch list of the cpu device. */
export class CpuExecutable implements Executable {
  readonly launches: number;
  readonly #memory: CpuMemory;
  readonly #scratch: SharedScratch;
  readonly #slots: readonly Slot[];
  readonly #blockOffsets: readonly number[];
  readonly #scratchBytes: number;
  readonly #blocks: CpuBuffer;
  readonly #bound: readonly BoundLaunch[];
  readonly #boundCount: number;
  readonly #patches: readonly { readonly word: number; readonly index: number; readonly type: ScalarType }[];
  #lastBound: readonly number[] = [];
  #scratchVersion = -1;
  readonly #onRun: (bound: readonly BoundLaunch[]) => void;

  constructor(
    memory: CpuMemory,
    scratch: SharedScratch,
    launches: readonly CpuLaunch[],
    slots: readonly Slot[],
    blockBytes: readonly number[],
    bind: (launch: CpuLaunch) => (block: number) => void,
    onRun: (bound: readonly BoundLaunch[]) => void,
  ) {
    this.#memory = memory;
    this.#scratch = scratch;
    this.#slots = slots;
    this.#onRun = onRun;
    this.launches = launches.length;
    let bytes = launches.reduce((most, l) => Math.max(most, l.workspaceBytes), 0) + 64;
    // Scratch follows the workspace; each block keeps spare bytes that kernels may read.
    this.#blockOffsets = blockBytes.map((size) => {
      const at = Math.ceil(bytes / 64) * 64;
      bytes = at + size + 64;
      return at;
    });
    this.#scratchBytes = bytes;
    this.#boundCount = slots.reduce((n, s) => s.kind === "bound" ? Math.max(n, s.index + 1) : n, 0);
    this.#blocks = memory.allocate(4 * launches.reduce((n, l) => n + wordCount(l), 4));
    const patches: { word: number; index: number; type: ScalarType }[] = [];
    let word = this.#blocks.address / 4;
    this.#bound = launches.map((launch) => {
      const block = word;
      word += wordCount(launch);
      if (launch.kind === "wasm") {
        memory.words.set(launch.words, block + launch.pointers.length);
        const first = block + launch.pointers.length + launch.words.length;
        launch.scalars.forEach(({ index, type }, i) => patches.push({ word: first + i, index, type }));
      }
      return { launch, block, start: bind(launch) };
    });
    this.#patches = patches;
  }

  run(bound: readonly DeviceBuffer[], scalars: readonly number[]): void {
    this.#placeBuffers(bound);
    const { words } = this.#memory;
    for (const { word, index, type } of this.#patches) words[word] = scalarBits(type, scalars[index]!);
    this.#onRun(this.#bound);
  }

  /** Writes the addresses of buffers into the launches' blocks, where they have changed since the last run. */
  #placeBuffers(bound: readonly DeviceBuffer[]): void {
    const base = this.#scratch.reserve(this.#scratchBytes);
    const version = this.#scratch.version();
    if (version === this.#scratchVersion && sameBuffers(bound, this.#lastBound)) return;
    if (bound.length < this.#boundCount) {
      throw new DeviceError(`A launch list of ${this.#boundCount} buffers is given ${bound.length}`, {
        where: "cpu device",
      });
    }
    const { words } = this.#memory;
    const addresses = this.#slots.map((slot) =>
      slot.kind === "bound"
        ? (bound[slot.index] as CpuBuffer).address
        : base + this.#blockOffsets[slot.block]!
    );
    for (const { launch, block } of this.#bound) {
      const pointers = pointersOf(launch);
      for (let i = 0; i < pointers.length; i++) {
        words[block + i] = pointers[i] === WORKSPACE ? base : addresses[pointers[i]!]!;
      }
    }
    this.#scratchVersion = version;
    this.#lastBound = bound.map((b) => b.id);
  }

  dispose(): void {
    this.#memory.free(this.#blocks);
  }
}

type ScalarType = "f32" | "i32" | "u32" | "bool";

function sameBuffers(bound: readonly DeviceBuffer[], ids: readonly number[]): boolean {
  if (bound.length !== ids.length) return false;
  for (let i = 0; i < ids.length; i++) if (bound[i]!.id !== ids[i]) return false;
  return true;
}

function pointersOf(launch: CpuLaunch): readonly number[] {
  return launch.kind === "wasm" ? launch.pointers : [launch.a.pointer, launch.b.pointer, launch.c.pointer];
}

function wordCount(launch: CpuLaunch): number {
  return launch.kind === "wasm" ? launch.pointers.length + launch.words.length + launch.scalars.length : 3;
}
