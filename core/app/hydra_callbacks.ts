import { join } from "node:path";
import { type ConfigNode, DictNode, ListNode } from "../config/node.ts";
import type { JobLogger, TaskFunction } from "../config/run_context.ts";
import { select } from "../config/select.ts";
import { pythonRepr, pythonStr } from "../config/python_text.ts";
import { toYaml } from "../config/to_yaml.ts";
import { takeOptions } from "../options.ts";
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

/** An entry of `hydra.callbacks` that is no callback: each hook of it is a warning, in Hydra's words. */
export class NoCallback {
  readonly #entry: unknown;

  /** @param entry The entry, resolved: a dictionary without `_target_`, a list, or null. */
  constructor(entry: unknown) {
    this.#entry = entry;
  }

  /** What is said when a hook is due. */
  warning(hook: string): string {
    const entry = this.#entry;
    const place = (kind: string) =>
      `\n    full_key: ${(entry as ConfigNode).fullKey(hook)}\n    object_type=${kind}`;
    if (entry instanceof DictNode) {
      return `Callback DictConfig.${hook} raised ConfigAttributeError: Missing key ${hook}${place("dict")}`;
    }
    return entry instanceof ListNode
      ? `Callback ListConfig.${hook} raised ConfigAttributeError: ListConfig does not support attribute access${
        place("list")
      }`
      : `Callback NoneType.${hook} raised AttributeError: 'NoneType' object has no attribute '${hook}'`;
  }
}

/** Calls hooks: starts in the config's order, ends in reverse; what one throws becomes a warning. */
export class HydraCallbacks {
  readonly #callbacks: readonly (HydraCallback | NoCallback)[];
  readonly #warn: (message: string) => void;

  constructor(callbacks: readonly (HydraCallback | NoCallback)[], warn: (message: string) => void) {
    this.#callbacks = callbacks;
    // Python shows each warning once.
    const shown = new Set<string>();
    this.#warn = (message) => {
      if (!shown.has(message)) warn(message);
      shown.add(message);
    };
  }

  /** Calls one hook of every callback. */
  async notify<H extends keyof HydraCallback>(
    hook: H,
    ...args: Parameters<NonNullable<HydraCallback[H]>>
  ): Promise<void> {
    const callbacks = hook.endsWith("End") ? [...this.#callbacks].reverse() : this.#callbacks;
    for (const callback of callbacks) {
      if (callback instanceof NoCallback) {
        this.#warn(callback.warning(snake(hook)));
        continue;
      }
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

  constructor({ log, ...rest }: { readonly log: JobLogger }) {
    takeOptions("hydra.experimental.callbacks.LogJobReturnCallback", rest, {});
    this.#log = log;
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
  readonly #log: JobLogger;
  #directory = "";

  constructor({ log, ...rest }: { readonly log: JobLogger }) {
    takeOptions("hydra.experimental.callbacks.PickleJobInfoCallback", rest, {});
    this.#log = log;
  }

  /** Saves the whole config before the job. */
  onJobStart(config: DictNode): void {
    const output = pythonStr(select(config, "hydra.runtime.output_dir"));
    this.#directory = join(output, pythonStr(select(config, "hydra.output_subdir") ?? ""));
    Deno.mkdirSync(this.#directory, { recursive: true });
    const file = join(this.#directory, "config_all.yaml");
    Deno.writeTextFileSync(file, toYaml(config));
    this.#log.info(`Saving job configs in ${file}`);
  }

  /** Saves how the job ended. */
  onJobEnd(_config: DictNode, job: JobReturn): void {
    const value = job.status === "completed" ? pythonRepr(describe(job.returnValue)) : String(job.error);
    const lines = [`status: ${job.status}`, `return_value: ${JSON.stringify(value)}`, ""];
    const file = join(this.#directory, "job_return.yaml");
    Deno.writeTextFileSync(file, lines.join("\n"));
    this.#log.info(`Saving job_return in ${file}`);
  }
}

function describe(value: unknown): unknown {
  const isData = value === null || ["string", "number", "boolean", "bigint"].includes(typeof value);
  if (value === undefined) return null;
  return isData || Array.isArray(value) || value instanceof Map
    ? value
    : `<${(value as object).constructor?.name}>`;
}
