#!/usr/bin/env -S deno run -A
/**
 * The command line: `train`, `eval`, `compose`, `info`, `completion`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import {
  type CompletionAction,
  completionScript,
  main,
  type MainOptions,
  processStreams,
} from "./core/app/mod.ts";
import { FLAGS } from "./core/app/flags.ts";
import { setupRoot } from "./core/app/project_root.ts";
import { reported } from "./core/app/reported.ts";
import { programStart } from "./core/app/same_program.ts";
import { type Library, targetTable } from "./core/config/names.ts";
import type { DictNode } from "./core/config/node.ts";
import { nearest } from "./core/errors.ts";
import type { RunContext } from "./core/config/run_context.ts";
import { evaluatedAsTrained } from "./core/train/trained_with.ts";
import { verbConfigs, VERBS } from "./cli_verbs.ts";

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
  try {
    return await runVerb(args);
  } catch (error) {
    return Deno.exitCode = reported(error, args[0] ?? "cli", processStreams);
  }
}

/** What `info` shows. */
const TOPICS: readonly string[] = ["targets", ...FLAGS.find(({ name }) => name === "info")!.choices!];

async function runVerb(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  switch (verb) {
    case "train":
      return await main(trainTask, options("train", rest));
    case "eval": {
      const { args, added } = evaluatedAsTrained(rest);
      if (added.length > 0) processStreams.stdout(`Evaluating as the run was trained: ${added.join(" ")}\n`);
      return await main(evalTask, options("eval", args));
    }
    case "compose":
      return await main(
        trainTask,
        options("train", rest.includes("--cfg") ? rest : ["--cfg", "job", ...rest]),
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
      processStreams.stdout(`Fulgur ${await version()}\n`);
      return await main(trainTask, { args: ["--version"] });
    default: {
      const near = nearest(verb, Object.keys(VERBS));
      const hint = near === undefined ? `try ${Object.keys(VERBS).join(", ")}` : `did you mean "${near}"?`;
      processStreams.stderr(`There is no verb "${verb}"; ${hint}\n\n${HELP}`);
      return Deno.exitCode = 2;
    }
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

function options(name: "train" | "eval", args: readonly string[]): MainOptions {
  const verb = { name, completion: completionOf };
  const { projectFolder, ...configs } = verbConfigs(name, args);
  setupRoot(projectFolder);
  return { ...configs, library, args, verb };
}

/** The package's version; Hydra's, which the command line says next, is the one whose grammar and files it follows. */
async function version(): Promise<string> {
  const { default: manifest } = await import("./deno.json", { with: { type: "json" } });
  return manifest.version;
}

async function info(args: readonly string[]): Promise<number> {
  const [topic, ...rest] = args;
  if (topic === "targets") return await infoTargets(rest);
  if (topic === undefined) processStreams.stdout(`Fulgur ${await version()}\n\n`);
  const isWord = topic !== undefined && !/^[-+~]|=/.test(topic);
  if (isWord && !TOPICS.includes(topic)) {
    const near = nearest(topic, TOPICS);
    const hint = near === undefined ? `try ${TOPICS.join(", ")}` : `did you mean "${near}"?`;
    processStreams.stderr(`info knows nothing of "${topic}"; ${hint}\n`);
    return Deno.exitCode = 2;
  }
  const words = isWord ? [`--info=${topic}`, ...rest] : ["--info", ...args];
  return await main(trainTask, options("train", words));
}

/** Shows the Python names that hold all of the words, with what stands for them here. */
async function infoTargets(words: readonly string[]): Promise<number> {
  const { nearName } = await import("./core/config/near_target.ts");
  const table = targetTable(await library());
  const rows = table.filter((row) => words.every((word) => row.python.includes(word)));
  if (rows.length === 0) {
    const names = table.map((row) => row.python);
    const holds = (word: string) => names.some((name) => name.includes(word));
    const missing = words.find((word) => !holds(word)) ?? words[0]!;
    const others = words.filter((word) => word !== missing && holds(word));
    const near = nearName(missing, names.filter((name) => others.every((word) => name.includes(word))));
    const hint = near === undefined ? "and none is like it" : `did you mean "${near}"?`;
    processStreams.stderr(`No Python name with a port here holds ${words.join(" and ")}; ${hint}\n`);
    return Deno.exitCode = 1;
  }
  const width = Math.max(...rows.map((row) => row.python.length));
  for (const row of rows) processStreams.stdout(`${row.python.padEnd(width)}  ${row.library}\n`);
  return 0;
}

async function completion(args: readonly string[]): Promise<number> {
  const [word = "bash", command] = args;
  const query = /^query=(\w+)$/.exec(word)?.[1];
  processStreams.stdout(
    query === undefined ? await completionOf("install", word, command) : await completionOf("query", query),
  );
  return 0;
}

/** The script that makes a shell complete the command line or stop it, or what a shell is answered. */
async function completionOf(action: CompletionAction, shell: string, command = "fulgur"): Promise<string> {
  const { answerVerbs, VERB_CANDIDATES } = await import("./cli_completion.ts");
  if (action === "query") return await answerVerbs(shell);
  const { program, args: start } = programStart();
  const [flags, own] = [start.slice(0, -1), start.at(-1)!];
  const url = new URL("./cli_completion.ts", import.meta.url);
  // A published package runs by its exports only.
  const asked = url.protocol === "file:" ? [fileURLToPath(url)] : [own, "completion"];
  return completionScript(shell, action, {
    command,
    query: [program, ...flags, ...asked, `query=${shell}`],
    main: own,
    verbs: VERB_CANDIDATES,
  });
}

if (import.meta.main) Deno.exitCode = await cli(Deno.args);
