import { join } from "node:path";
import type { DictNode } from "../config/node.ts";
import type { JobLogger, RunContext } from "../config/run_context.ts";
import { select, selectNode } from "../config/select.ts";
import { toContainer } from "../config/to_container.ts";
import { set } from "../config/access.ts";
import { openDict } from "../config/access.ts";
import { ConfigError } from "../errors.ts";
import { configTree, plainPaint, terminalPaint } from "./config_tree.ts";

/**
 * Does what `extras` asks for before a run: hides warnings, asks for tags, shows the config.
 *
 * @param name What the log's lines are marked with.
 * @returns The log of the run; without warnings where they are to be ignored.
 * @throws {ConfigError} in a sweep without tags, where tags are enforced.
 */
export async function applyExtras(
  config: DictNode,
  context: RunContext,
  name: "train" | "eval",
): Promise<JobLogger> {
  const log = context.logger(name);
  if (selectNode(config, "extras") === undefined || selectNode(config, "extras")!.isNone) {
    log.warning("Extras config not found! <cfg.extras=null>");
    return log;
  }
  const quiet = select(config, "extras.ignore_warnings") === true;
  if (quiet) log.info("Disabling warnings! <cfg.extras.ignore_warnings=True>");
  if (select(config, "extras.enforce_tags") === true) {
    log.info("Enforcing tags! <cfg.extras.enforce_tags=True>");
    await enforceTags(config, context, log);
  }
  if (select(config, "extras.print_config") === true) {
    log.info("Printing config tree! <cfg.extras.print_config=True>");
    await printConfigTree(config, context, log);
  }
  return quiet ? { ...withoutWarnings(log) } : log;
}

function withoutWarnings(log: JobLogger): JobLogger {
  return {
    debug: (message) => log.debug(message),
    info: (message) => log.info(message),
    warning: () => {},
    error: (message) => log.error(message),
    critical: (message) => log.critical(message),
  };
}

async function enforceTags(config: DictNode, context: RunContext, log: JobLogger): Promise<void> {
  const node = selectNode(config, "tags");
  const given = node === undefined || node.isNone ? [] : (toContainer(node, { resolve: true }) as unknown[]);
  let tags = given.map(String);
  if (tags.length === 0) {
    if (select(context.hydra, "job.id") !== null) {
      throw new ConfigError("Specify tags before launching a multirun", {
        where: "tags",
        fix: "add tags=[word] to the command",
      });
    }
    const answer = askForTags(log);
    tags = answer.split(",").map((tag) => tag.trim()).filter((tag) => tag !== "");
    openDict(config, () => set(config, "tags", tags));
    log.info(`Tags: [${tags.map((tag) => `'${tag}'`).join(", ")}]`);
  }
  await Deno.writeTextFile(
    join(context.outputDir, "tags.log"),
    `[${tags.map((tag) => `'${tag}'`).join(", ")}]\n`,
  );
}

/** Without a terminal there is nobody to ask. */
function askForTags(log: JobLogger): string {
  if (!Deno.stdin.isTerminal()) {
    log.warning("No tags provided in config. There is no terminal to ask at, so the tag is dev.");
    return "dev";
  }
  log.warning("No tags provided in config. Prompting user to input tags...");
  return prompt("Enter a list of comma separated tags", "dev") ?? "dev";
}

async function printConfigTree(config: DictNode, context: RunContext, log: JobLogger): Promise<void> {
  const { text, missing } = configTree(config, plainPaint);
  for (const field of missing) {
    log.warning(`Field '${field}' not found in config. Skipping '${field}' config printing...`);
  }
  const colour = Deno.stdout.isTerminal() && !Deno.noColor;
  console.log(colour ? configTree(config, terminalPaint).text : text);
  await Deno.writeTextFile(join(context.outputDir, "config_tree.log"), `${text}\n`);
}
