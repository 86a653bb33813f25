import { fileURLToPath } from "node:url";
import { ConfigError } from "../errors.ts";
import { showValue } from "../options.ts";
import { pythonRepr } from "../config/python_text.ts";
import type { JobLogger } from "../config/run_context.ts";
import { type Caller, type LogEntry, makeFormatter } from "./log_format.ts";
import { type LogHandler, makeHandler, type Streams } from "./log_handlers.ts";
import { type Level, levelOf, LEVELS } from "./log_levels.ts";

export type { Streams } from "./log_handlers.ts";

type Section = Readonly<Record<string, unknown>>;

/** What a config says of one logger. */
interface Logger {
  readonly level: number;
  readonly handlers: readonly LogHandler[];
  readonly propagate: boolean;
}

/** The process's own streams. */
export const processStreams: Streams = {
  stdout: (text) => write(Deno.stdout, text),
  stderr: (text) => write(Deno.stderr, text),
  get color() {
    return Deno.stdout.isTerminal() && !Deno.noColor;
  },
};

function write(stream: { writeSync(data: Uint8Array): number }, text: string): void {
  const data = new TextEncoder().encode(text);
  for (let at = 0; at < data.length;) at += stream.writeSync(data.subarray(at));
}

const DEFAULT_FORMAT = "[%(asctime)s][%(name)s][%(levelname)s] - %(message)s";
const NOWHERE: Caller = { path: "", line: 0, functionName: "" };

/**
 * Loggers as Python's `logging` configures them from a dictionary: formatters, handlers, and loggers with levels and
 * handlers of their own. What Python refuses is refused; other handler classes are refused by name.
 */
export class Logging {
  readonly #streams: Streams;
  #handlers: readonly LogHandler[] = [];
  #root: readonly LogHandler[] = [];
  #rootLevel: number = LEVELS.WARNING;
  #loggers = new Map<string, Logger>();
  #verbose = new Set<string>();
  #disabled = false;
  #needsCaller = false;

  constructor(streams: Streams = processStreams) {
    this.#streams = streams;
  }

  /**
   * Configures everything anew.
   *
   * @param config What `hydra.job_logging` resolves to; null gives a console at INFO; `root: null` changes nothing.
   * @param verbose `hydra.verbose`: true lowers the root to DEBUG, names lower those loggers.
   * @throws {ConfigError} for a handler class that is not supported or a reference to what is not there.
   */
  configure(config: unknown, verbose: unknown = false): void {
    if (config === null || config === undefined) {
      this.close();
      this.#rootLevel = LEVELS.INFO;
      const format = makeFormatter("simple", { format: DEFAULT_FORMAT }, false);
      const console = { class: "logging.StreamHandler", stream: "ext://sys.stdout" };
      this.#root = this.#handlers = [makeHandler("console", console, () => format, this.#streams)];
    } else if ((config as Section).root !== null) this.#apply(config as Section);
    if (verbose === true) this.#rootLevel = LEVELS.DEBUG;
    else if (verbose !== false) { for (const name of loggerNames(verbose)) this.#verbose.add(name); }
  }

  /** A logger by dotted name; `a.b` takes the level of `a` where it has none. */
  logger(name: string): JobLogger {
    const at = (level: number) => (message: string): void => {
      if (level < this.#levelOf(name) || (this.#disabled && level < this.#rootLevel)) return;
      const caller = this.#needsCaller ? callerOf() : NOWHERE;
      this.#log({ name, level, message, time: new Date(), caller });
    };
    return { debug: at(10), info: at(20), warning: at(30), error: at(40), critical: at(50) };
  }

  /** Whether a logger lets entries of a level through, as far as loggers decide; handlers have levels of their own. */
  isEnabledFor(name: string, level: Level): boolean {
    return LEVELS[level] >= this.#levelOf(name);
  }

  /** Writes an error to the log's files alone: the terminal shows it in its own way. */
  keepError(name: string, message: string): void {
    const entry = { name, level: LEVELS.ERROR, message, time: new Date(), caller: NOWHERE };
    for (const handler of this.#root) if (handler.keeps && entry.level >= handler.level) handler.write(entry);
  }

  /** Closes files. */
  close(): void {
    for (const handler of this.#handlers) handler.close();
    this.#handlers = [];
    this.#root = [];
    this.#loggers = new Map();
    this.#verbose = new Set();
    this.#disabled = false;
    this.#needsCaller = false;
  }

  #log(entry: LogEntry): void {
    for (const name of ancestors(entry.name)) {
      const logger = this.#loggers.get(name);
      for (const handler of logger?.handlers ?? []) if (entry.level >= handler.level) handler.write(entry);
      if (logger?.propagate === false) return;
    }
    for (const handler of this.#root) if (entry.level >= handler.level) handler.write(entry);
  }

  #levelOf(name: string): number {
    for (const at of ancestors(name)) {
      if (this.#verbose.has(at)) return LEVELS.DEBUG;
      const level = this.#loggers.get(at)?.level ?? LEVELS.NOTSET;
      if (level !== LEVELS.NOTSET) return level;
    }
    return this.#rootLevel;
  }

  #apply(config: Section): void {
    if (config.version !== 1) {
      throw new ConfigError(
        config.version === undefined
          ? "Logging dictionary doesn't specify a version"
          : `Unsupported version: ${pythonRepr(config.version)}`,
        { where: "version of the logging config", fix: "version: 1" },
      );
    }
    const root = section(config.root);
    const formatters = section(config.formatters);
    const made = new Map<string, LogHandler>();
    // A file of the last job is closed before the next one opens its own.
    this.close();
    for (const [name, formatter] of Object.entries(formatters)) {
      makeFormatter(name, section(formatter), false);
    }
    this.#needsCaller = Object.values(formatters).some((formatter) => {
      return /\b(?:pathname|filename|module|lineno|funcName)\b/.test(String(section(formatter).format));
    });
    // All of them, as in Python: a file is created even where no logger writes to it.
    for (const [name, handler] of Object.entries(section(config.handlers))) {
      made.set(name, this.#handler(name, section(handler), formatters));
      this.#handlers = [...made.values()];
    }
    const named = (names: unknown): LogHandler[] =>
      array(names).map((name) => {
        const handler = made.get(name);
        if (handler !== undefined) return handler;
        throw new ConfigError(`Logging names the handler "${name}", which is not there`);
      });
    this.#root = named(root.handlers);
    this.#rootLevel = levelOf(root.level ?? "WARNING");
    this.#disabled = config.disable_existing_loggers === true;
    for (const [name, value] of Object.entries(section(config.loggers))) {
      const { level, handlers, propagate } = section(value);
      this.#loggers.set(name, {
        level: levelOf(level ?? "NOTSET"),
        handlers: named(handlers),
        propagate: propagate !== false,
      });
    }
  }

  #handler(name: string, config: Section, formatters: Section): LogHandler {
    const key = config.formatter;
    const formatter = key === undefined || key === null ? {} : formatters[String(key)];
    if (formatter === undefined) {
      throw new ConfigError(`Logging names the formatter "${key}", which is not there`);
    }
    const format = (color: boolean) => makeFormatter(String(key), section(formatter), color);
    return makeHandler(name, config, format, this.#streams);
  }
}

/** A logger's name and those above it: `a.b.c`, `a.b`, `a`. */
function* ancestors(name: string): Generator<string> {
  for (let at = name; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) yield at;
}

function loggerNames(verbose: unknown): string[] {
  if (typeof verbose === "string") return [verbose];
  if (Array.isArray(verbose)) return verbose.map(String);
  throw new ConfigError(`hydra.verbose cannot be ${showValue(verbose)}`, {
    where: "hydra.verbose",
    fix: "true, false, the name of a logger, or a list of names",
  });
}

/** The place that called a logger. */
function callerOf(): Caller {
  const here: { stack?: string } = {};
  Error.captureStackTrace(here);
  // A line of its own, this function, the logger, and then its caller.
  const frame = here.stack?.split("\n")[3] ?? "";
  const [, name, place, line] = /^\s*at (?:async )?(?:(.*?) \()?(.*?):(\d+):\d+\)?$/.exec(frame) ?? [];
  if (place === undefined) return NOWHERE;
  const path = place.startsWith("file:") ? fileURLToPath(place) : place;
  return { path, line: Number(line), functionName: name ?? "<module>" };
}

function section(value: unknown): Section {
  return typeof value === "object" && value !== null ? value as Section : {};
}

function array(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
