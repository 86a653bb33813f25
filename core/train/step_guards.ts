import type { Batch } from "../batch.ts";
import { Tensor } from "../tensor/mod.ts";
import type { Run } from "./callback.ts";
import type { OptimizerEntry, TrainableModule } from "./lit_module_hooks.ts";

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

/** A field that a step may depend on, and what it held at the last look. */
interface Site {
  readonly name: string;
  readonly holder: object;
  readonly key: string;
  value: unknown;
}

function valueAt({ holder, key }: Site): unknown {
  return (holder as Readonly<Record<string, unknown>>)[key];
}

/**
 * The forms that host values take: those of a batch, plain ones among a module's own fields, the modes of its parts,
 * which parameters are trained, and settings of optimizers that are no numbers.
 */
export class HostForms {
  readonly #module: TrainableModule;
  readonly #optimizers: readonly OptimizerEntry[];
  readonly #seen = new Set<string>();
  readonly #changing = new Set<string>();
  #first: Readonly<Record<string, string>> | null = null;
  #last = "";
  /** Those of the last batch, where all were tensors. */
  #columns: readonly string[] | null = null;
  #fields: readonly (readonly [name: string, value: unknown])[] = [];
  #sites: readonly Site[] = [];

  constructor(module: TrainableModule, optimizers: readonly OptimizerEntry[]) {
    this.#module = module;
    this.#optimizers = optimizers;
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
    // Nothing is written down again for a batch of tensors that finds everything as the last one did.
    if (this.#isAsBefore(batch)) return this.#last;
    if (this.#first === null) this.#sites = sitesOf(this.#module, this.#optimizers);
    for (const site of this.#sites) site.value = valueAt(site);
    this.#fields = Object.entries(this.#module).map(([name, value]) => [name, plainOf(value)]);
    this.#columns = Object.values(batch).every((value) => value instanceof Tensor)
      ? Object.keys(batch)
      : null;
    const parts = this.#parts(batch);
    this.#last = Object.entries(parts).join(";");
    if (!this.#seen.has(this.#last)) this.#add(parts);
    return this.#last;
  }

  #isAsBefore(batch: Batch): boolean {
    const columns = this.#columns;
    if (columns === null) return false;
    let at = 0;
    for (const name in batch) {
      if (name !== columns[at++] || !(batch[name] instanceof Tensor)) return false;
    }
    if (at !== columns.length) return false;
    const module = this.#module as unknown as Readonly<Record<string, unknown>>;
    at = 0;
    for (const name in module) {
      if (!Object.hasOwn(module, name)) continue;
      const field = this.#fields[at++];
      if (field === undefined || field[0] !== name || !Object.is(field[1], plainOf(module[name]))) {
        return false;
      }
    }
    if (at !== this.#fields.length) return false;
    for (const site of this.#sites) if (valueAt(site) !== site.value) return false;
    return true;
  }

  #parts(batch: Batch): Record<string, string> {
    const parts: Record<string, string> = {};
    for (const [name, value] of this.#fields) if (value !== OBJECT) parts[`module.${name}`] = String(value);
    for (const { name, value } of this.#sites) parts[name] = String(value);
    for (const [name, value] of Object.entries(batch)) parts[`batch.${name}`] = hostValues(value);
    return parts;
  }

  #add(parts: Readonly<Record<string, string>>): void {
    this.#seen.add(this.#last);
    this.#first ??= parts;
    for (const name of Object.keys({ ...this.#first, ...parts })) {
      if (this.#first[name] !== parts[name]) this.#changing.add(name);
    }
  }

  /** Begins anew. */
  clear(): void {
    this.#seen.clear();
    this.#changing.clear();
    this.#first = null;
    this.#columns = null;
  }
}

function sitesOf(module: TrainableModule, optimizers: readonly OptimizerEntry[]): Site[] {
  const sites: Site[] = [];
  const add = (name: string, holder: object, key: string): void => {
    sites.push({ name: `${name}.${key}`, holder, key, value: undefined });
  };
  for (const [name, part] of module.namedModules()) {
    if (part !== module) add(`module.${name}`, part, "training");
  }
  for (const [name, parameter] of module.namedParameters()) add(`module.${name}`, parameter, "requiresGrad");
  for (const [index, { paramGroups }] of optimizers.entries()) {
    for (const [at, group] of paramGroups.entries()) {
      // Numbers are read at every step.
      const words = Object.entries(group).filter(([, value]) => isPlain(value) && typeof value !== "number");
      for (const [key] of words) add(`optimizers[${index}].paramGroups[${at}]`, group, key);
    }
  }
  return sites;
}

function isPlain(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function");
}

const OBJECT = Symbol("object");

/** A plain value itself; one word for all others. */
function plainOf(value: unknown): unknown {
  return isPlain(value) ? value : OBJECT;
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
