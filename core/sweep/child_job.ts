import type { JobCommand, JobProcesses } from "./job_process.ts";
import { type RunningJobs, send } from "./running_jobs.ts";

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number;
  readonly signal: string | null;
  readonly isTooLong: boolean;
}

/** How a child is run. */
export interface ChildOptions {
  readonly running: RunningJobs;
  readonly output: JobProcesses["output"];
  /** Put before each line that the child writes: lines of several jobs come mixed. */
  readonly label: string;
  /** After this time the child is asked to stop, and a little later it is ended. */
  readonly timeoutMs?: number | undefined;
}

/** How long a child may take to save after it was asked to stop. */
const GRACE_MS = 10_000;

/**
 * Runs a job's process to its end and shows its lines as they come. The child notices when this process is gone: its
 * input, on which nothing is ever written, then ends.
 */
export async function runChild(command: JobCommand, options: ChildOptions): Promise<ProcessEnd> {
  const { running, output, label, timeoutMs } = options;
  const child = new Deno.Command(command.program, {
    args: [...command.args],
    env: { ...command.env },
    cwd: command.cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  let isTooLong = false;
  const timers: ReturnType<typeof setTimeout>[] = [];
  if (timeoutMs !== undefined) {
    const expire = (): void => {
      isTooLong = true;
      send(child, "SIGINT");
    };
    timers.push(setTimeout(expire, timeoutMs));
    timers.push(setTimeout(() => send(child, "SIGKILL"), timeoutMs + GRACE_MS));
  }
  try {
    const ended = Promise.all([
      child.status,
      showLines(child.stdout, label, output.stdout),
      showLines(child.stderr, label, output.stderr),
    ]);
    const [{ code, signal }] = await running.during(child, ended);
    return { code, signal, isTooLong };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    await child.stdin.close().catch(() => {});
  }
}

async function showLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  label: string,
  show: (text: string) => void,
): Promise<void> {
  let open = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (open + text).split("\n");
    open = lines.pop()!;
    // All lines that came together are written together: other jobs' lines stay out.
    if (lines.length > 0) show(lines.map((line) => `${label}${line}\n`).join(""));
  }
  if (open !== "") show(`${label}${open}\n`);
}
