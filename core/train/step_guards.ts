import type { Batch } from "../batch.ts";
import { Tensor } from "../tensor/mod.ts";
import type { Run } from "./callback.ts";

/** What a step may ask of the run and still be replayed: nothing of it changes from batch to batch. */
const STEADY: ReadonlySet<string | symbol> = new Set<keyof Run>([
  "stage",
  "loop",
  "settings",
  "module",
  "callbacks",
  "loggers",
  "device",
  "currentEpoch",
  "totalBatches",
  "batches",
  "checkpointPath",
  "logDir",
  "log",
  "logDict",
  "direction",
]);

/**
 * A run as a step that is to be replayed sees it.
 *
 * @param noted Gets the name of each property that the step reads and a replay would not read again.
 */
export function guardedRun(run: Run, noted: (property: string) => void): Run {
  return new Proxy(run, {
    get(target, property) {
      if (!STEADY.has(property)) noted(String(property));
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The forms that values beside tensors take: those of a batch, and the plain ones among a module's own fields. */
export class HostForms {
  readonly #module: object;
  readonly #seen = new Set<string>();
  readonly #changing = new Set<string>();
  #first: Readonly<Record<string, string>> | null = null;
  #last = "";
  /** Those of the last batch, where all were tensors. */
  #columns: readonly string[] | null = null;
  #fields: readonly (readonly [name: string, value: unknown])[] = [];

  constructor(module: object) {
    this.#module = module;
  }

  /** How many there were since the last `clear`. */
  get count(): number {
    return this.#seen.size;
  }

  /** Names of the values in which they differ. */
  get changing(): readonly string[] {
    return [...this.#changing];
  }

  /** The form of now, as text. */
  of(batch: Batch): string {
    // Nothing is written down again for a batch of tensors that finds the module as the last one did.
    if (this.#isAsBefore(batch)) return this.#last;
    const form = hostFields(this.#module) + hostValues(batch);
    if (!this.#seen.has(form)) this.#add(form, batch);
    this.#last = form;
    this.#columns = Object.values(batch).every((value) => value instanceof Tensor)
      ? Object.keys(batch)
      : null;
    this.#fields = Object.entries(this.#module).map(([name, value]) => [name, plainOf(value)]);
    return form;
  }

  #isAsBefore(batch: Batch): boolean {
    const columns = this.#columns;
    if (columns === null) return false;
    let at = 0;
    for (const name in batch) {
      if (name !== columns[at++] || !(batch[name] instanceof Tensor)) return false;
    }
    if (at !== columns.length) return false;
    const module = this.#module as Readonly<Record<string, unknown>>;
    at = 0;
    for (const name in module) {
      if (!Object.hasOwn(module, name)) continue;
      const field = this.#fields[at++];
      if (field === undefined || field[0] !== name || !Object.is(field[1], plainOf(module[name]))) {
        return false;
      }
    }
    return at === this.#fields.length;
  }

  #add(form: string, batch: Batch): void {
    this.#seen.add(form);
    const parts: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.#module)) {
      if (isPlain(value)) parts[`module.${name}`] = String(value);
    }
    for (const [name, value] of Object.entries(batch)) parts[`batch.${name}`] = hostValues(value);
    this.#first ??= parts;
    for (const name of Object.keys({ ...this.#first, ...parts })) {
      if (this.#first[name] !== parts[name]) this.#changing.add(name);
    }
  }

  clear(): void {
    this.#seen.clear();
    this.#changing.clear();
    this.#first = null;
    this.#fields = [];
  }
}

function isPlain(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function");
}

const OBJECT = Symbol("object");

/** A plain value itself; one word for all others. */
function plainOf(value: unknown): unknown {
  return isPlain(value) ? value : OBJECT;
}

function hostFields(module: object): string {
  let key = "";
  for (const name of Object.keys(module)) {
    const value = (module as Readonly<Record<string, unknown>>)[name];
    if (isPlain(value)) key += `${name}=${String(value)};`;
  }
  return key;
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** Everything in a batch that is no tensor, as text; objects with a class of their own count as themselves. */
function hostValues(value: unknown): string {
  if (value instanceof Tensor) return "";
  if (Array.isArray(value)) return `[${value.map(hostValues).join()}]`;
  if (typeof value !== "object" || value === null) {
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    let key = "";
    for (const name of Object.keys(value)) key += `${name}:${hostValues((value as Batch)[name])},`;
    return key;
  }
  if (value instanceof Map) return hostValues([...value]);
  if (!identities.has(value)) identities.set(value, lastIdentity += 1);
  return `#${identities.get(value)}`;
}
