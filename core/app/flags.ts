import { nearest } from "../errors.ts";
import { CommandLineError } from "../config/hydra_errors.ts";
import { completionHelp } from "./shells.ts";

/** A flag of the command line. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What its value is called in the usage text; none for a switch. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** The value where the flag stands alone; only then may its value be left out. */
  readonly alone?: string;
  /** What it does, in one line. */
  readonly help: string;
  /** What follows it in `$FLAGS_HELP`; `start` is how the app is started in a shell. */
  readonly more?: (start: string) => string;
}

const INFO = ["all", "config", "defaults", "defaults-tree", "plugins", "searchpath"];

/** Every flag that an app takes, in the order of its help. */
export const FLAGS: readonly Flag[] = [
  { name: "help", short: "h", help: "Application's help" },
  { name: "hydra-help", help: "Hydra's help" },
  { name: "version", help: "Show Hydra's version and exit" },
  {
    name: "cfg",
    short: "c",
    value: "{job,hydra,all}",
    choices: ["job", "hydra", "all"],
    help: "Show config instead of running [job|hydra|all]",
  },
  {
    name: "resolve",
    help: "Used in conjunction with --cfg, resolve config interpolations before printing.",
  },
  { name: "package", short: "p", value: "PACKAGE", help: "Config package to show" },
  { name: "run", short: "r", help: "Run a job" },
  { name: "multirun", short: "m", help: "Run multiple jobs with the configured launcher and sweeper" },
  {
    name: "shell-completion",
    short: "sc",
    help: "Install or Uninstall shell completion",
    more: (start) => `:\n${completionHelp(start)}`,
  },
  {
    name: "config-path",
    short: "cp",
    value: "CONFIG_PATH",
    help: "Overrides the config_path specified in main().",
    more: () => `\n${" ".repeat(20)}The config_path is absolute or relative to the file that calls main()`,
  },
  {
    name: "config-name",
    short: "cn",
    value: "CONFIG_NAME",
    help: "Overrides the config_name specified in main()",
  },
  {
    name: "config-dir",
    short: "cd",
    value: "CONFIG_DIR",
    help: "Adds an additional config dir to the config search path",
  },
  {
    name: "experimental-rerun",
    value: "EXPERIMENTAL_RERUN",
    help: "Rerun a job from a previous config: its .hydra folder, or the config.yaml in it",
  },
  {
    name: "info",
    short: "i",
    value: "{" + INFO.join(",") + "}",
    choices: INFO,
    alone: "all",
    help: `Print Hydra information [${INFO.join("|")}]`,
  },
];

/** A parsed command line. */
export interface Arguments {
  readonly flags: ReadonlyMap<string, string>;
  readonly overrides: readonly string[];
}

/**
 * Parses the words of a command line as Hydra does: flags may be abbreviated, `--` ends them, overrides are the rest.
 *
 * Hydra 1.3 wants all overrides in one run; here they may stand on both sides of flags.
 *
 * @throws {CommandLineError} with exit code 2 for an unknown flag, a missing value or a wrong choice.
 *
 * @example
 * ```ts
 * import { parseArguments } from "./flags.ts";
 * const { flags, overrides } = parseArguments(["x=1", "--cfg=job", "-m"]);
 * console.assert(flags.get("cfg") === "job" && flags.has("multirun") && overrides[0] === "x=1");
 * ```
 */
export function parseArguments(words: readonly string[]): Arguments {
  const flags = new Map<string, string>();
  const overrides: string[] = [];
  let isEnded = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    // A lone dash and negative-looking keys are no flags; overrides begin with ~ or +, never with a dash.
    if (isEnded || !word.startsWith("-") || word === "-") overrides.push(word);
    else if (word === "--") isEnded = true;
    else {
      const { flag, attached } = findFlag(word);
      if (flag.value === undefined) {
        if (attached !== undefined) {
          throw usage(`argument ${labels(flag)}: ignored explicit argument '${attached}'`);
        }
        flags.set(flag.name, "");
        continue;
      }
      let value = attached;
      const next = words[i + 1];
      if (value === undefined && next !== undefined && !next.startsWith("-")) {
        // An optional value is taken only where it is one, so that `--info x=1` still overrides x.
        const fits = flag.alone === undefined || !next.includes("=");
        if (fits) [value, i] = [next, i + 1];
      }
      value ??= flag.alone;
      if (value === undefined) throw usage(`argument ${labels(flag)}: expected one argument`);
      if (flag.choices !== undefined && !flag.choices.includes(value)) {
        const choices = flag.choices.map((choice) => `'${choice}'`).join(", ");
        throw usage(
          `argument ${labels(flag)}: invalid choice: '${value}' (choose from ${choices})`,
          nearest(value, flag.choices),
        );
      }
      flags.set(flag.name, value);
    }
  }
  return { flags, overrides };
}

/** A flag's names as argparse lists them: `--cfg/-c`. */
function labels(flag: Flag): string {
  return flag.short === undefined ? `--${flag.name}` : `--${flag.name}/-${flag.short}`;
}

function findFlag(word: string): { flag: Flag; attached: string | undefined } {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const attached = equals < 0 ? undefined : word.slice(equals + 1);
  if (name.startsWith("--")) {
    const long = name.slice(2);
    const exact = FLAGS.find((flag) => flag.name === long);
    if (exact !== undefined) return { flag: exact, attached };
    const matching = FLAGS.filter((flag) => flag.name.startsWith(long));
    if (matching.length === 1) return { flag: matching[0]!, attached };
    if (matching.length > 1) {
      const options = matching.map((flag) => `--${flag.name}`).join(", ");
      throw usage(`ambiguous option: ${name} could match ${options}`);
    }
    const near = nearest(long, FLAGS.map((flag) => flag.name));
    throw usage(`unrecognized arguments: ${word}`, near === undefined ? undefined : `--${near}`);
  }
  const short = name.slice(1);
  const exact = FLAGS.find((flag) => flag.short === short);
  if (exact !== undefined) return { flag: exact, attached };
  // `-cjob`: the value follows a one-letter flag without a blank.
  const joined = FLAGS.find((flag) => flag.short?.length === 1 && short.startsWith(flag.short));
  if (joined?.value !== undefined) return { flag: joined, attached: word.slice(2) };
  throw usage(`unrecognized arguments: ${word}`);
}

/** @param near What may have been meant. */
function usage(message: string, near?: string): CommandLineError {
  const hint = near === undefined ? "" : `did you mean "${near}"? `;
  return new CommandLineError(`error: ${message}`, { exitCode: 2, fix: `${hint}--help shows what it takes` });
}

/**
 * The flags with their help, as `$FLAGS_HELP` shows them.
 *
 * @param start How the app is started in a shell.
 */
export function flagsHelp(start: string): string {
  const lines = FLAGS.map(({ name, short, help, more }) => {
    const names = short === undefined ? `--${name}` : `--${name},-${short}`;
    return `${names} : ${help}${more?.(start) ?? ""}`;
  });
  lines.push(
    "Overrides : Any key=value arguments to override config values (use dots for.nested=overrides)",
  );
  return lines.join("\n");
}
