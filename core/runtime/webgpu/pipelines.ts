import { ShaderError } from "../../errors.ts";
import type { GpuMemory } from "./pool.ts";

const COMPUTE = 0x4;
const MOST_GROUPS = 8192;

/** A compiled shader and the layout of its buffers. */
export interface Pipeline {
  readonly gpu: GPUComputePipeline;
  /** How many storage buffers it binds. */
  readonly buffers: number;
}

/** Pipelines by source text, bind group layouts by number of buffers, bind groups by buffers. */
export class PipelineCache {
  readonly #gpu: GPUDevice;
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #layouts = new Map<number, GPUBindGroupLayout>();
  readonly #groups = new Map<string, GPUBindGroup>();
  readonly #groupsOfBuffer = new Map<number, string[]>();
  /** Layout of the uniform words. */
  readonly wordsLayout: GPUBindGroupLayout;

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
    this.wordsLayout = gpu.createBindGroupLayout({
      label: "words",
      entries: [{ binding: 0, visibility: COMPUTE, buffer: { type: "uniform", hasDynamicOffset: true } }],
    });
  }

  /** How many pipelines were compiled. */
  get compiled(): number {
    return this.#pipelines.size;
  }

  /**
   * The pipeline of a module.
   *
   * @param report Called later, should the driver refuse the module.
   */
  pipeline(code: string, buffers: number, label: string, report: (error: ShaderError) => void): Pipeline {
    const known = this.#pipelines.get(code);
    if (known !== undefined) return known;
    this.#gpu.pushErrorScope("validation");
    const module = this.#gpu.createShaderModule({ label, code });
    const gpu = this.#gpu.createComputePipeline({
      label,
      layout: this.#gpu.createPipelineLayout({
        label,
        bindGroupLayouts: [this.wordsLayout, this.#storageLayout(buffers)],
      }),
      compute: { module, entryPoint: "main" },
    });
    this.#gpu.popErrorScope().then((error) => {
      if (error !== null) {
        report(
          new ShaderError(`The shader of "${label}" does not compile: ${error.message}`, { where: label }),
        );
      }
    });
    const pipeline = { gpu, buffers };
    this.#pipelines.set(code, pipeline);
    return pipeline;
  }

  /** The bind group of a list of buffers, shared by every launch that binds the same ones. */
  group(buffers: readonly GpuMemory[], label: string): GPUBindGroup {
    let key = "";
    for (const buffer of buffers) key += buffer.id + " ";
    let group = this.#groups.get(key);
    if (group === undefined) {
      // Lists that are run again hold on to their groups; the rest may be made anew.
      if (this.#groups.size >= MOST_GROUPS) {
        this.#groups.clear();
        this.#groupsOfBuffer.clear();
      }
      group = this.#gpu.createBindGroup({
        label,
        layout: this.#storageLayout(buffers.length),
        entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer: buffer.gpu } })),
      });
      this.#groups.set(key, group);
      for (const { id } of buffers) {
        const keys = this.#groupsOfBuffer.get(id);
        if (keys === undefined) this.#groupsOfBuffer.set(id, [key]);
        else keys.push(key);
      }
    }
    return group;
  }

  /** Drops the bind groups of a buffer that is about to be destroyed. */
  forget(id: number): void {
    for (const key of this.#groupsOfBuffer.get(id) ?? []) this.#groups.delete(key);
    this.#groupsOfBuffer.delete(id);
  }

  #storageLayout(buffers: number): GPUBindGroupLayout {
    let layout = this.#layouts.get(buffers);
    if (layout === undefined) {
      layout = this.#gpu.createBindGroupLayout({
        label: `${buffers} buffers`,
        entries: Array.from({ length: buffers }, (_, binding) => ({
          binding,
          visibility: COMPUTE,
          buffer: { type: "storage" },
        })),
      });
      this.#layouts.set(buffers, layout);
    }
    return layout;
  }
}
