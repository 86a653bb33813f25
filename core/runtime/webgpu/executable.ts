import { DeviceError } from "../../errors.ts";
import type { DeviceBuffer, Executable, Slot } from "../device.ts";
import type { GpuLaunch, WordType } from "./launch.ts";
import { mergeBindings } from "./merge.ts";
import type { Pipeline, PipelineCache } from "./pipelines.ts";
import type { GpuMemory } from "./pool.ts";
import type { ScratchMemory } from "./scratch.ts";

const UNIFORM = 0x40;
const COPY_DST = 0x8;

/** What an executable needs of its device. */
export interface ExecutableHost {
  readonly gpu: GPUDevice;
  readonly pipelines: PipelineCache;
  readonly scratch: ScratchMemory;
  /** Throws the failure that the device has met, if any. */
  check(): void;
  /** Counts one submit of so many launches and remembers what it is called. */
  count(launches: number, label: string): void;
  /** Keeps a failure for the next call. */
  report(error: Error): void;
}

interface Step {
  pipeline: Pipeline | undefined;
  readonly launch: GpuLaunch;
  readonly offset: Uint32Array;
  group: GPUBindGroup | undefined;
}

interface PatchedWord {
  readonly position: number;
  readonly scalar: number;
  readonly type: WordType;
}

/**
 * Launches with their pipelines, uniform words and bind groups; one run is one compute pass and one submit.
 *
 * Pipelines are made at the first run, because only then it is known which slots hold the same buffer.
 */
export class GpuExecutable implements Executable {
  readonly launches: number;
  readonly #host: ExecutableHost;
  readonly #label: string;
  readonly #slots: readonly Slot[];
  readonly #blocks: readonly number[];
  readonly #steps: Step[];
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #floats: Float32Array<ArrayBuffer>;
  readonly #patches: PatchedWord[] = [];
  readonly #buffer: GPUBuffer | undefined;
  readonly #wordsGroup: GPUBindGroup | undefined;
  #boundIds: number[] = [];
  #scratchVersion = -1;
  #written = false;

  constructor(
    host: ExecutableHost,
    launches: readonly GpuLaunch[],
    slots: readonly Slot[],
    blockBytes: readonly number[],
  ) {
    this.launches = launches.length;
    this.#host = host;
    const labels = launches.map((launch) => launch.label);
    this.#label = labels.length < 2
      ? labels.join()
      : `${labels[0]} … ${labels.at(-1)} (${labels.length} launches)`;
    this.#slots = slots;
    this.#blocks = host.scratch.reserve(blockBytes, temporaryBytes(launches));
    const alignment = Math.max(16, host.gpu.limits.minUniformBufferOffsetAlignment);
    let largest = 16;
    let bytes = 0;
    const offsets = launches.map((launch) => {
      const size = Math.ceil(launch.words.byteLength / 16) * 16;
      largest = Math.max(largest, size);
      const offset = bytes;
      bytes = Math.ceil((bytes + size) / alignment) * alignment;
      return offset;
    });
    // The bound range has one size for all launches, so the last one needs room behind it.
    const total = Math.ceil((bytes + largest) / 16) * 16;
    this.#words = new Uint32Array(total / 4);
    this.#floats = new Float32Array(this.#words.buffer);
    this.#steps = launches.map((launch, i) => {
      const start = offsets[i]! / 4;
      this.#words.set(launch.words, start);
      for (const { word, scalar, type } of launch.scalars) {
        this.#patches.push({ position: start + word, scalar, type });
      }
      return {
        pipeline: undefined,
        launch,
        offset: Uint32Array.of(offsets[i]!),
        group: undefined,
      };
    });
    if (launches.length > 0) {
      this.#buffer = host.gpu.createBuffer({ label: "words", size: total, usage: UNIFORM | COPY_DST });
      this.#wordsGroup = host.gpu.createBindGroup({
        label: "words",
        layout: host.pipelines.wordsLayout,
        entries: [{ binding: 0, resource: { buffer: this.#buffer, size: largest } }],
      });
    }
  }

  run(bound: readonly DeviceBuffer[], scalars: readonly number[]): void {
    const { gpu } = this.#host;
    this.#host.check();
    if (this.#buffer === undefined) return;
    this.#host.count(this.launches, this.#label);
    this.#writeWords(this.#buffer, scalars);
    this.#bind(bound);
    const encoder = gpu.createCommandEncoder({ label: this.#label });
    const pass = encoder.beginComputePass({ label: this.#label });
    let current: GPUComputePipeline | undefined;
    for (const step of this.#steps) {
      const pipeline = step.pipeline!.gpu;
      if (pipeline !== current) pass.setPipeline(current = pipeline);
      pass.setBindGroup(0, this.#wordsGroup!, step.offset, 0, 1);
      pass.setBindGroup(1, step.group!);
      const [x, y, z] = step.launch.grid;
      pass.dispatchWorkgroups(x, y, z);
    }
    pass.end();
    gpu.queue.submit([encoder.finish()]);
  }

  dispose(): void {
    this.#buffer?.destroy();
  }

  /** Writes the uniform words that changed since the last run. */
  #writeWords(buffer: GPUBuffer, scalars: readonly number[]): void {
    let low = Infinity;
    let high = -1;
    for (const { position, scalar, type } of this.#patches) {
      const value = scalars[scalar];
      if (value === undefined) {
        throw new DeviceError(`Dynamic scalar ${scalar} has no value: ${scalars.length} were given`, {
          where: "webgpu",
          fix: "pass one value for each dynamic scalar of the program",
        });
      }
      const before = this.#words[position];
      if (type === "f32") this.#floats[position] = value;
      else this.#words[position] = type === "bool" ? Number(value !== 0) : value;
      if (this.#words[position] !== before) {
        low = Math.min(low, position);
        high = Math.max(high, position);
      }
    }
    if (!this.#written) [low, high] = [0, this.#words.length - 1];
    if (high >= low) this.#host.gpu.queue.writeBuffer(buffer, low * 4, this.#words, low, high - low + 1);
    this.#written = true;
  }

  /** Finds the bind group of every step, unless the buffers are those of the last run. */
  #bind(bound: readonly DeviceBuffer[]): void {
    const { pipelines, scratch } = this.#host;
    let same = this.#scratchVersion === scratch.version && this.#boundIds.length === bound.length;
    for (let i = 0; same && i < bound.length; i++) same = bound[i]!.id === this.#boundIds[i];
    if (same) return;
    for (const step of this.#steps) {
      const buffers = step.launch.bindings.map((binding): GpuMemory => {
        if (binding.kind === "temporary") return scratch.temporary();
        const slot = this.#slots[binding.slot]!;
        if (slot.kind === "scratch") return scratch.block(this.#blocks[slot.block]!);
        const buffer = bound[slot.index];
        if (buffer === undefined) {
          throw new DeviceError(`Buffer ${slot.index} is missing: ${bound.length} were given`, {
            where: step.launch.label,
            fix: "pass one buffer for each bound slot of the program",
          });
        }
        return buffer as GpuMemory;
      });
      const { code, label } = step.launch;
      const merged = mergeBindings(code, buffers.map((buffer) => buffer.id));
      step.pipeline = pipelines.pipeline(
        merged.code,
        merged.bindings.length,
        label,
        (error) => this.#host.report(error),
      );
      step.group = pipelines.group(merged.bindings.map((i) => buffers[i]!), label);
    }
    this.#boundIds = bound.map((buffer) => buffer.id);
    this.#scratchVersion = scratch.version;
  }
}

function temporaryBytes(launches: readonly GpuLaunch[]): number {
  let bytes = 0;
  for (const launch of launches) {
    for (const binding of launch.bindings) {
      if (binding.kind === "temporary") bytes = Math.max(bytes, binding.bytes);
    }
  }
  return bytes;
}
