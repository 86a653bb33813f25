import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { JobError } from "../errors.ts";
import { shellWord } from "../sweep/shell_words.ts";

/** How a program is started. */
export interface StartCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** Permissions by name, with the letter that grants one in short. */
const PERMISSIONS = {
  read: "R",
  write: "W",
  net: "N",
  env: "E",
  run: "",
  ffi: "",
  sys: "S",
  import: "I",
} as const;

type Permission = keyof typeof PERMISSIONS;

/** Flags that make sense for the first process only: a job neither waits for changes nor for a debugger. */
const NOT_FOR_JOBS =
  /^(?:--(?:watch|watch-hmr|watch-exclude|inspect|inspect-brk|inspect-wait|reload)(?:=.*)?|-r)$/;

/** Words after `deno` that run something else than a program's file. */
const OTHER_COMMANDS = new Set(["test", "bench", "eval", "repl", "serve", "task", "jupyter", "x"]);

/**
 * What starts this program again with the same words: the same file, flags and permissions.
 *
 * The flags are read from the system's record of this process where that may be read. Elsewhere they are made from
 * the permissions that are held as a whole, and from those for the working directory: a grant for single hosts or
 * folders cannot be asked for.
 *
 * @throws {JobError} for code that has no file, as of `deno eval` and `deno test`.
 *
 * @example
 * ```ts
 * import { startFlags } from "./same_program.ts";
 * const words = ["/bin/deno", "run", "-A", "--watch", "app.ts", "x=1"];
 * console.assert(startFlags(words, ["x=1"])!.join(" ") === "run -A");
 * ```
 */
export function thisProgram(): StartCommand {
  const { program, args } = programStart();
  return { program, args: [...args, ...Deno.args] };
}

/** The same without the program's own words. @throws {JobError} as {@linkcode thisProgram} does. */
export function programStart(): StartCommand {
  const program = Deno.execPath();
  if (Deno.build.standalone) return { program, args: [] };
  const words = commandWords();
  const flags = words === undefined ? undefined : startFlags(words, Deno.args);
  const main = Deno.mainModule;
  if (/\$deno\$\w+\.m?[jt]sx?$/.test(main) || (flags !== undefined && OTHER_COMMANDS.has(flags[0] ?? ""))) {
    throw new JobError("This program has no file of its own, so it cannot be started again", {
      where: `deno ${flags?.[0] ?? main}`,
      fix: "start it as deno run <file>; a sweep runs in one process with hydra/launcher=basic",
    });
  }
  const own = flags ?? ["run", "--no-prompt"];
  return { program, args: [...own, ...missingGrants(own), mainFile() ?? mainWord(words) ?? main] };
}

/** The line that starts this program in a shell without its own words: the words that were typed, where they are known. */
export function startLine(): string {
  const program = basename(Deno.execPath());
  if (Deno.build.standalone) return shellWord(program);
  const words = commandWords();
  const flags = words === undefined ? undefined : startFlags(words, Deno.args);
  const isTyped = flags !== undefined && !OTHER_COMMANDS.has(flags[0] ?? "");
  const own = isTyped ? [...flags, mainWord(words)!] : ["run", "-A", mainFile() ?? Deno.mainModule];
  return [program, ...own].map(shellWord).join(" ");
}

/** The path of the program's file, where it has one on this machine. */
export function mainFile(): string | undefined {
  return Deno.mainModule.startsWith("file:") ? fileURLToPath(Deno.mainModule) : undefined;
}

/** The word that named the program, such as `jsr:@fulgur/fulgur/cli`: its address cannot be run instead. */
function mainWord(words: readonly string[] | undefined): string | undefined {
  return words?.[words.length - Deno.args.length - 1];
}

/** The words after the program up to the main file; `undefined` where the words are not those of this process. */
export function startFlags(words: readonly string[], args: readonly string[]): string[] | undefined {
  const main = words.length - args.length - 1;
  if (main < 1 || args.some((word, i) => words[main + 1 + i] !== word)) return undefined;
  return words.slice(1, main).filter((word) => !NOT_FOR_JOBS.test(word));
}

/** The words that this process was started with. */
function commandWords(): string[] | undefined {
  if (Deno.build.os === "windows") return undefined;
  if (Deno.build.os !== "linux") {
    const text = outputOf("ps", ["-ww", "-o", "args=", "-p", String(Deno.pid)]);
    return text === undefined ? undefined : wordsOf(text.trimEnd(), Deno.execPath(), Deno.args);
  }
  const path = `/proc/${Deno.pid}/cmdline`;
  try {
    return Deno.readTextFileSync(path).split("\0").slice(0, -1);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) return undefined;
  }
  // Deno keeps /proc for those who may do anything; a program that may start others may look all the same.
  return outputOf("cat", [path])?.split("\0").slice(0, -1);
}

function outputOf(program: string, args: readonly string[]): string | undefined {
  if (!isGranted({ name: "run" })) return undefined;
  try {
    const { success, stdout } = new Deno.Command(program, { args: [...args], stderr: "null" }).outputSync();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The words in a line where only blanks divide them: the first and the last are known, and flags have no blanks. */
export function wordsOf(line: string, program: string, args: readonly string[]): string[] | undefined {
  const end = args.map((word) => ` ${word}`).join("");
  if (!line.endsWith(end)) return undefined;
  const head = line.slice(0, line.length - end.length);
  const rest = head.startsWith(`${program} `) ? head.slice(program.length) : head.slice(head.indexOf(" "));
  return [program, ...rest.trim().split(/ +/), ...args];
}

/** Flags for permissions that this process holds and the flags so far do not give: those granted at a prompt. */
function missingGrants(flags: readonly string[]): string[] {
  if (flags.some((flag) => /^(?:--allow-all|-P|--permission-set(?:=.*)?|-[a-zA-Z]*A[a-zA-Z]*)$/.test(flag))) {
    return [];
  }
  const names = Object.keys(PERMISSIONS) as Permission[];
  const open = names.filter((name) => !flags.some((flag) => grants(flag, name)));
  if (open.length === names.length && names.every((name) => isGranted({ name }))) return ["-A"];
  return open.flatMap((name) => {
    if (isGranted({ name })) return [`--allow-${name}`];
    const part = grantedParts(name);
    return part.length === 0 ? [] : [`--allow-${name}=${part.join(",")}`];
  });
}

function grants(flag: string, name: Permission): boolean {
  const letter = PERMISSIONS[name];
  return flag === `--allow-${name}` || flag.startsWith(`--allow-${name}=`) ||
    (letter !== "" && /^-[a-zA-Z]+(?:=.*)?$/.test(flag) && flag.split("=")[0]!.includes(letter));
}

/** What can be asked for where a permission is not held as a whole. */
function grantedParts(name: Permission): string[] {
  switch (name) {
    case "read":
    case "write":
      return isGranted({ name, path: Deno.cwd() }) ? [Deno.cwd()] : [];
    case "run":
      return isGranted({ name, command: Deno.execPath() }) ? [Deno.execPath()] : [];
    case "env":
      return VARIABLES.filter((variable) => isGranted({ name, variable }));
    default:
      return [];
  }
}

/** Variables that this package reads. */
const VARIABLES = [
  "FULGUR_JOB",
  "FULGUR_THREADS",
  "FULGUR_BLAS",
  "HYDRA_FULL_ERROR",
  "HYDRA_INSTANTIATE_ALLOWLIST_OVERRIDE",
  "HF_HOME",
  "HF_TOKEN",
  "HOME",
  "OC_CAUSE",
  "TERM",
  "XDG_RUNTIME_DIR",
];

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}
