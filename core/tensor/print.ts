import { exponentText, fixedText } from "../number_text.ts";
import type { DType } from "../runtime/dtype.ts";
import { type Shape, showShape, sizeOfShape } from "../runtime/layout.ts";

/** torch's print options: digits after the point, when to summarise, how much to show then, where to break lines. */
const PRECISION = 4;
const THRESHOLD = 1000;
const EDGE_ITEMS = 3;
const LINE_WIDTH = 80;
const HEAD = "tensor(";

/** What is said about a tensor beside its values. */
export interface PrintedTraits {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly requiresGrad: boolean;
  /** The op that computed it, where a gradient may flow back. */
  readonly gradName: string | null;
}

/**
 * A tensor as torch prints it: four decimals, one notation for all values, the edges alone above 1000 elements.
 *
 * dtypes other than f32 and bool are named, by Fulgur's names.
 *
 * @param values The elements, row-major.
 *
 * @example
 * ```ts
 * import { tensorText } from "./print.ts";
 * const traits = { shape: [2, 2], dtype: "f32", requiresGrad: false, gradName: null } as const;
 * console.assert(tensorText([1, 2, 3, 4], traits) === "tensor([[1., 2.],\n        [3., 4.]])");
 * ```
 */
export function tensorText(values: ArrayLike<number>, traits: PrintedTraits): string {
  const { shape, dtype } = traits;
  const size = sizeOfShape(shape);
  const suffixes: string[] = [];
  if (size === 0 && shape.length !== 1) {
    suffixes.push(`size=(${shape.join(", ")}${shape.length === 1 ? "," : ""})`);
  }
  if (dtype !== "f32" && (dtype !== "bool" || size === 0)) suffixes.push(`dtype=${dtype}`);
  suffixes.push(...gradText(traits));
  if (size === 0) return withSuffixes("[]", suffixes);
  const summarised = size > THRESHOLD;
  const places = shape.map((length) => shownPlaces(length, summarised));
  const format = formatOf(Array.from(shownValues(values, shape, places, 0, 0)), dtype);
  return withSuffixes(nested({ values, shape, places, format }, 0, 0, HEAD.length), suffixes);
}

/**
 * A tensor whose values are on a device, or not computed: shape, dtype, state, and how to read it.
 *
 * @param state Where the values are: `"on cpu"`, `"not computed yet"`, `"freed"`.
 */
export function stateText(state: string, traits: PrintedTraits): string {
  const known = [`Tensor ${traits.dtype} ${showShape(traits.shape)}`, state, ...gradText(traits)].join(", ");
  if (state === "freed") return known;
  return `${known}; await t.print() shows the values, await t.data() reads them`;
}

function gradText({ gradName, requiresGrad }: PrintedTraits): string[] {
  if (gradName !== null) return [`grad_fn=<${gradName}>`];
  return requiresGrad ? ["requires_grad=True"] : [];
}

/** The places of one axis that are shown; `null` stands for those left out. */
function shownPlaces(length: number, summarised: boolean): (number | null)[] {
  if (!summarised || length <= 2 * EDGE_ITEMS) return Array.from({ length }, (_, i) => i);
  const edge = Array.from({ length: EDGE_ITEMS }, (_, i) => i);
  return [...edge, null, ...edge.map((i) => length - EDGE_ITEMS + i)];
}

type Places = readonly (readonly (number | null)[])[];

function* shownValues(
  values: ArrayLike<number>,
  shape: Shape,
  places: Places,
  depth: number,
  offset: number,
): Iterable<number> {
  if (depth === shape.length) return yield values[offset]!;
  const stride = sizeOfShape(shape.slice(depth + 1));
  for (const place of places[depth]!) {
    if (place !== null) yield* shownValues(values, shape, places, depth + 1, offset + place * stride);
  }
}

/** How values are written: in the notation that suits all of them, at one width. */
interface Format {
  readonly width: number;
  text(value: number): string;
}

function formatOf(shown: readonly number[], dtype: DType): Format {
  const write = notation(shown, dtype);
  const floats = dtype === "f32" || dtype === "f16";
  // Zeros and what is not finite do not count, as in torch.
  const measured = floats ? shown.filter((value) => Number.isFinite(value) && value !== 0) : shown;
  const width = measured.reduce((most, value) => Math.max(most, write(value).length), 1);
  return { width, text: (value) => write(value).padStart(width) };
}

function notation(shown: readonly number[], dtype: DType): (value: number) => string {
  if (dtype === "bool") return (value) => value === 0 ? "False" : "True";
  if (dtype !== "f32" && dtype !== "f16") return String;
  const sizes = shown.filter((value) => Number.isFinite(value) && value !== 0).map(Math.abs);
  const most = sizes.reduce((a, b) => Math.max(a, b), 0);
  const least = sizes.reduce((a, b) => Math.min(a, b), Infinity);
  const whole = sizes.every(Number.isInteger);
  const scientific = sizes.length > 0 && (most / least > 1000 || most > 1e8 || least < 1e-4);
  return (value) => {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    const text = scientific
      ? exponentText(value, PRECISION)
      : whole
      ? `${value.toFixed(0)}.`
      : fixedText(value, PRECISION);
    return Object.is(value, -0) ? `-${text}` : text;
  };
}

/** What is to be printed. */
interface Page {
  readonly values: ArrayLike<number>;
  readonly shape: Shape;
  readonly places: Places;
  readonly format: Format;
}

function nested(page: Page, depth: number, offset: number, indent: number): string {
  const { values, shape, places, format } = page;
  if (depth === shape.length) return format.text(values[offset]!);
  if (depth === shape.length - 1) {
    const cells = places[depth]!.map((place) =>
      place === null ? " ..." : format.text(values[offset + place]!)
    );
    return vector(cells, format.width, indent);
  }
  const stride = sizeOfShape(shape.slice(depth + 1));
  const parts = places[depth]!.map((place) =>
    place === null ? "..." : nested(page, depth + 1, offset + place * stride, indent + 1)
  );
  const gap = `,${"\n".repeat(shape.length - depth - 1)}${" ".repeat(indent + 1)}`;
  return `[${parts.join(gap)}]`;
}

function vector(cells: readonly string[], width: number, indent: number): string {
  const perLine = Math.max(1, Math.floor((LINE_WIDTH - indent) / (width + 2)));
  const lines: string[] = [];
  for (let from = 0; from < cells.length; from += perLine) {
    lines.push(cells.slice(from, from + perLine).join(", "));
  }
  return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
}

/** Adds what follows the values, on a new line where the last one is full. */
function withSuffixes(text: string, suffixes: readonly string[]): string {
  let whole = HEAD + text;
  let lastLine = whole.length - whole.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    if (lastLine + suffix.length + 2 > LINE_WIDTH) {
      whole += `,\n${" ".repeat(HEAD.length)}${suffix}`;
      lastLine = HEAD.length + suffix.length;
    } else {
      whole += `, ${suffix}`;
      lastLine += suffix.length + 2;
    }
  }
  return `${whole})`;
}
