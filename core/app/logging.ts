import { dirname } from "node:path";
import { ConfigError } from "../errors.ts";
import type { JobLogger } from "../config/run_context.ts";
import { strftime } from "../config/strftime.ts";

/** Python's level names with their numbers. */
const LEVELS = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  WARNING: 30,
  ERROR: 40,
  FATAL: 50,
  CRITICAL: 50,
} as const;
type Level = keyof typeof LEVELS;
const NAMES: Readonly<Record<number, string>> = {
  10: "DEBUG",
  20: "INFO",
  30: "WARNING",
  40: "ERROR",
  50: "CRITICAL",
};

const COLORS: Readonly<Record<string, string>> = {
  black: "\x1b[30m",
  red: "\x1b[31m",
  green: "\x1b[32m",
  yellow: "\x1b[33m",
  blue: "\x1b[34m",
  purple: "\x1b[35m",
  cyan: "\x1b[36m",
  white: "\x1b[37m",
  reset: "\x1b[0m",
};
const LOG_COLORS: Readonly<Record<string, string>> = {
  DEBUG: "white",
  INFO: "green",
  WARNING: "yellow",
  ERROR: "red",
  CRITICAL: "red",
};

interface Entry {
  readonly name: string;
  readonly level: number;
  readonly message: string;
  readonly time: Date;
}

type Formatter = (entry: Entry) => string;

interface Handler {
  readonly level: number;
  /** Whether lines stay after the process has ended. */
  readonly keeps: boolean;
  write(entry: Entry): void;
  close(): void;
}

type Section = Readonly<Record<string, unknown>>;

/** Where output goes; tests give their own. */
export interface Streams {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether colours may be written. */
  readonly color: boolean;
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

/**
 * Loggers as Python's `logging` configures them from a dictionary: formatters, console and file handlers, levels per
 * logger. The subset that Hydra's configs use; other handler classes are refused by name.
 */
export class Logging {
  readonly #streams: Streams;
  #root: readonly Handler[] = [];
  #rootLevel: number = LEVELS.WARNING;
  #levels = new Map<string, number>();
  #disabled = false;

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
      const format = percentFormatter(
        "[%(asctime)s][%(name)s][%(levelname)s] - %(message)s",
        undefined,
        false,
      );
      this.#root = [this.#stream("ext://sys.stdout", 0, () => format)];
    } else if ((config as Section).root !== null) this.#apply(config as Section);
    if (verbose === true) this.#rootLevel = LEVELS.DEBUG;
    const names = typeof verbose === "string" ? [verbose] : Array.isArray(verbose) ? verbose : [];
    for (const name of names) this.#levels.set(String(name), LEVELS.DEBUG);
  }

  /** A logger by dotted name; `a.b` takes the level of `a` where it has none. */
  logger(name: string): JobLogger {
    const at = (level: number) => (message: string): void =>
      this.#log({ name, level, message, time: new Date() });
    return { debug: at(10), info: at(20), warning: at(30), error: at(40), critical: at(50) };
  }

  /** Writes an error to the log's files alone: the terminal shows it in its own way. */
  keepError(name: string, message: string): void {
    const entry = { name, level: LEVELS.ERROR, message, time: new Date() };
    for (const handler of this.#root) if (handler.keeps && entry.level >= handler.level) handler.write(entry);
  }

  /** Closes files. */
  close(): void {
    for (const handler of this.#root) handler.close();
    this.#root = [];
    this.#levels = new Map();
    this.#disabled = false;
  }

  #log(entry: Entry): void {
    if (entry.level < this.#levelOf(entry.name) || (this.#disabled && entry.level < this.#rootLevel)) return;
    for (const handler of this.#root) if (entry.level >= handler.level) handler.write(entry);
  }

  #levelOf(name: string): number {
    for (let at = name; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
      const level = this.#levels.get(at);
      if (level !== undefined) return level;
    }
    return this.#rootLevel;
  }

  #apply(config: Section): void {
    const made = new Map<string, Handler>();
    const root = section(config.root);
    const formatters = section(config.formatters);
    const handlers = section(config.handlers);
    // A file of the last job is closed before the next one opens its own.
    this.close();
    for (const name of array(root.handlers)) {
      const handler = handlers[name];
      if (handler === undefined) {
        throw new ConfigError(`Logging names the handler "${name}", which is not there`);
      }
      made.set(name, this.#handler(name, section(handler), formatters));
    }
    this.#root = [...made.values()];
    this.#rootLevel = level(root.level ?? "WARNING");
    this.#disabled = config.disable_existing_loggers === true;
    for (const [name, logger] of Object.entries(section(config.loggers))) {
      const own = section(logger).level;
      if (own !== undefined && own !== null) this.#levels.set(name, level(own));
    }
  }

  #handler(name: string, config: Section, formatters: Section): Handler {
    const own = level(config.level ?? "NOTSET");
    const format = (color: boolean): Formatter => {
      const key = config.formatter;
      if (key === undefined || key === null) return (entry) => entry.message;
      const formatter = formatters[String(key)];
      if (formatter === undefined) {
        throw new ConfigError(`Logging names the formatter "${key}", which is not there`);
      }
      return makeFormatter(section(formatter), color);
    };
    switch (config.class) {
      case "logging.StreamHandler":
      case "colorlog.StreamHandler":
      case "rich.logging.RichHandler":
        return this.#stream(String(config.stream ?? "ext://sys.stderr"), own, format);
      case "logging.FileHandler":
        return this.#file(String(config.filename), config.mode === "w", own, format(false));
      default:
        throw new ConfigError(
          `Logging handler "${name}" has the class ${config.class}, which is not supported`,
          {
            fix: "use logging.StreamHandler or logging.FileHandler",
          },
        );
    }
  }

  /** Opened at once, as Python's handler creates its file when it is configured. */
  #file(path: string, isFresh: boolean, own: number, format: Formatter): Handler {
    Deno.mkdirSync(dirname(path), { recursive: true });
    const file = Deno.openSync(path, { create: true, write: true, append: !isFresh, truncate: isFresh });
    let isBroken = false;
    return {
      level: own,
      keeps: true,
      write: (entry) => {
        if (isBroken) return;
        try {
          write(file, `${format(entry)}\n`);
        } catch (error) {
          // A full disk ends the log, not the run.
          isBroken = true;
          const reason = error instanceof Error ? error.message : String(error);
          this.#streams.stderr(`The log ${path} ends here: ${reason}\n`);
        }
      },
      close: () => file.close(),
    };
  }

  #stream(name: string, own: number, format: (color: boolean) => Formatter): Handler {
    const isError = name.endsWith("stderr");
    const formatter = format(this.#streams.color);
    const streams = this.#streams;
    return {
      level: own,
      keeps: false,
      write: (entry) => (isError ? streams.stderr : streams.stdout)(`${formatter(entry)}\n`),
      close: () => {},
    };
  }
}

function section(value: unknown): Section {
  return typeof value === "object" && value !== null ? value as Section : {};
}

function array(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function level(value: unknown): number {
  if (typeof value === "number") return value;
  const known = LEVELS[String(value).toUpperCase() as Level];
  if (known === undefined) {
    throw new ConfigError(`Unknown level: '${value}'`, {
      fix: `use one of ${Object.keys(LEVELS).join(", ")}`,
    });
  }
  return known;
}

function makeFormatter(config: Section, color: boolean): Formatter {
  const isColored = String(config["()"] ?? "").includes("ColoredFormatter");
  const colors = isColored ? { ...LOG_COLORS, ...config.log_colors as Record<string, string> } : undefined;
  return percentFormatter(
    String(config.format ?? "%(message)s"),
    colors,
    color,
    config.datefmt === undefined || config.datefmt === null ? undefined : String(config.datefmt),
  );
}

/** Python's `%`-style formats; colour names work in coloured formatters and are empty without a terminal. */
function percentFormatter(
  format: string,
  colors: Readonly<Record<string, string>> | undefined,
  color: boolean,
  dateFormat?: string,
): Formatter {
  return ({ name, level, message, time }) => {
    const levelName = NAMES[level] ?? `Level ${level}`;
    const millis = String(time.getMilliseconds()).padStart(3, "0");
    const fields: Record<string, string> = {
      asctime: dateFormat === undefined
        ? `${strftime("%Y-%m-%d %H:%M:%S", time)},${millis}`
        : strftime(dateFormat, time),
      name,
      levelname: levelName,
      levelno: String(level),
      message,
      msecs: millis,
      created: String(time.getTime() / 1000),
      process: String(Deno.pid),
      module: name.slice(name.lastIndexOf(".") + 1),
    };
    if (colors !== undefined) {
      for (const [word, code] of Object.entries(COLORS)) fields[word] = color ? code : "";
      fields.log_color = color ? COLORS[colors[levelName] ?? "white"] ?? "" : "";
    }
    const line = format.replace(
      /%\((\w+)\)(-?\d*)(?:\.\d+)?[sdf]/g,
      (whole, field: string, width: string) => {
        const text = Object.hasOwn(fields, field) ? fields[field]! : whole;
        if (width === "") return text;
        return width.startsWith("-") ? text.padEnd(Number(width.slice(1))) : text.padStart(Number(width));
      },
    );
    return colors !== undefined && color ? `${line}${COLORS.reset}` : line;
  };
}
