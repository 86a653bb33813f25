import { join } from "node:path";
import type { DictNode } from "../config/node.ts";
import type { JobLogger, TaskFunction } from "../config/run_context.ts";
import { select } from "../config/select.ts";
import { pythonRepr, pythonStr } from "../config/python_text.ts";
import { toYaml } from "../config/to_yaml.ts";
import type { JobReturn } from "../sweep/sweeper.ts";
import { causeText } from "./report.ts";

/** What `hydra.callbacks` may hold: hooks around a run, a sweep, and each of their jobs. All are optional. */
export interface HydraCallback {
  onRunStart?(config: DictNode, configName: string | undefined): unknown;
  onRunEnd?(config: DictNode, configName: string | undefined, job: JobReturn): unknown;
  onMultirunStart?(config: DictNode, configName: string | undefined): unknown;
  onMultirunEnd?(config: DictNode, configName: string | undefined): unknown;
  onJobStart?(config: DictNode, task: TaskFunction): unknown;
  onJobEnd?(config: DictNode, job: JobReturn): unknown;
}

/** Calls hooks: starts in the config's order, ends in reverse; what one throws becomes a warning. */
export class HydraCallbacks {
  readonly #callbacks: readonly HydraCallback[];
  readonly #warn: (message: string) => void;

  constructor(callbacks: readonly HydraCallback[], warn: (message: string) => void) {
    this.#callbacks = callbacks;
    this.#warn = warn;
  }

  /** Calls one hook of every callback. */
  async notify<H extends keyof HydraCallback>(
    hook: H,
    ...args: Parameters<NonNullable<HydraCallback[H]>>
  ): Promise<void> {
    const callbacks = hook.endsWith("End") ? [...this.#callbacks].reverse() : this.#callbacks;
    for (const callback of callbacks) {
      const method = callback[hook] as ((...args: unknown[]) => unknown) | undefined;
      try {
        await method?.apply(callback, args);
      } catch (error) {
        const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        this.#warn(`Callback ${callback.constructor.name}.${snake(hook)} raised ${text}`);
      }
    }
  }
}

function snake(hook: string): string {
  return hook.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Logs what each job returned: `Succeeded with return value: 1.5`. */
export class LogJobReturnCallback implements HydraCallback {
  readonly #log: JobLogger;

  constructor(options: { readonly log: JobLogger }) {
    this.#log = options.log;
  }

  /** Writes one line. */
  onJobEnd(_config: DictNode, job: JobReturn): void {
    if (job.status === "completed") {
      this.#log.info(`Succeeded with return value: ${pythonStr(describe(job.returnValue))}`);
    } else if (job.status === "failed") this.#log.error(`\n${causeText(job.error)}`);
    else this.#log.error("Status unknown. This should never happen.");
  }
}

/** Saves the job's config and what it returned beside `.hydra/config.yaml`, as YAML where Hydra pickles. */
export class PickleJobInfoCallback implements HydraCallback {
  #directory = "";

  /** Saves the whole config before the job. */
  onJobStart(config: DictNode): void {
    const output = pythonStr(select(config, "hydra.runtime.output_dir"));
    this.#directory = join(output, pythonStr(select(config, "hydra.output_subdir") ?? ""));
    Deno.mkdirSync(this.#directory, { recursive: true });
    Deno.writeTextFileSync(join(this.#directory, "config_all.yaml"), toYaml(config));
  }

  /** Saves how the job ended. */
  onJobEnd(_config: DictNode, job: JobReturn): void {
    const value = job.status === "completed" ? pythonRepr(describe(job.returnValue)) : String(job.error);
    const lines = [`status: ${job.status}`, `return_value: ${JSON.stringify(value)}`, ""];
    Deno.writeTextFileSync(join(this.#directory, "job_return.yaml"), lines.join("\n"));
  }
}

function describe(value: unknown): unknown {
  const isData = value === null || ["string", "number", "boolean", "bigint"].includes(typeof value);
  if (value === undefined) return null;
  return isData || Array.isArray(value) || value instanceof Map
    ? value
    : `<${(value as object).constructor?.name}>`;
}
