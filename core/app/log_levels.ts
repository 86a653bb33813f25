import { ConfigError, nearest } from "../errors.ts";

/** Python's level names with their numbers. */
export const LEVELS = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  WARNING: 30,
  ERROR: 40,
  FATAL: 50,
  CRITICAL: 50,
} as const;

/** A level's name. */
export type Level = keyof typeof LEVELS;

/** The number of a level. @throws {ConfigError} for a name that Python does not have, such as `info`. */
export function levelOf(value: unknown): number {
  if (typeof value === "number") return value;
  const name = String(value);
  if (Object.hasOwn(LEVELS, name)) return LEVELS[name as Level];
  const near = nearest(name.toUpperCase(), Object.keys(LEVELS));
  throw new ConfigError(`Unknown level: '${name}'`, {
    fix: `${near === undefined ? "" : `did you mean "${near}"? `}Use one of ${
      Object.keys(LEVELS).join(", ")
    }`,
  });
}
