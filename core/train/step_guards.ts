import type { Batch } from "../batch.ts";
import { Tensor } from "../tensor/mod.ts";
import type { Run } from "./callback.ts";
import type { TrainableModule } from "./lit_module_hooks.ts";

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

/** The numbers, words and truth values among a module's own fields, which its step may depend on. */
export function hostFields(module: TrainableModule): string {
  let key = "";
  for (const name of Object.keys(module)) {
    const value = (module as unknown as Record<string, unknown>)[name];
    if (typeof value !== "object" && typeof value !== "function") key += `${name}=${String(value)};`;
  }
  return key;
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** Everything in a batch that is no tensor, as text; objects with a class of their own count as themselves. */
export function hostValues(value: unknown): string {
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
