import { dirname } from "node:path";
import { ConfigError, nearest } from "../errors.ts";
import type { Formatter, LogEntry } from "./log_format.ts";
import { levelOf } from "./log_levels.ts";

/** Where output goes; tests give their own. */
export interface Streams {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether colours may be written. */
  readonly color: boolean;
}

/** What writes entries somewhere. */
export interface LogHandler {
  readonly level: number;
  /** Whether lines stay after the process has ended. */
  readonly keeps: boolean;
  write(entry: LogEntry): void;
  close(): void;
}

/** A handler of a logging config. */
export type HandlerConfig = Readonly<Record<string, unknown>>;

/** What each class takes beside `class`, `level`, `formatter` and `filters`, with the class that Python's error names. */
const TAKES: Readonly<Record<string, readonly [python: string, keys: string]>> = {
  "logging.StreamHandler": ["StreamHandler", "stream"],
  "colorlog.StreamHandler": ["StreamHandler", "stream"],
  "logging.FileHandler": ["FileHandler", "filename mode encoding delay errors"],
  "logging.handlers.RotatingFileHandler": [
    "RotatingFileHandler",
    "filename mode maxBytes backupCount encoding delay errors",
  ],
  "logging.NullHandler": ["Handler", ""],
};
const SHARED = ["class", "level", "formatter", "filters"];

/**
 * Refuses what Python's handler would: a key that it does not take, a file without a name, a mode that there is not.
 *
 * @throws {ConfigError} in Python's words.
 */
function check(name: string, config: HandlerConfig): void {
  const refuse = (why: string, fix?: string): never => {
    throw new ConfigError(`Unable to configure handler '${name}': ${why}`, { fix });
  };
  const takes = TAKES[String(config.class)];
  if (takes === undefined) return;
  const [python, keys] = takes;
  const known = keys.split(" ").filter((key) => key !== "");
  const unknown = Object.keys(config).find((key) => ![...SHARED, ...known].includes(key));
  if (unknown !== undefined) {
    const near = nearest(unknown, [...SHARED, ...known]);
    refuse(
      `${python}.__init__() got an unexpected keyword argument '${unknown}'`,
      `${near === undefined ? "" : `did you mean "${near}"? `}It takes ${[...SHARED, ...known].join(", ")}`,
    );
  }
  if (Array.isArray(config.filters) && config.filters.length > 0) {
    refuse(`Unable to add filter '${config.filters[0]}'`, "leave filters out: they are not supported");
  }
  if (!known.includes("filename")) return;
  if (config.filename === undefined || config.filename === null) {
    refuse(`${python}.__init__() missing 1 required positional argument: 'filename'`, "name a file");
  }
  if (!/^[aw][bt]?$/.test(String(config.mode ?? "a"))) refuse(`invalid mode: '${config.mode}'`, "a or w");
}

/**
 * Makes what a handler of a logging config describes: a stream, a file, a file that is rotated, or nothing.
 *
 * @param format Makes its formatter, with colours or without.
 * @throws {ConfigError} for a class that is not supported.
 */
export function makeHandler(
  name: string,
  config: HandlerConfig,
  format: (color: boolean) => Formatter,
  streams: Streams,
): LogHandler {
  const level = levelOf(config.level ?? "NOTSET");
  check(name, config);
  switch (config.class) {
    case "logging.StreamHandler":
    case "colorlog.StreamHandler":
    case "rich.logging.RichHandler":
      return streamHandler(String(config.stream ?? "ext://sys.stderr"), level, format, streams);
    case "logging.FileHandler":
    case "logging.handlers.RotatingFileHandler":
      return new FileHandler(config, level, format(false), streams);
    case "logging.NullHandler":
      return { level, keeps: false, write: () => {}, close: () => {} };
    default:
      throw new ConfigError(
        `Logging handler "${name}" has the class ${config.class}, which is not supported`,
        {
          fix: "use logging.StreamHandler, logging.FileHandler, logging.handlers.RotatingFileHandler or " +
            "logging.NullHandler",
        },
      );
  }
}

function streamHandler(
  name: string,
  level: number,
  format: (color: boolean) => Formatter,
  streams: Streams,
): LogHandler {
  const isError = name.endsWith("stderr");
  const formatter = format(streams.color);
  return {
    level,
    keeps: false,
    write: (entry) => (isError ? streams.stderr : streams.stdout)(`${formatter(entry)}\n`),
    close: () => {},
  };
}

/** Opened at once, as Python's handler creates its file when it is configured, unless it has `delay`. */
class FileHandler implements LogHandler {
  readonly level: number;
  readonly keeps = true;
  readonly #path: string;
  readonly #format: Formatter;
  readonly #streams: Streams;
  readonly #maxBytes: number;
  readonly #backupCount: number;
  #isFresh: boolean;
  #file: Deno.FsFile | undefined;
  #isBroken = false;

  constructor(config: HandlerConfig, level: number, format: Formatter, streams: Streams) {
    this.level = level;
    this.#format = format;
    this.#streams = streams;
    this.#path = String(config.filename);
    const isRotating = config.class === "logging.handlers.RotatingFileHandler";
    this.#maxBytes = isRotating ? Number(config.maxBytes ?? 0) : 0;
    this.#backupCount = isRotating ? Number(config.backupCount ?? 0) : 0;
    this.#isFresh = config.mode === "w" && this.#maxBytes <= 0;
    if (config.delay !== true) this.#open();
  }

  write(entry: LogEntry): void {
    if (this.#isBroken) return;
    try {
      const data = new TextEncoder().encode(`${this.#format(entry)}\n`);
      this.#open();
      if (this.#isFull(data.length)) this.#rotate();
      for (let at = 0; at < data.length;) at += this.#open().writeSync(data.subarray(at));
    } catch (error) {
      // A full disk ends the log, not the run.
      this.#isBroken = true;
      const reason = error instanceof Error ? error.message : String(error);
      this.#streams.stderr(`The log ${this.#path} ends here: ${reason}\n`);
    }
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #open(): Deno.FsFile {
    if (this.#file !== undefined) return this.#file;
    Deno.mkdirSync(dirname(this.#path), { recursive: true });
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    return this.#file = Deno.openSync(this.#path, {
      create: true,
      write: true,
      append: !isFresh,
      truncate: isFresh,
    });
  }

  #isFull(addedBytes: number): boolean {
    if (this.#maxBytes <= 0) return false;
    const { size } = this.#open().statSync();
    return size > 0 && size + addedBytes >= this.#maxBytes;
  }

  /** `app.log` becomes `app.log.1`, that `app.log.2`, and the last one goes; without backups the file grows on. */
  #rotate(): void {
    this.close();
    for (let n = this.#backupCount; n > 0; n--) {
      const from = n === 1 ? this.#path : `${this.#path}.${n - 1}`;
      try {
        Deno.renameSync(from, `${this.#path}.${n}`);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
}
