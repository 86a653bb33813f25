import { OptionError } from "../errors.ts";

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
export function parseDuration(text: string, owner: string): number {
  const match = /^(\d+):(\d+):(\d+):(\d+)$/.exec(text.trim());
  if (match === null) {
    throw new OptionError(`${owner} cannot read the duration ${JSON.stringify(text)}`, {
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
