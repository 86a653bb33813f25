import { join } from "node:path";
import { create, toYaml } from "../config/mod.ts";
import { floatText } from "../config/scalar.ts";
import { count, either, optional, required, takeOptions, text } from "../options.ts";
import type { FinalStatus, HyperParameters, Logger } from "../train/logger.ts";
import { nextVersion, versionName, withPrefix } from "./version.ts";

/** Where a CSVLogger writes. */
export interface CSVLoggerOptions {
  /** The folder above all runs. */
  saveDir: string;
  /** A level between; empty or `null` for none. @default "lightning_logs" */
  name?: string | null;
  /** The run: a number becomes `version_3`. @default one more than the highest there is */
  version?: number | string | null;
  /** Put before each name with a dash. @default "" */
  prefix?: string;
  /** Rows kept before the file is written. @default 100 */
  flushLogsEveryNSteps?: number;
}

const CRLF = "\r\n";

/**
 * Writes each row of numbers to `metrics.csv`, in Lightning's layout to the byte.
 *
 * The header holds every name seen so far, sorted; a new name rewrites the file with the wider header. Numbers are
 * written as Python prints them.
 *
 * @example
 * ```ts
 * import { CSVLogger } from "./csv.ts";
 * const logger = new CSVLogger({ saveDir: "logs", name: "csv/", version: 3 });
 * console.assert(logger.logDir.endsWith("version_3"));
 * ```
 */
export class CSVLogger implements Logger {
  readonly name: string;
  readonly saveDir: string;
  readonly #prefix: string;
  readonly #flushEvery: number;
  #version: number | string | null;
  #header: string[] = [];
  #written: Record<string, string>[] = [];
  #waiting: Record<string, string>[] = [];
  #opened = false;

  constructor(options: CSVLoggerOptions) {
    const o = takeOptions<CSVLoggerOptions>("loggers.CSVLogger", options, {
      saveDir: text(required),
      name: optional(text(required), "lightning_logs"),
      version: optional(either(text(required), count(required))),
      prefix: "",
      flushLogsEveryNSteps: count(100, 1),
    });
    this.saveDir = o.saveDir;
    this.name = o.name ?? "";
    this.#prefix = o.prefix;
    this.#flushEvery = o.flushLogsEveryNSteps;
    this.#version = o.version;
  }

  get version(): string {
    this.#version ??= nextVersion(join(this.saveDir, this.name));
    return versionName(this.#version);
  }

  get logDir(): string {
    return join(this.saveDir, this.name, this.version);
  }

  logMetrics(metrics: Readonly<Record<string, number>>, step: number): void {
    const row: Record<string, string> = { step: String(step) };
    for (const [name, value] of Object.entries(withPrefix(this.#prefix, metrics))) {
      // The two counters are whole numbers; everything else is a float, which Python writes with a point.
      row[name] = name === "epoch" || name === "step" ? String(value) : floatText(value);
    }
    this.#waiting.push(row);
    if ((step + 1) % this.#flushEvery === 0) this.save();
  }

  logHyperparams(params: HyperParameters): void {
    this.#open();
    replaceFile(join(this.logDir, "hparams.yaml"), toYaml(create(params), { sortKeys: true }));
  }

  save(): void {
    if (this.#waiting.length === 0) return;
    this.#open();
    const path = join(this.logDir, "metrics.csv");
    const known = new Set([...this.#header, ...this.#waiting.flatMap((row) => Object.keys(row))]);
    const grew = known.size > this.#header.length;
    if (grew) this.#header = [...known].sort();
    const rows = grew ? [...this.#written, ...this.#waiting] : this.#waiting;
    const text = (grew ? this.#header.map(cell).join(",") + CRLF : "") +
      rows.map((row) => this.#line(row) + CRLF).join("");
    if (grew) replaceFile(path, text);
    else Deno.writeTextFileSync(path, text, { append: true });
    this.#written.push(...this.#waiting);
    this.#waiting = [];
  }

  finalize(_status: FinalStatus): void {
    this.save();
  }

  #line(row: Readonly<Record<string, string>>): string {
    return this.#header.map((name) => cell(row[name] ?? "")).join(",");
  }

  /** Makes the folder; rows of an earlier run with the same version give way, as in Lightning. */
  #open(): void {
    if (this.#opened) return;
    this.#opened = true;
    Deno.mkdirSync(this.logDir, { recursive: true });
    try {
      Deno.removeSync(join(this.logDir, "metrics.csv"));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** A cell as Python's csv module writes it: quoted only where it must be. */
function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Writes a whole file under another name, then renames it: a killed run leaves the old one or the new one. */
function replaceFile(path: string, text: string): void {
  Deno.writeTextFileSync(`${path}.tmp`, text);
  using file = Deno.openSync(`${path}.tmp`, { write: true });
  file.syncSync();
  Deno.renameSync(`${path}.tmp`, path);
}
