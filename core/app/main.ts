import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../errors.ts";
import { ConfigLoader, type ConfigLoaderOptions } from "../config/config_loader.ts";
import { CommandLineError, MissingConfigError } from "../config/hydra_errors.ts";
import type { ResolverFunction } from "../config/resolver_scope.ts";
import { Resolvers } from "../config/resolvers.ts";
import type { TaskFunction } from "../config/run_context.ts";
import type { SearchPathEntry } from "../config/search_path.ts";
import { App, type AppOptions } from "./app.ts";
import { completionScript, queryCompletion } from "./completion.ts";
import { type Arguments, parseArguments, usageText } from "./flags.ts";
import { countCall, type GivenTicket, givenTicket } from "./job_call.ts";
import { processStreams, type Streams } from "./logging.ts";
import { isBrokenPipe, reportError } from "./report.ts";
import { rerun } from "./rerun.ts";
import { appHelp, type ConfigPart, configText, hydraHelp, type InfoKind, infoText } from "./show.ts";

/** Where an app's configs are and how it runs. */
export interface MainOptions extends AppOptions {
  /** The folder of its configs: absolute, relative to `base`, or `pkg://name` of a bundle; none searches no folder. */
  readonly configPath?: string | undefined;
  /** The primary config, such as `train` or `train.yaml`. */
  readonly configName?: string | undefined;
  /** The file that `configPath` is relative to: pass `import.meta.url`. @default the working directory */
  readonly base?: string | undefined;
  /** The app's name. @default the name of `base` without its extension, else `app` */
  readonly jobName?: string | undefined;
  /** The command line. @default `Deno.args` */
  readonly args?: readonly string[] | undefined;
  /** Configs made in code, and bundles that `pkg://` names. */
  readonly loader?: Pick<ConfigLoaderOptions, "store" | "bundles" | "resolvers">;
  /** Where output goes. @default the process's streams */
  readonly streams?: Streams | undefined;
  /** What a shell calls to run the app, for completion scripts. @default derived from the process */
  readonly command?: string | undefined;
  /** What a completion script runs to get words. @default `<command> --shell-completion query=<shell>` */
  readonly query?: string | undefined;
}

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
    code = reported(error, options, streams);
  }
  // What the program does after the sweep is no part of a job.
  if (given !== undefined) Deno.exit(code);
  Deno.exitCode = code;
  return code;
}

/** Shows what went wrong and gives the exit code that says so. */
function reported(error: unknown, options: MainOptions, streams: Streams): number {
  // As a program that SIGPIPE ends.
  if (isBrokenPipe(error)) return 141;
  const code = error instanceof CommandLineError ? error.exitCode : 1;
  if (code === 2) streams.stderr(`${usageText(jobName(options))}\n${jobName(options)}: `);
  if (error instanceof CommandLineError) streams.stderr(`${error.message}\n`);
  else reportError(error, streams);
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
  const loader = new ConfigLoader({
    ...options.loader,
    resolvers: () => {
      const made = options.loader?.resolvers?.() ?? new Resolvers();
      for (const [name, call] of resolvers) made.register(name, call, { replace: true });
      return made;
    },
    searchPath: searchPath(options, flags),
    jobName: jobName(options),
    warn: (message) => streams.stderr(`UserWarning: ${message}\n`),
  });
  const app = new App(loader, task, jobName(options), streams, options, resolvers, call);
  if (given !== undefined) return await app.runTicket(given);
  const compose = { configName, overrides, fromShell: true } as const;
  if (flags.has("help")) {
    streams.stdout(appHelp(loader, compose, flags.has("resolve")));
    return 0;
  }
  if (flags.has("resolve") && !flags.has("cfg")) {
    throw new CommandLineError("The --resolve flag can only be used in conjunction with --cfg or --help");
  }
  if (flags.has("hydra-help")) {
    streams.stdout(hydraHelp(loader, overrides));
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
      streams.stdout(infoText(loader, compose, flags.get("info") as InfoKind, app.pluginNames));
      return 0;
    case "shell-completion":
      streams.stdout(completion(loader, configName, overrides, options));
      return 0;
    default:
      return await app.run(configName, overrides, flags.has("multirun"));
  }
}

/** The app's name: it names the log file and `hydra.job.name`. */
function jobName(options: MainOptions): string {
  if (options.jobName !== undefined) return options.jobName;
  const file = options.base?.split(/[/\\]/).at(-1)?.replace(/\.[^.]*$/, "") ?? "";
  const valid = file.trim().replaceAll(" ", "_").replace(/[^-\p{L}\p{N}_.]/gu, "");
  return valid === "" ? "app" : valid;
}

function searchPath(options: MainOptions, flags: Arguments["flags"]): SearchPathEntry[] {
  const entries: SearchPathEntry[] = [];
  const path = flags.get("config-path") ?? options.configPath;
  if (path !== undefined) {
    if (/\.ya?ml$/.test(path)) {
      throw new CommandLineError(
        "Using config_path to specify the config name is not supported, specify the config name via config_name.",
        { fix: "--config-path folder --config-name name" },
      );
    }
    const isPlace = isAbsolute(path) || /^[a-z]+:\/\//.test(path);
    entries.push({ provider: "main", path: isPlace ? path : resolve(baseFolder(options), path) });
  }
  const extra = flags.get("config-dir");
  if (extra !== undefined) {
    const folder = resolve(extra);
    if (!isDirectory(folder)) {
      throw new MissingConfigError(`Additional config directory '${folder}' not found`, {
        fix: "--config-dir is relative to the working directory",
      });
    }
    entries.push({ provider: "command-line", path: `file://${folder}` });
  }
  return entries;
}

function baseFolder(options: MainOptions): string {
  const { base } = options;
  if (base === undefined) return Deno.cwd();
  return dirname(base.startsWith("file:") ? fileURLToPath(base) : base);
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

function completion(
  loader: ConfigLoader,
  configName: string | undefined,
  overrides: readonly string[],
  options: MainOptions,
): string {
  const words = new Map(overrides.map((word) => {
    const equals = word.indexOf("=");
    return equals < 0 ? [word, ""] : [word.slice(0, equals), word.slice(equals + 1)];
  }));
  const known = ["install", "uninstall", "query"] as const;
  const given = known.filter((name) => words.has(name));
  if (given.length !== 1) {
    throw new ConfigError("Expecting one subcommand from ['install', 'uninstall', 'query'] to be set", {
      fix: "for example --shell-completion install=bash",
    });
  }
  const shell = words.get(given[0]!)!;
  if (given[0] === "query") return queryCompletion(loader, configName, shell);
  return completionScript(shell, given[0]!, options.command ?? jobName(options), options.query);
}
