/**
 * Values by stage, as many as there is room for: `train total 0.203 accuracy 0.938 · val total 0.107`.
 *
 * A loss that equals its stage's total says nothing new and is left out.
 *
 * @param room Characters that the text may have.
 *
 * @example
 * ```ts
 * import { metricsText } from "./metrics_text.ts";
 * console.assert(metricsText({ "val/total": 0.5, "train/total": NaN }) === "train total nan · val total 0.500");
 * ```
 */
export function metricsText(metrics: Readonly<Record<string, number>>, room = Infinity): string {
  let text = "";
  let open = "";
  for (const name of Object.keys(metrics).sort((a, b) => stageOrder(a) - stageOrder(b))) {
    const slash = name.indexOf("/");
    const stage = name.slice(0, Math.max(0, slash));
    const value = metrics[name]!;
    if (!name.endsWith("/total") && value === metrics[`${stage}/total`] && !name.endsWith("/best")) continue;
    const label = stage === open ? "" : `${text === "" ? "" : "· "}${stage} `;
    const next = `${text === "" ? "" : " "}${label}${name.slice(slash + 1)} ${valueText(value)}`;
    if (text.length + next.length > room) break;
    text += next;
    open = stage;
  }
  return text;
}

/** Training values stand before the others; within a stage the order of logging stays. */
function stageOrder(name: string): number {
  return name.startsWith("train/") ? 0 : 1;
}

/** Three digits after the point; what is no number as Python writes it. */
function valueText(value: number): string {
  if (Number.isFinite(value)) return value.toFixed(3);
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/** Values among `metrics` whose names pass. */
export function only(
  metrics: Readonly<Record<string, number>>,
  passes: (name: string) => boolean,
): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => passes(name)));
}
