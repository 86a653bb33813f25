import { CommandLineError } from "../config/hydra_errors.ts";
import { FLAGS } from "./flags.ts";
import type { Streams } from "./logging.ts";
import { isBrokenPipe, reportError } from "./report.ts";
import { usageText } from "./usage.ts";

/**
 * Shows what made a command line end, and gives the exit code that says so: 1, 2 for a wrong command line, 141 where
 * the reader of the output has gone.
 *
 * @param program What the usage text calls the program.
 *
 * @example
 * ```ts
 * import { ConfigError } from "../errors.ts";
 * import { reported } from "./reported.ts";
 * let shown = "";
 * const streams = { stdout: () => {}, stderr: (text: string) => void (shown += text), color: false };
 * console.assert(reported(new ConfigError("No such thing"), "app", streams) === 1);
 * console.assert(shown.startsWith("No such thing\n"));
 * ```
 */
export function reported(error: unknown, program: string, streams: Streams): number {
  // As a program that SIGPIPE ends.
  if (isBrokenPipe(error)) return 141;
  const code = error instanceof CommandLineError ? error.exitCode : 1;
  if (code === 2) streams.stderr(`${usageText(program, FLAGS)}\n${program}: `);
  if (error instanceof CommandLineError && error.saysAll) streams.stderr(`${error.message}\n`);
  else reportError(error, streams);
  return code;
}
