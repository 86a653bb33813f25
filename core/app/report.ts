import { FulgurError } from "../errors.ts";
import { OmegaConfBaseException } from "../config/config_errors.ts";
import { variable } from "../config/environment.ts";
import { pythonRepr } from "../config/python_text.ts";
import type { Streams } from "./logging.ts";

const HINT = "\nSet the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.\n";

/** A job's task threw; the app reports it with the job's overrides. */
export class JobFailure extends FulgurError {
  override name = "JobFailure";
  /** Overrides of the job. */
  readonly overrides: readonly string[];

  constructor(overrides: readonly string[], cause: unknown) {
    super(`Error executing job with overrides: ${pythonRepr(overrides)}`, { cause });
    this.overrides = overrides;
  }
}

/**
 * Shows an error as the app does: the message for errors that explain themselves, a stack trace from the task on for
 * others, and everything under `HYDRA_FULL_ERROR=1`. `OC_CAUSE=1` adds what led to an error of OmegaConf's.
 */
export function reportError(error: unknown, streams: Streams): void {
  if (variable("HYDRA_FULL_ERROR") === "1") {
    streams.stderr(`${fullText(error)}\n`);
    return;
  }
  const text = error instanceof JobFailure ? `${error.what}\n${causeText(error.cause)}` : causeText(error);
  streams.stderr(`${text}${variable("OC_CAUSE") === "1" ? innerCause(error) : ""}\n`);
  streams.stderr(HINT);
}

/** What led to the first error of OmegaConf's among an error and its causes, such as what a resolver threw. */
function innerCause(error: unknown): string {
  if (error instanceof OmegaConfBaseException) return causedBy(error);
  return error instanceof Error ? innerCause(error.cause) : "";
}

/** Whether the reader of the output has gone, as in `… | head`; there is nobody to report to. */
export function isBrokenPipe(error: unknown): boolean {
  const cause = error instanceof JobFailure ? error.cause : error;
  return cause instanceof Deno.errors.BrokenPipe;
}

/** What the app says of an error: its message, with a stack trace from the task on where it does not explain itself. */
export function causeText(error: unknown): string {
  if (error instanceof FulgurError) return error.message;
  if (!(error instanceof Error) || error.stack === undefined) return String(error);
  if (error instanceof Deno.errors.NotCapable) {
    return `${error.message}\n  fix: allow it all: deno run -A …`;
  }
  // What the system refused is no fault in the program: a stack would say nothing about it.
  if (/\(os error \d+\)/.test(error.message)) {
    return `${error.message}\n  fix: check the path, its permissions and the free space`;
  }
  // Frames below the task are the framework's own and say nothing about the fault.
  const lines = error.stack.split("\n");
  const end = lines.findIndex((line) => line.includes("/core/app/run_job.ts"));
  return (end < 0 ? lines : lines.slice(0, end)).join("\n");
}

function fullText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack ?? error.message}${causedBy(error)}`;
}

function causedBy({ cause }: Error): string {
  return cause === undefined ? "" : `\nCaused by: ${fullText(cause)}`;
}
