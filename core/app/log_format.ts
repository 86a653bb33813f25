import { basename } from "node:path";
import { ConfigError } from "../errors.ts";
import { strftime } from "../config/strftime.ts";
import { escapeCode, LOG_COLORS } from "./log_colors.ts";
import { formatParts } from "./log_styles.ts";

/** Where a logger was called. */
export interface Caller {
  readonly path: string;
  readonly line: number;
  readonly functionName: string;
}

/** One call of a logger. */
export interface LogEntry {
  readonly name: string;
  readonly level: number;
  readonly message: string;
  readonly time: Date;
  readonly caller: Caller;
}

/** Makes an entry's line. */
export type Formatter = (entry: LogEntry) => string;

/** What `formatters` of a logging config holds. */
export interface FormatterConfig {
  readonly format?: unknown;
  readonly datefmt?: unknown;
  readonly style?: unknown;
  readonly log_colors?: unknown;
  readonly "()"?: unknown;
  readonly class?: unknown;
}

const LEVEL_NAMES: Readonly<Record<number, string>> = {
  10: "DEBUG",
  20: "INFO",
  30: "WARNING",
  40: "ERROR",
  50: "CRITICAL",
};
const START = performance.timeOrigin;

/** Python's fields of a log record that mean something here. */
const FIELDS: Readonly<Record<string, (entry: LogEntry) => string | number>> = {
  name: ({ name }) => name,
  levelname: ({ level }) => LEVEL_NAMES[level] ?? `Level ${level}`,
  levelno: ({ level }) => level,
  message: ({ message }) => message,
  msecs: ({ time }) => time.getMilliseconds(),
  created: ({ time }) => time.getTime() / 1000,
  relativeCreated: ({ time }) => time.getTime() - START,
  process: () => Deno.pid,
  processName: () => "MainProcess",
  threadName: () => "MainThread",
  pathname: ({ caller }) => caller.path,
  filename: ({ caller }) => basename(caller.path),
  module: ({ caller }) => basename(caller.path).replace(/\.[^.]*$/, ""),
  lineno: ({ caller }) => caller.line,
  funcName: ({ caller }) => caller.functionName,
};

/**
 * Makes what a formatter of a logging config describes; `ColoredFormatter` is colorlog's.
 *
 * @param color Whether colours may be written.
 * @throws {ConfigError} for a format that Python refuses, or a field that there is not.
 */
export function makeFormatter(name: string, config: FormatterConfig, color: boolean): Formatter {
  const refuse = (why: string, fix?: string): never => {
    throw new ConfigError(`Unable to configure formatter '${name}': ${why}`, { fix });
  };
  const isColored = /ColoredFormatter$/.test(String(config["()"] ?? config.class ?? ""));
  const codes = (field: string): string | undefined => isColored ? escapeCode(field) : undefined;
  const parts = formatParts(config.format, config.style ?? "%", refuse);
  for (const part of parts) {
    if (typeof part === "string" || Object.hasOwn(FIELDS, part.field)) continue;
    if (part.field === "asctime" || (part.field === "log_color" && isColored)) continue;
    if (codes(part.field) !== undefined) continue;
    refuse(
      `Formatting field not found in record: '${part.field}'`,
      `the fields are asctime, ${Object.keys(FIELDS).join(", ")}`,
    );
  }
  const dateFormat = config.datefmt === undefined || config.datefmt === null
    ? undefined
    : String(config.datefmt);
  const colors = (config.log_colors ?? LOG_COLORS) as Readonly<Record<string, unknown>>;
  const valueOf = (field: string, entry: LogEntry): string | number => {
    if (field === "asctime") return asctime(entry.time, dateFormat);
    if (Object.hasOwn(FIELDS, field)) return FIELDS[field]!(entry);
    if (!color) return "";
    if (field !== "log_color") return codes(field)!;
    const named = String(colors[LEVEL_NAMES[entry.level] ?? ""] ?? "");
    return named === "" ? "" : named.split(",").map((part) => escapeCode(part.trim()) ?? "").join("");
  };
  const reset = escapeCode("reset")!;
  return (entry) => {
    const line = parts.map((part) => {
      return typeof part === "string" ? part : part.write(valueOf(part.field, entry));
    }).join("");
    return isColored && color && !line.endsWith(reset) ? line + reset : line;
  };
}

function asctime(time: Date, format: string | undefined): string {
  if (format !== undefined) return strftime(format, time);
  return `${strftime("%Y-%m-%d %H:%M:%S", time)},${String(time.getMilliseconds()).padStart(3, "0")}`;
}
