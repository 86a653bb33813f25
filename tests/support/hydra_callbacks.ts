import type { HydraCallback } from "../../core/app/mod.ts";
import type { DictNode } from "../../core/config/node.ts";
import type { JobReturn } from "../../core/sweep/mod.ts";

/** What the recorders were called with, in order. */
export const calls: string[] = [];

/** Writes down each call. */
export class Recorder implements HydraCallback {
  readonly #name: string;

  constructor(options: { readonly name: string }) {
    this.#name = options.name;
  }

  onRunStart(): void {
    calls.push(`${this.#name} runStart`);
  }

  onRunEnd(): void {
    calls.push(`${this.#name} runEnd`);
  }

  onJobStart(): void {
    calls.push(`${this.#name} jobStart`);
  }

  onJobEnd(_config: DictNode, job: JobReturn): void {
    calls.push(`${this.#name} jobEnd ${job.returnValue}`);
  }
}

/** Throws at the end of a job. */
export class Thrower implements HydraCallback {
  onJobEnd(): void {
    throw new RangeError("no");
  }
}
