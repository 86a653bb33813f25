import { children, isContainer } from "../children.ts";
import type { TrainableModule } from "../train/lit_module_hooks.ts";

/** One part of a module, as a summary shows it. */
export interface SummaryRow {
  /** Dotted name: `forward_fn.transforms.network`. */
  readonly name: string;
  /** Class name. */
  readonly type: string;
  /** Parameters in it, trainable or not. */
  readonly params: number;
  /** `train` or `eval`; a part that is no module here, as a transform, has that of the module above it. */
  readonly mode: string;
}

/** A module in rows and totals. */
export interface Summary {
  readonly rows: readonly SummaryRow[];
  readonly trainable: number;
  readonly frozen: number;
  /** Size of the parameters in megabytes of 10⁶ bytes. */
  readonly megabytes: number;
  readonly inTrainMode: number;
  readonly inEvalMode: number;
}

const BYTES_PER_F32 = 4;

/**
 * Counts a module's parts and parameters.
 *
 * @param maxDepth How many levels of names to show; -1 for all.
 */
export function summarise(module: TrainableModule, maxDepth: number): Summary {
  const parameters = Array.from(module.namedParameters(), ([name, { size, requiresGrad }]) => ({
    name,
    size,
    requiresGrad,
  }));
  const count = (prefix: string) =>
    parameters.filter(({ name }) => name.startsWith(`${prefix}.`)).reduce((sum, { size }) => sum + size, 0);
  const rows: SummaryRow[] = [];
  const seen = new Set<string>();
  const add = (row: SummaryRow): void => {
    if (!seen.has(row.name)) rows.push(row);
    seen.add(row.name);
  };
  const walk = (part: unknown, path: string, above: string): void => {
    if (!isContainer(part)) return;
    const mode = modeOf(part) ?? above;
    for (const [name, child] of part[children]()) {
      if (typeof child !== "object" || child === null) continue;
      // `transforms.network` of a container is a dictionary of modules in Python, which has a row of its own there.
      for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
        const full = join(path, name.slice(0, dot));
        add({ name: full, type: "ModuleDict", params: count(full), mode });
      }
      const full = join(path, name);
      add({ name: full, type: child.constructor.name, params: count(full), mode: modeOf(child) ?? mode });
      walk(child, full, mode);
    }
  };
  walk(module, "", "train");
  const total = (trainable: boolean) =>
    parameters.filter(({ requiresGrad }) => requiresGrad === trainable).reduce(
      (sum, { size }) => sum + size,
      0,
    );
  const inTrainMode = rows.filter(({ mode }) => mode === "train").length;
  return {
    rows: rows.filter(({ name }) => maxDepth === -1 || name.split(".").length <= maxDepth),
    trainable: total(true),
    frozen: total(false),
    megabytes: parameters.reduce((sum, { size }) => sum + size, 0) * BYTES_PER_F32 * 1e-6,
    inTrainMode,
    inEvalMode: rows.length - inTrainMode,
  };
}

/** The mode of a module; `undefined` for what is none. */
function modeOf(part: object): "train" | "eval" | undefined {
  const { training } = part as { training?: unknown };
  return typeof training === "boolean" ? (training ? "train" : "eval") : undefined;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

const UNITS = [" ", "K", "M", "B", "T"];

/**
 * A count for people: one decimal below 100 of a unit, none from there up.
 *
 * @example
 * ```ts
 * import { readableCount } from "./summary_rows.ts";
 * console.assert(readableCount(151498) === "151 K" && readableCount(2000000) === "2.0 M");
 * ```
 */
export function readableCount(count: number): string {
  const digits = count > 0 ? Math.floor(Math.log10(count)) + 1 : 1;
  const unit = Math.min(Math.ceil(digits / 3), UNITS.length) - 1;
  const scaled = count / 1000 ** unit;
  const text = unit < 1 || scaled >= 100 ? String(Math.trunc(scaled)) : scaled.toFixed(1);
  return `${text} ${UNITS[unit]}`;
}
