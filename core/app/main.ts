import { ConfigError } from "../errors.ts";
import { jobName } from "../config/caller.ts";
import { ConfigLoader } from "../config/config_loader.ts";
import { GlobalHydra } from "../config/global_hydra.ts";
import { CommandLineError } from "../config/hydra_errors.ts";
import type { ResolverFunction } from "../config/resolver_scope.ts";
import { Resolvers } from "../config/resolvers.ts";
import type { TaskFunction } from "../config/run_context.ts";
import { App } from "./app.ts";
import { answerShell, complete, type OpenConfigs } from "./completion.ts";
import { completionScript } from "./completion_scripts.ts";
import { type Arguments, parseArguments } from "./flags.ts";
import { appHelp, hydraHelp } from "./help.ts";
import { countCall, type GivenTicket, givenTicket } from "./job_call.ts";
import { processStreams, type Streams } from "./logging.ts";
import { type CompletionAction, type MainOptions, moduleFolders, searchPath } from "./main_options.ts";
import { presetBundles } from "./presets.ts";
import { reported } from "./reported.ts";
import { rerun } from "./rerun.ts";
import { mainFile, programStart, startLine } from "./same_program.ts";
import { shellOf } from "./shells.ts";
import { type ConfigPart, configText, type InfoKind, infoText } from "./show.ts";

/**
 * Runs a task as a Hydra app: composes its config from the command line, makes the run's folder, records the config,
 * sets up logging, and calls the task; `-m` sweeps, `--help`, `--cfg`, `--info` and completion show and exit.
 *
 * @returns The exit code: 0, 1 for a config or job error, 2 for a wrong command line, 130 after Ctrl-C, 141 where the
 * reader of the output has gone. It is also set as the process's exit code.
 *
 * @example
 * ```ts
 * import { main } from "./main.ts";
 * import { ConfigStore } from "../config/config_store.ts";
 * const store = new ConfigStore().store("config", { lr: 0.1 });
 * const shown: string[] = [];
 * const streams = { stdout: (text: string) => shown.push(text), stderr: console.error, color: false };
 * const code = await main(() => {}, { args: ["--cfg", "job", "lr=2"], configName: "config", loader: { store }, streams });
 * console.assert(code === 0 && shown.join("") === "lr: 2\n");
 * ```
 */
export async function main(task: TaskFunction, options: MainOptions = {}): Promise<number> {
  const call = countCall();
  const given = givenTicket();
  let streams = options.streams ?? processStreams;
  let code: number;
  try {
    const ticket = given?.read();
    if (ticket !== undefined) {
      // A launcher started this process for a job of another call of `main`.
      if (ticket.call !== call) return 0;
      streams = { stdout: streams.stdout, stderr: streams.stderr, color: ticket.color };
    }
    code = await run(task, options, streams, call, given);
  } catch (error) {
    code = reported(error, jobName(options), streams);
  }
  // What the program does after the sweep is no part of a job.
  if (given !== undefined) Deno.exit(code);
  Deno.exitCode = code;
  return code;
}

async function run(
  task: TaskFunction,
  options: MainOptions,
  streams: Streams,
  call: number,
  given: GivenTicket | undefined,
): Promise<number> {
  const { flags, overrides } = parseArguments(options.args ?? Deno.args);
  if (flags.has("version")) {
    streams.stdout("Hydra 1.3.5\n");
    return 0;
  }
  const rerunFile = flags.get("experimental-rerun");
  if (rerunFile !== undefined) return await rerun(task, rerunFile, overrides, options, streams);
  const configName = flags.get("config-name") ?? options.configName;
  const resolvers = new Map<string, ResolverFunction>();
  const warned = new Set<string>();
  // Once each, as Python's warnings.
  const warn = (message: string): void => {
    if (!warned.has(message)) streams.stderr(`UserWarning: ${message}\n`);
    warned.add(message);
  };
  const bundles = new Map([...await presetBundles(), ...options.loader?.bundles ?? []]);
  const loaderOf = (flags: Arguments["flags"]): ConfigLoader => {
    return new ConfigLoader({
      ...options.loader,
      bundles,
      resolvers: () => {
        const made = options.loader?.resolvers?.() ?? new Resolvers({ warn });
        for (const [name, call] of resolvers) made.register(name, call, { replace: true });
        return made;
      },
      searchPath: searchPath(options, flags),
      jobName: jobName(options),
      versionBase: options.versionBase,
      warn,
    });
  };
  const loader = loaderOf(flags);
  const app = new App(
    loader,
    task,
    jobName(options),
    streams,
    options,
    resolvers,
    call,
    moduleFolders(options),
  );
  if (given !== undefined) return await GlobalHydra.run(loader, () => app.runTicket(given));
  const compose = { configName, overrides, fromShell: true } as const;
  const start = () => options.command ?? [startLine(), options.verb?.name ?? ""].join(" ").trimEnd();
  if (flags.has("help")) {
    await app.loadResolvers(compose);
    streams.stdout(appHelp(loader, compose, flags.has("resolve"), start));
    return 0;
  }
  if (flags.has("resolve") && !flags.has("cfg")) {
    throw new CommandLineError("The --resolve flag can only be used in conjunction with --cfg or --help");
  }
  if (flags.has("hydra-help")) {
    streams.stdout(hydraHelp(loader, overrides, start));
    return 0;
  }
  const commands = ["run", "cfg", "multirun", "shell-completion", "info"].filter((name) => flags.has(name));
  if (commands.length > 1) {
    throw new CommandLineError(
      "Only one of --run, --multirun, --cfg, --info and --shell_completion can be specified",
    );
  }
  switch (commands[0]) {
    case "cfg": {
      await app.loadResolvers(compose);
      const [part, path] = [flags.get("cfg") as ConfigPart, flags.get("package")];
      streams.stdout(configText(loader, compose, part, path, flags.has("resolve")));
      return 0;
    }
    case "info":
      await app.loadResolvers(compose);
      streams.stdout(infoText(loader, compose, flags.get("info") as InfoKind));
      return 0;
    case "shell-completion":
      streams.stdout(await completion(loaderOf, overrides, options));
      return 0;
    default:
      return await GlobalHydra.run(loader, () => app.run(configName, overrides, flags.has("multirun")));
  }
}

/** Prints a shell's script, or answers a shell. */
async function completion(
  loaderOf: (flags: Arguments["flags"]) => ConfigLoader,
  overrides: readonly string[],
  options: MainOptions,
): Promise<string> {
  const words = new Map(overrides.map((word) => {
    const equals = word.indexOf("=");
    return equals < 0 ? [word, ""] : [word.slice(0, equals), word.slice(equals + 1)];
  }));
  const known: readonly CompletionAction[] = ["install", "uninstall", "query"];
  const given = known.filter((name) => words.has(name));
  const [action] = given;
  if (action === undefined || given.length > 1) {
    throw new ConfigError("Expecting one subcommand from ['install', 'uninstall', 'query'] to be set", {
      fix: "for example --shell-completion install=bash",
    });
  }
  const shell = shellOf(words.get(action)!);
  if (options.verb !== undefined) return await options.verb.completion(action, shell);
  if (action === "query") {
    const open: OpenConfigs = (flags) => ({ loader: loaderOf(flags), configName: options.configName });
    return await answerShell(shell, (words, typed) => complete(open, words, typed));
  }
  const { program, args } = programStart();
  return completionScript(shell, action, {
    command: options.command ?? jobName(options),
    query: [program, ...args, "--shell-completion", `query=${shell}`],
    main: mainFile(),
  });
}
