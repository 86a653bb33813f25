import { JobError } from "../errors.ts";

/** Why a process that has ended left no result. */
export function withoutResult(
  num: number,
  end: { readonly code: number; readonly signal: string | null },
): JobError {
  const { code, signal } = end;
  if (signal !== null) {
    return new JobError(`The process of job #${num} was killed by ${signal}`, {
      fix: signal === "SIGKILL"
        ? "a lack of memory is the usual reason: run fewer jobs at the same time, or smaller ones"
        : undefined,
    });
  }
  return new JobError(`The process of job #${num} ended with code ${code} and left no result`, {
    fix: code === 0
      ? "the program must call main() in the same way each time it is started"
      : "what it wrote above says why",
  });
}

/** Bytes at the end of a log that are looked at for its last line. */
const TAIL_BYTES = 4096;

/** The last line of a log that says something; empty where there is none. */
export function lastLine(path: string): string {
  try {
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    file.seekSync(Math.max(0, size - TAIL_BYTES), Deno.SeekMode.Start);
    const buffer = new Uint8Array(TAIL_BYTES);
    const text = new TextDecoder().decode(buffer.subarray(0, file.readSync(buffer) ?? 0));
    return text.split("\n").findLast((line) => line.trim() !== "")?.trim() ?? "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
