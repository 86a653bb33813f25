import { floatText } from "../config/scalar.ts";
import { MisconfigurationError } from "../errors.ts";
import { exponentText, fixedText, generalText } from "../number_text.ts";

/** Numbers that a file name may hold. */
export type NameValues = Readonly<Record<string, number>>;

/**
 * Fills a file-name template: `epoch_{epoch:03d}`, `{epoch}-{val/loss:.2f}`.
 *
 * A metric that is not there counts as 0. With `insert`, each place also shows its name: `epoch=3-step=20`.
 *
 * @param template Python's format strings: `{name}` or `{name:spec}` with specs such as `03d`, `.2f`, `.3e`, `g`.
 * @throws {MisconfigurationError} for a format spec that is not of these.
 *
 * @example
 * ```ts
 * import { formatCheckpointName } from "./checkpoint_name.ts";
 * console.assert(formatCheckpointName("epoch_{epoch:03d}", { epoch: 7 }, false) === "epoch_007");
 * console.assert(formatCheckpointName("{epoch}-{step}", { epoch: 1, step: 4 }, true) === "epoch=1-step=4");
 * ```
 */
export function formatCheckpointName(template: string, values: NameValues, insert: boolean): string {
  return template.replace(/\{([^{}:]*)(?::([^{}]*))?\}/g, (_, name: string, spec: string | undefined) => {
    const value = values[name];
    const text = value === undefined && spec === undefined ? "0" : formatNumber(value ?? 0, spec ?? "", name);
    return insert ? `${name}=${text}` : text;
  });
}

const SPEC = /^(0?)(\d*)(?:\.(\d+))?([dfeg]?)$/;

function formatNumber(value: number, spec: string, name: string): string {
  const match = SPEC.exec(spec);
  if (match === null) {
    throw new MisconfigurationError(`The file name's "{${name}:${spec}}" has a format that is not known`, {
      where: "callbacks.ModelCheckpoint",
      fix: "use one such as 03d, .2f, .3e or g",
    });
  }
  const [, zero, width, digits, type] = match;
  const text = plainText(value, digits === undefined ? null : Number(digits), type!, name);
  if (width === "") return text;
  if (zero === "") return text.padStart(Number(width), " ");
  const negative = text.startsWith("-");
  return (negative ? "-" : "") + text.slice(negative ? 1 : 0).padStart(Number(width) - Number(negative), "0");
}

function plainText(value: number, digits: number | null, type: string, name: string): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  switch (type) {
    case "d":
      return String(Math.trunc(value));
    case "f":
      return fixedText(value, digits ?? 6);
    case "e":
      return exponentText(value, digits ?? 6);
    case "g":
      return generalText(value, digits ?? 6);
    default:
      if (digits !== null) return generalText(value, digits);
      // The two counters are whole numbers; metrics are floats, which Python always writes with a point.
      return name === "epoch" || name === "step" ? String(value) : floatText(value);
  }
}
