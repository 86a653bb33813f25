import {
  choice,
  flag,
  number,
  optional,
  type OptionDefaults,
  required,
  takeOptions,
  text,
  unsupported,
} from "../options.ts";
import type { LogOptions } from "./log_rules.ts";

/** What each option is, for calls that are written as they should be. */
const TYPES: Readonly<Record<string, "boolean" | "string" | "number">> = {
  progBar: "boolean",
  logger: "boolean",
  onStep: "boolean",
  onEpoch: "boolean",
  reduceFx: "string",
  addDataloaderIdx: "boolean",
  batchSize: "number",
  better: "string",
} satisfies Record<keyof LogOptions, "boolean" | "string" | "number">;

type Nullable = { [K in keyof LogOptions]: Exclude<LogOptions[K], undefined> | null };

const TABLE: OptionDefaults<Nullable> = {
  progBar: optional(flag(required)),
  logger: optional(flag(required)),
  onStep: optional(flag(required)),
  onEpoch: optional(flag(required)),
  // What it may be depends on the place of the call.
  reduceFx: optional(text(required)) as never,
  enableGraph: unsupported(false),
  // With one process either value means the same.
  syncDist: unsupported(false, true),
  syncDistGroup: unsupported(null),
  addDataloaderIdx: optional(flag(required)),
  batchSize: optional(number(required, { above: 0 })),
  metricAttribute: unsupported(null),
  rankZeroOnly: unsupported(false, true),
  better: optional(choice<"min" | "max">(required, ["min", "max"])),
};

/**
 * Checks the options of a `log` call; Python's spelling is taken as well, and `null` as Python's `None`.
 *
 * @param name What is logged, for the error.
 * @throws {OptionError} for an unknown option, with the nearest name, and for a value that its option does not take.
 */
export function takeLogOptions(name: string, options: LogOptions): LogOptions {
  if (typeof options === "object" && options !== null && isPlain(options)) return options;
  const taken = takeOptions<Nullable>(`log("${name}")`, options as Nullable, TABLE);
  return Object.fromEntries(Object.entries(taken).filter(([, value]) => value !== null));
}

/** Whether options need no further look: this is asked at every call. */
function isPlain(options: LogOptions): boolean {
  for (const key in options) {
    const value = options[key as keyof LogOptions];
    if (value !== undefined && typeof value !== TYPES[key]) return false;
  }
  const { better, batchSize = 1 } = options;
  return batchSize > 0 && (better === undefined || better === "min" || better === "max");
}
