import { OptionError } from "../errors.ts";
import { isRecord, like, type Rule, showValue } from "../options.ts";

/** Milliseconds of the parts that Python's `timedelta` takes. */
const PARTS: Readonly<Record<string, number>> = {
  weeks: 604_800_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
};

/** A time: `"DD:HH:MM:SS"`, or the parts of Python's `timedelta`: `{ hours: 1, minutes: 30 }`. */
export type Duration = string | Readonly<Record<string, number>>;

/** An option that is a time. */
export function durationRule(): Rule<Duration> {
  return like<Duration>(
    'write days, hours, minutes and seconds as "DD:HH:MM:SS", such as "00:12:00:00" for 12 hours, or {hours: 12}',
    (value) =>
      typeof value === "string" ||
      (isRecord(value) &&
        Object.entries(value).every(([part, n]) => Object.hasOwn(PARTS, part) && Number.isFinite(n))),
  );
}

/**
 * Reads a duration written as `DD:HH:MM:SS`, in milliseconds.
 *
 * @param owner Who takes it, for the error: `callbacks.Timer`.
 * @throws {OptionError} for another form.
 *
 * @example
 * ```ts
 * import { parseDuration } from "./duration.ts";
 * console.assert(parseDuration("00:01:00:02", "callbacks.Timer") === 3_602_000);
 * ```
 */
export function parseDuration(text: Duration, owner: string): number {
  if (typeof text !== "string") {
    return Object.entries(text).reduce((sum, [part, n]) => sum + n * PARTS[part]!, 0);
  }
  const match = /^(\d+):(\d+):(\d+):(\d+)$/.exec(text.trim());
  if (match === null) {
    throw new OptionError(`${owner} cannot read the duration ${showValue(text)}`, {
      fix: 'write days, hours, minutes and seconds as "DD:HH:MM:SS", such as "00:12:00:00" for 12 hours',
    });
  }
  const [days, hours, minutes, seconds] = match.slice(1).map(Number) as [number, number, number, number];
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

/** A duration in milliseconds as `H:MM:SS`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
