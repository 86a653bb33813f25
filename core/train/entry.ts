import { ConfigError } from "../errors.ts";
import { showValue } from "../options.ts";
import { place } from "../config/config_errors.ts";
import { ConfigNode, type ContainerNode, DictNode, isContainer, ValueNode } from "../config/node.ts";
import type { JobLogger, RunContext } from "../config/run_context.ts";
import { Float } from "../config/scalar.ts";
import { select, selectNode } from "../config/select.ts";
import { toData } from "../config/to_container.ts";
import { manualSeed } from "../tensor/mod.ts";
import { type Callback, isCheckpointCallback } from "./callback.ts";
import { applyExtras } from "./extras.ts";
import { hyperParameters } from "./hyper_parameters.ts";
import { InterruptedError } from "./interrupt.ts";
import type { LitModule } from "./lit_module_hooks.ts";
import type { DataModuleLike } from "./loaders.ts";
import type { Logger } from "./logger.ts";
import { SavedFiles } from "./saved_files.ts";
import { missingOverrides, taskOverrides } from "./trained_with.ts";
import type { BaseTrainer, Results } from "./trainer.ts";

/** What a run was made of. */
export interface RunObjects {
  readonly datamodule: DataModuleLike;
  readonly model: LitModule;
  readonly callbacks: readonly Callback[];
  readonly loggers: readonly Logger[];
  readonly trainer: BaseTrainer;
}

/** What a run measured, and what it was made of. */
export interface RunResult {
  /** The last value of every metric, by name. */
  readonly metrics: Results;
  readonly objects: RunObjects;
}

/**
 * Trains what a config describes, then tests the best weights: the task behind `cli.ts train`.
 *
 * Builds in this order: `params.instances`, `data`, `model`, `callbacks`, `logger`, `trainer`.
 *
 * @throws {FulgurError} of whatever part cannot be built or run.
 */
export async function train(config: DictNode, context: RunContext): Promise<RunResult> {
  return await runTrain(config, context, () => {});
}

async function runTrain(
  config: DictNode,
  context: RunContext,
  onBuilt: (objects: RunObjects) => void,
): Promise<RunResult> {
  const log = await applyExtras(config, context, "train");
  try {
    seedEverything(config, log);
    const objects = await build(config, context, log);
    onBuilt(objects);
    const { trainer, model, datamodule, loggers } = objects;
    if (loggers.length > 0) {
      log.info("Logging hyperparameters!");
      await trainer.run.logHyperparams(hyperParameters(config, model));
    }
    let metrics: Results = {};
    if (isTrue(select(config, "train", { default: true }))) {
      log.info("Starting training!");
      const ckptPath = checkpointPath(select(config, "ckpt_path"));
      await trainer.fit(model, { datamodule, ckptPath, signal: context.signal });
      metrics = { ...trainer.callbackMetrics };
    }
    if (isTrue(select(config, "test"))) {
      log.info("Starting testing!");
      const best = trainer.checkpointCallback?.bestModelPath ?? "";
      if (best === "") log.warning("Best ckpt not found! Using current weights for testing...");
      const ckptPath = best === "" ? null : best;
      await trainer.test(model, { datamodule, ckptPath, signal: context.signal });
      metrics = { ...metrics, ...trainer.callbackMetrics };
      if (best !== "") log.info(`Best ckpt path: ${best}`);
    }
    return { metrics, objects };
  } finally {
    log.info(`Output dir: ${context.outputDir}`);
  }
}

/**
 * Trains, shows where everything was saved, and gives the value of `optimized_metric` to a sweep: `null` where none is
 * named.
 *
 * @throws {ConfigError} where the named metric was not logged; it lists those that were.
 */
export async function trainTask(config: DictNode, context: RunContext): Promise<number | null> {
  const files = new SavedFiles(context.outputDir);
  const showSaved = (): void => {
    const saved = files.text();
    if (saved !== "") console.log(saved);
  };
  const watch = ({ trainer }: RunObjects): void => {
    for (const callback of trainer.callbacks) {
      const { dirpath } = callback as { dirpath?: string | null };
      if (isCheckpointCallback(callback) && typeof dirpath === "string") files.watch(dirpath);
    }
  };
  try {
    const { metrics } = await runTrain(config, context, watch);
    const name = select(config, "optimized_metric") as string | null;
    const value = optimizedMetric(metrics, name, context.logger("train"));
    showSaved();
    return value;
  } catch (error) {
    if (error instanceof InterruptedError) showSaved();
    throw error;
  }
}

/**
 * Tests the weights of `ckpt_path` on the test data: the task behind `cli.ts eval`.
 *
 * @throws {CheckpointError} where the file is missing, truncated, or of another model.
 */
export async function evaluate(config: DictNode, context: RunContext): Promise<RunResult> {
  const log = await applyExtras(config, context, "eval");
  try {
    const ckptPath = checkpointPath(select(config, "ckpt_path", { throwOnMissing: true }));
    if (ckptPath === null) {
      throw new ConfigError("eval needs a checkpoint", {
        where: "ckpt_path",
        fix: "add ckpt_path=<file> to the command, such as one under logs/train/runs",
      });
    }
    const others = missingOverrides(ckptPath, taskOverrides(context.hydra));
    if (others.length > 0) {
      log.warning(`The checkpoint's run had ${others.join(" ")}; add this to get its numbers`);
    }
    const objects = await build(config, context, log);
    const { trainer, model, datamodule, loggers } = objects;
    if (loggers.length > 0) {
      log.info("Logging hyperparameters!");
      await trainer.run.logHyperparams(hyperParameters(config, model));
    }
    log.info("Starting testing!");
    await trainer.test(model, { datamodule, ckptPath, signal: context.signal });
    return { metrics: { ...trainer.callbackMetrics }, objects };
  } finally {
    log.info(`Output dir: ${context.outputDir}`);
  }
}

/** Python's truth of a config value: null, 0, an empty text and an empty container are false. */
function isTrue(value: unknown): boolean {
  return value instanceof ConfigNode && isContainer(value) ? value.size > 0 : Boolean(value);
}

/** What `ckpt_path` says: a path, or none. */
function checkpointPath(value: unknown): string | null {
  if (value === null || value === undefined || typeof value === "string") return value ?? null;
  throw new ConfigError(`ckpt_path = ${showValue(value)} is no path`, {
    where: "ckpt_path",
    fix: "give the path of a file; quote one that looks like a number: ckpt_path=\"'123'\"",
  });
}

/** The metric that a sweep optimizes. */
export function optimizedMetric(metrics: Results, name: string | null, log: JobLogger): number | null {
  if (name === null || name === "") {
    log.info("Metric name is None! Skipping metric value retrieval...");
    return null;
  }
  const value = metrics[name];
  if (value === undefined) {
    throw new ConfigError(`Metric value not found! <metric_name=${name}>`, {
      where: "optimized_metric",
      fix: `the run logged ${Object.keys(metrics).join(", ") || "nothing"}`,
    });
  }
  log.info(`Retrieved metric value! <${name}=${value}>`);
  return value;
}

const LARGEST_SEED = 2 ** 32 - 1;

/** `seed: 0` and `seed: null` leave the generators alone, as in the Python template. */
function seedEverything(config: DictNode, log: JobLogger): void {
  const seed = select(config, "seed");
  if (!seed) return;
  if (typeof seed !== "number" || !Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED) {
    throw new ConfigError(`${String(seed)} cannot be a seed`, {
      where: "seed",
      fix: `give a whole number from 1 to ${LARGEST_SEED}, or null`,
    });
  }
  manualSeed(seed);
  log.info(`Seed set to ${seed}`);
}

async function build(config: DictNode, context: RunContext, log: JobLogger): Promise<RunObjects> {
  await buildInstances(config, context, log);
  const one = async (name: string, label: string, kwargs: Record<string, unknown> = {}): Promise<unknown> => {
    const node = section(config, name);
    log.info(`Instantiating ${label} <${String(select(node, "_target_"))}>`);
    return await context.instantiate(node, kwargs);
  };
  const datamodule = await one("data", "datamodule") as DataModuleLike;
  const model = await one("model", "model") as LitModule;
  const callbacks = await buildAll<Callback>(config, "callbacks", "callback", context, log);
  const loggers = await buildAll<Logger>(config, "logger", "logger", context, log);
  const kwargs = { ...wholeShares(section(config, "trainer")), callbacks, logger: loggers };
  const trainer = await one("trainer", "trainer", kwargs) as BaseTrainer;
  return { datamodule, model, callbacks, loggers, trainer };
}

/** Builds `params.instances` in place, so that `${params.instances.net}` is one and the same object everywhere. */
async function buildInstances(config: DictNode, context: RunContext, log: JobLogger): Promise<void> {
  const node = selectNode(config, "params.instances");
  if (!(node instanceof DictNode) || node.isNone) return;
  for (const child of [...node.children()]) {
    const key = String(child.key);
    log.info(`Instantiating instances <${key}>`);
    node.setChild(key, ValueNode.literal(await context.instantiate(child)));
  }
}

/** Every entry of a mapping that has a `_target_`. */
async function buildAll<T>(
  config: DictNode,
  name: string,
  singular: string,
  context: RunContext,
  log: JobLogger,
): Promise<T[]> {
  const node = selectNode(config, name);
  if (node === undefined || node.isNone || (isContainer(node) && node.size === 0)) {
    log.warning(`No ${singular} configs found! Skipping${singular === "callback" ? ".." : "..."}`);
    return [];
  }
  if (!(node instanceof DictNode)) {
    throw new ConfigError(`${name} must be a mapping of names to configs`, {
      where: name,
      fix: `write it as ${name}: {name: {_target_: …}}`,
    });
  }
  log.info(`Instantiating ${singular}s...`);
  const built: T[] = [];
  for (const child of node.children()) {
    const target = child instanceof DictNode && !child.isNone ? select(child, "_target_") : null;
    if (target === null) continue;
    log.info(`Instantiating ${singular} <${String(target)}>`);
    built.push(await context.instantiate(child) as T);
  }
  return built;
}

const SHARES = [
  "limit_train_batches",
  "limit_val_batches",
  "limit_test_batches",
  "limit_predict_batches",
  "overfit_batches",
  "val_check_interval",
];

/** Says `1.0`, which means all batches, in a word; as a plain number it would be 1 batch. */
function wholeShares(trainer: ContainerNode): Record<string, string> {
  const shares: Record<string, string> = {};
  for (const key of SHARES) {
    const node = selectNode(trainer, key);
    const value = node === undefined ? null : toData(node, { resolve: true });
    if (value instanceof Float && value.value === 1) shares[key] = "all";
  }
  return shares;
}

function section(config: DictNode, name: string): ContainerNode {
  const node = selectNode(config, name);
  if (node !== undefined && isContainer(node) && !node.isNone) {
    if (selectNode(node, "_target_") !== undefined) return node;
    throw new ConfigError(`The config's ${name} has no _target_`, {
      where: node.origin === undefined ? name : place(node.origin),
      fix: `name what to build, or choose another: ${name}=<option>`,
    });
  }
  throw new ConfigError(`The config has no ${name}`, {
    where: name,
    fix: `choose one, such as ${name}=<option>; the config has ${
      Array.from(config.keys(), String).join(", ")
    }`,
  });
}
