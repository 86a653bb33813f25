import { join } from "node:path";
import { fileURLToPath } from "node:url";

const APP = fileURLToPath(new URL("./sweep_app.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** A sweep that runs as a process of its own, in a folder of its own. */
export interface SweepProcess extends AsyncDisposable {
  readonly folder: string;
  readonly pid: number;
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  kill(signal: Deno.Signal): void;
  /** Waits until the output has so many matches. */
  until(pattern: RegExp, times?: number): Promise<void>;
  /** Waits for its end. */
  ended(): Promise<number>;
  read(path: string): string;
  exists(path: string): boolean;
  /** Names below a folder, sorted. */
  list(path: string): string[];
}

/** How {@linkcode startSweep} starts. */
export interface SweepSetup {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files to put into the folder, by name; those in `bin/` may be run and come first on PATH. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Starts `sweep_app.ts` with the given words. */
export function startSweep(words: readonly string[], setup: SweepSetup = {}): SweepProcess {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  for (const [name, text] of Object.entries(setup.files ?? {})) {
    Deno.mkdirSync(join(folder, name, ".."), { recursive: true });
    Deno.writeTextFileSync(join(folder, name), text, { mode: 0o755 });
  }
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...setup.flags ?? ["-A"], "--no-check", "--config", CONFIG, APP, ...words],
    cwd: folder,
    env: { NO_COLOR: "1", PATH: `${folder}/bin:${Deno.env.get("PATH")}`, ...setup.env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let [stdout, stderr] = ["", ""];
  const reading = Promise.all([
    collect(child.stdout, (text) => stdout += text),
    collect(child.stderr, (text) => stderr += text),
  ]);
  const status = child.status;
  const path = (name: string): string => join(folder, name);
  return {
    folder,
    pid: child.pid,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    kill: (signal) => child.kill(signal),
    until: async (pattern, times = 1) => {
      const all = new RegExp(pattern, "g");
      while ([...`${stdout}\n${stderr}`.matchAll(all)].length < times) await pause();
    },
    ended: async () => {
      const [{ code }] = await Promise.all([status, reading]);
      return code;
    },
    read: (name) => Deno.readTextFileSync(path(name)),
    exists: (name) => exists(path(name)),
    list: (name) => [...Deno.readDirSync(path(name))].map((entry) => entry.name).sort(),
    [Symbol.asyncDispose]: async () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await Promise.all([status, reading]);
      await removeFolder(folder);
    },
  };
}

/** Removes a folder that processes which are ending may still write to. */
export async function removeFolder(folder: string): Promise<void> {
  for (let tries = 100;; tries--) {
    try {
      return Deno.removeSync(folder, { recursive: true });
    } catch (error) {
      if (tries === 0) throw error;
      await pause();
    }
  }
}

async function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>, add: (text: string) => void) {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) add(text);
}

/** Lets a little time pass. */
export function pause(ms: number = 20): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  return exists(`/proc/${pid}/stat`) && !/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
