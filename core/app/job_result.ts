import { JobError } from "../errors.ts";
import type { JobStatus } from "../sweep/sweeper.ts";
import { writeWhole } from "../sweep/whole_file.ts";
import { fromJson, type Json, toJson } from "./json_value.ts";
import { errorFrom, errorJson } from "./remote_error.ts";

/** How a job ended, as its process tells it. */
export interface JobEnd {
  readonly status: JobStatus;
  readonly returnValue: unknown;
  readonly error: unknown;
  readonly workingDir: string;
  /** The job's folder; empty where it was not made. */
  readonly outputDir: string;
}

const VERSION = 1;

/**
 * Writes how a job ended. A value that no file can carry makes a failure of it.
 *
 * @returns What was written.
 * @throws {JobError} where the file cannot be written; it tells how the job ended, too.
 */
export function writeResult(file: string, end: JobEnd): JobEnd {
  let written = end;
  let value: Json = null;
  try {
    value = toJson(end.returnValue);
  } catch (error) {
    if (!(error instanceof JobError)) throw error;
    written = { ...end, status: "failed", returnValue: undefined, error };
  }
  const { status, workingDir, outputDir } = written;
  const error = status === "failed" ? errorJson(written.error) : null;
  const returnValue = status === "failed" ? toJson(undefined) : value;
  try {
    writeWhole(file, JSON.stringify({ version: VERSION, status, returnValue, error, workingDir, outputDir }));
  } catch (cause) {
    const how = status === "failed" ? `failed (${String(written.error)})` : status;
    throw new JobError(`The job ${how}, but that cannot be written down: ${reasonOf(cause)}`, {
      where: file,
      fix: "check the folder, its permissions and the free space",
      cause,
    });
  }
  return written;
}

/** Reads how a job ended; `undefined` where there is no file. @throws {JobError} for a damaged one. */
export function readResult(file: string): JobEnd | undefined {
  try {
    const { version, status, returnValue, error, workingDir, outputDir } = JSON.parse(
      Deno.readTextFileSync(file),
    );
    if (version !== VERSION) throw new JobError(`It is of version ${version}, not ${VERSION}`);
    return {
      status,
      returnValue: fromJson(returnValue),
      error: error === null ? undefined : errorFrom(error),
      workingDir,
      outputDir,
    };
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new JobError(`Cannot read how a job ended: ${reasonOf(cause)}`, { where: file, cause });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
