#!/usr/bin/env -S deno run -A
/**
 * The command line: `train`, `eval`, `compose`, `info`, `completion`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { main, type MainOptions, processStreams, queryVerbCompletion } from "./core/app/mod.ts";
import { type Library, targetTable } from "./core/config/names.ts";
import type { DictNode } from "./core/config/node.ts";
import type { RunContext } from "./core/config/run_context.ts";
import { evaluatedAsTrained } from "./core/train/trained_with.ts";

const PRESETS_NAME = "fulgur.configs";

/** What each verb does, as `--help` says it. */
const VERBS: Readonly<Record<string, string>> = {
  train: "train what configs/train.yaml describes, then test the best weights",
  eval: "test a checkpoint: eval ckpt_path=<file>",
  compose: "show the composed config of train (or another: -cn eval) without running it",
  info: "targets: which Python names have a port here; or what --info shows: defaults, searchpath, …",
  completion: "print a script for your shell: bash, zsh or fish",
};

const HELP = `Fulgur: deep learning for Deno, configured as with Hydra.

usage: deno run -A cli.ts <verb> [flags] [overrides]

${Object.entries(VERBS).map(([verb, does]) => `  ${verb.padEnd(11)} ${does}`).join("\n")}

examples:
  deno run -A cli.ts train debug=limit
  deno run -A cli.ts train experiment=example trainer.accelerator=cpu
  deno run -A cli.ts train -m model.optimizer.lr=0.001,0.01
  deno run -A cli.ts eval ckpt_path=logs/train/runs/<run>/checkpoints/last.ckpt
  deno run -A cli.ts train --cfg job --resolve

Each verb shows its own help: deno run -A cli.ts train --help
`;

/**
 * Runs the command line and returns the exit code.
 *
 * @example
 * ```ts
 * import { cli } from "./cli.ts";
 * console.assert(await cli(["compose", "data.batch_size=32", "--package", "data.batch_size"]) === 0);
 * ```
 */
export async function cli(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  switch (verb) {
    case "train":
      return await main(trainTask, await options("train", rest));
    case "eval": {
      const { args, added } = evaluatedAsTrained(rest);
      if (added.length > 0) processStreams.stdout(`Evaluating as the run was trained: ${added.join(" ")}\n`);
      return await main(evalTask, await options("eval", args));
    }
    case "compose":
      return await main(
        trainTask,
        await options("train", rest.includes("--cfg") ? rest : ["--cfg", "job", ...rest]),
      );
    case "info":
      return await info(rest);
    case "completion":
      return await completion(rest);
    case undefined:
    case "help":
    case "--help":
    case "-h":
      processStreams.stdout(HELP);
      return 0;
    case "--version":
      return await main(trainTask, { args: ["--version"] });
    default:
      processStreams.stderr(`There is no verb "${verb}"; try ${Object.keys(VERBS).join(", ")}\n\n${HELP}`);
      return Deno.exitCode = 2;
  }
}

/** The library is loaded only when something is built: help and `--cfg` need no tensors. */
async function library(): Promise<Library> {
  return await import("./mod.ts");
}

async function trainTask(config: DictNode, context: RunContext): Promise<number | null> {
  const { train } = await import("./mod.ts");
  return await train.trainTask(config, context);
}

/** Gives the metrics alone: what was built cannot leave the process of a job. */
async function evalTask(config: DictNode, context: RunContext): Promise<Readonly<Record<string, number>>> {
  const { train } = await import("./mod.ts");
  return (await train.evaluate(config, context)).metrics;
}

/**
 * Configs come from `configs/` where the command is run, else from the package; `--config-path` replaces both, and
 * `--config-dir` adds a folder. One with a primary config of its own replaces both too: the Python template has no
 * other way to name its configs. The package's presets may be named on a search path as `pkg://fulgur.configs`.
 */
async function options(configName: "train" | "eval", args: readonly string[]): Promise<MainOptions> {
  const presets = new URL("./configs/", import.meta.url);
  const bundle = presets.protocol === "file:"
    ? fileURLToPath(presets)
    : (await import("./configs/mod.ts")).PRESETS;
  const loader = { bundles: new Map([[PRESETS_NAME, bundle]]) };
  const shared = { configName: `${configName}.yaml`, jobName: configName, library, args, loader };
  const given = args.some((word) => /^(?:--config-p|-cp\b)/.test(word));
  if (given || hasPrimaryConfig(args, configName)) return shared;
  return {
    ...shared,
    configPath: isDirectory("configs") ? `${Deno.cwd()}/configs` : `pkg://${PRESETS_NAME}`,
  };
}

/** Whether the folder of `--config-dir` has `train.yaml` or `eval.yaml` itself. */
function hasPrimaryConfig(args: readonly string[], configName: string): boolean {
  const at = args.findIndex((word) => /^(?:--config-d|-cd\b)/.test(word));
  const word = args[at];
  if (word === undefined) return false;
  const folder = word.includes("=") ? word.slice(word.indexOf("=") + 1) : args[at + 1] ?? "";
  try {
    return Deno.statSync(`${folder}/${configName}.yaml`).isFile;
  } catch {
    return false;
  }
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

async function info(args: readonly string[]): Promise<number> {
  const [topic, ...rest] = args;
  if (topic !== "targets") return await main(trainTask, await options("train", ["--info", ...args]));
  const rows = targetTable(await library()).filter((row) => rest.every((word) => row.python.includes(word)));
  const width = Math.max(...rows.map((row) => row.python.length), 0);
  for (const row of rows) processStreams.stdout(`${row.python.padEnd(width)}  ${row.library}\n`);
  return 0;
}

async function completion(args: readonly string[]): Promise<number> {
  const [shell = "bash", command = "fulgur"] = args;
  const query = /^query=(\w+)$/.exec(shell)?.[1];
  if (query !== undefined) {
    const found = await queryVerbCompletion(query, Object.keys(VERBS), async (verb) => {
      return await options(verb === "eval" ? "eval" : "train", []);
    });
    processStreams.stdout(found);
    return 0;
  }
  return await main(trainTask, {
    args: ["--shell-completion", `install=${shell}`],
    command,
    query: `${command} completion query=${shell}`,
    jobName: "fulgur",
  });
}

if (import.meta.main) Deno.exitCode = await cli(Deno.args);
