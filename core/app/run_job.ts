import { isAbsolute, join, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { attribute } from "../config/access.ts";
import { checkSchemas } from "../config/check_schema.ts";
import type { Composition } from "../config/config_loader.ts";
import { HydraConfig } from "../config/hydra_config.ts";
import { put } from "../config/hydra_node.ts";
import { ConfigNode, type DictNode, isContainer } from "../config/node.ts";
import { pythonStr } from "../config/python_text.ts";
import type { RunContext, TaskFunction } from "../config/run_context.ts";
import { select, selectNode } from "../config/select.ts";
import { toContainer } from "../config/to_container.ts";
import { toYaml } from "../config/to_yaml.ts";
import type { JobReturn } from "../sweep/sweeper.ts";
import type { HydraCallbacks } from "./hydra_callbacks.ts";
import type { Logging } from "./logging.ts";
import { causeText } from "./report.ts";

/** What running a job needs beside its config. */
export interface JobOptions {
  readonly task: TaskFunction;
  readonly callbacks: HydraCallbacks;
  readonly logging: Logging;
  readonly signal: AbortSignal;
  readonly instantiate: RunContext["instantiate"];
  /** `hydra.run.dir` or `hydra.sweep.dir`. */
  readonly directoryKey: string;
  /** `hydra.sweep.subdir` in a sweep. */
  readonly subdirectoryKey?: string;
  /** What `directoryKey` stands for, where that is settled already: all jobs of a sweep share one folder. */
  readonly directory?: string;
  readonly jobName: string;
}

/** Runs one job: makes its folder, writes `.hydra/*.yaml`, sets up its log, calls the task. A failure is returned. */
export async function runJob({ config }: Composition, options: JobOptions): Promise<JobReturn> {
  return await HydraConfig.run(config, () => runInFolder(config, options));
}

async function runInFolder(config: DictNode, options: JobOptions): Promise<JobReturn> {
  const hydra = HydraConfig.get();
  const before = Deno.cwd();
  const directory = jobDirectory(config, options);
  const outputDir = resolve(directory);
  put(hydra.child("runtime") as DictNode, "output_dir", outputDir);
  checkSchemas(config, { resolve: true });
  makeFolder(outputDir, options.directoryKey);
  const record = jobRecord(config, options.jobName);
  const changesDirectory = select(hydra, "job.chdir") === true;
  if (changesDirectory) Deno.chdir(outputDir);
  const result = { ...record, workingDir: Deno.cwd() };
  try {
    options.logging.configure(loggingConfig(hydra, "job_logging"), verbose(hydra));
    writeRecords(config, record.config, record.hydraConfig, outputDir);
    return await withEnvironment(hydra, async () => {
      await options.callbacks.notify("onJobStart", config, options.task);
      let job: JobReturn;
      try {
        const context: RunContext = {
          outputDir,
          hydra,
          logger: (name) => options.logging.logger(name),
          instantiate: options.instantiate,
          signal: options.signal,
        };
        const returnValue = await options.task(record.config, context);
        job = { ...result, status: "completed", returnValue, error: undefined };
      } catch (error) {
        options.logging.keepError(options.jobName, causeText(error));
        job = { ...result, status: "failed", returnValue: undefined, error };
      }
      await options.callbacks.notify("onJobEnd", config, job);
      return job;
    });
  } finally {
    if (changesDirectory) Deno.chdir(before);
  }
}

/** What a job's return tells of its config. */
export function jobRecord(
  config: DictNode,
  taskName: string,
): Pick<JobReturn, "overrides" | "config" | "hydraConfig" | "taskName"> {
  const task = config.clone();
  task.removeChild("hydra");
  const overrides = strings(selectNode(config, "hydra.overrides.task"));
  return { overrides, config: task, hydraConfig: onlyHydra(config), taskName };
}

function jobDirectory(config: DictNode, { directoryKey, subdirectoryKey, ...options }: JobOptions): string {
  const directory = options.directory ?? pythonStr(select(config, directoryKey));
  if (subdirectoryKey === undefined) return directory;
  // Read late: it may name the job's number or id.
  const subdirectory = pythonStr(select(config, subdirectoryKey));
  return isAbsolute(subdirectory) ? subdirectory : join(directory, subdirectory);
}

function makeFolder(path: string, directoryKey: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = cause instanceof Error ? cause.message.replace(/: mkdir '.*'$/s, "") : String(cause);
    throw new ConfigError(`Cannot make the run's folder ${path}: ${reason}`, {
      where: directoryKey,
      fix: `choose a folder that may be written: ${directoryKey}=<folder>`,
      cause,
    });
  }
}

/** A config that holds the `hydra` node alone; interpolations still see the whole. */
function onlyHydra(config: DictNode): DictNode {
  const copy = config.clone();
  for (const child of [...copy.children()]) if (child.key !== "hydra") copy.removeChild(child.key!);
  return copy;
}

function writeRecords(config: DictNode, task: DictNode, hydra: DictNode, outputDir: string): void {
  if (selectNode(config, "hydra.output_subdir")?.isMissing) {
    throw new ConfigError("Missing mandatory value: hydra.output_subdir", {
      fix: "name a folder, or null for none",
    });
  }
  const subdirectory = select(config, "hydra.output_subdir");
  if (subdirectory === null) return;
  const folder = join(outputDir, pythonStr(subdirectory));
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(join(folder, "config.yaml"), toYaml(task));
  Deno.writeTextFileSync(join(folder, "hydra.yaml"), toYaml(hydra));
  Deno.writeTextFileSync(join(folder, "overrides.yaml"), toYaml(selectNode(config, "hydra.overrides.task")!));
}

/** A logging config with its interpolations resolved, or null. @throws {MissingMandatoryValue} where there is none. */
export function loggingConfig(hydra: DictNode, key: "job_logging" | "hydra_logging"): unknown {
  const node = attribute(hydra, key);
  return node instanceof ConfigNode ? toContainer(node, { resolve: true }) : null;
}

/** What `hydra.verbose` says: a flag, a logger's name, or several. */
export function verbose(hydra: DictNode): unknown {
  const node = selectNode(hydra, "verbose");
  return node === undefined ? false : toContainer(node, { resolve: true });
}

function strings(node: ConfigNode | undefined): string[] {
  return node !== undefined && isContainer(node) ? (toContainer(node) as unknown[]).map(String) : [];
}

/** Sets `hydra.job.env_set` for the job and puts the old values back after it. */
async function withEnvironment<T>(hydra: DictNode, run: () => Promise<T>): Promise<T> {
  const node = selectNode(hydra, "job.env_set");
  const wanted = node === undefined ? {} : toContainer(node, { resolve: true }) as Record<string, unknown>;
  const before = Object.keys(wanted).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(wanted)) Deno.env.set(name, pythonStr(value));
  try {
    return await run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}
