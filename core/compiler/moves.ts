import {
  type Bounds,
  expandLayout,
  type Layout,
  padLayout,
  permuteLayout,
  reshapeLayout,
  type Shape,
  sliceLayout,
} from "../runtime/layout.ts";
import { type Structure, structure } from "./structure.ts";

/** Sizes of the windows that a pooling op slides over the last two axes. */
export interface WindowSizes {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** One change of how a tensor's elements are seen; none of them touches memory. */
export type Move =
  | { readonly kind: "permute"; readonly axes: readonly number[] }
  | { readonly kind: "expand"; readonly shape: Shape }
  | { readonly kind: "reshape"; readonly shape: Shape }
  | {
    readonly kind: "slice";
    readonly axis: number;
    readonly start: number;
    readonly stop: number;
    readonly step: number;
  }
  | { readonly kind: "flip"; readonly axis: number }
  | { readonly kind: "pad"; readonly before: readonly number[]; readonly after: readonly number[] }
  /** `[…, H, W]` to `[…, OH, OW, KH, KW]`: overlapping windows over the last two axes. */
  | { readonly kind: "window"; readonly sizes: WindowSizes };

/** The layout after a move, or `null` where no strides can say it and a copy is needed first. */
export function applyMove(layout: Layout, move: Move): Layout | null {
  switch (move.kind) {
    case "permute":
      return permuteLayout(layout, move.axes);
    case "expand":
      return expandLayout(layout, move.shape);
    case "reshape":
      return reshapeLayout(layout, move.shape);
    case "slice":
      return sliceLayout(layout, move.axis, move.start, move.stop, move.step);
    case "flip":
      return flipLayout(layout, move.axis);
    case "pad":
      return padLayout(layout, move.before, move.after);
    case "window":
      return windowLayout(layout, move.sizes);
    default:
      return move satisfies never;
  }
}

/** The layout after several moves in order, or `null`. */
export function applyMoves(layout: Layout, moves: readonly Move[]): Layout | null {
  let current: Layout | null = layout;
  for (const move of moves) {
    if (current === null) return null;
    current = applyMove(current, move);
  }
  return current;
}

/** The shape after a move. */
export function movedShape(shape: Shape, move: Move): Shape {
  switch (move.kind) {
    case "permute":
      return move.axes.map((a) => shape[a]!);
    case "expand":
    case "reshape":
      return move.shape;
    case "slice": {
      const length = Math.max(0, Math.ceil((move.stop - move.start) / move.step));
      return shape.map((n, d) => d === move.axis ? length : n);
    }
    case "flip":
      return shape;
    case "pad":
      return shape.map((n, d) => n + move.before[d]! + move.after[d]!);
    case "window": {
      const [h, w] = shape.slice(-2) as [number, number];
      const { kernel, stride, dilation } = move.sizes;
      return [
        ...shape.slice(0, -2),
        Math.floor((h - dilation[0] * (kernel[0] - 1) - 1) / stride[0]) + 1,
        Math.floor((w - dilation[1] * (kernel[1] - 1) - 1) / stride[1]) + 1,
        ...kernel,
      ];
    }
    default:
      return move satisfies never;
  }
}

const VIEW = structure("view");
const PERMUTE = VIEW.then(0);
const EXPAND = VIEW.then(1);
const RESHAPE = VIEW.then(2);
const SLICE = VIEW.then(3);
const FLIP = VIEW.then(4);
const PAD = VIEW.then(5);
const WINDOW = VIEW.then(6);

/** What a move does, for structural keys. */
export function moveStructure(move: Move): Structure {
  switch (move.kind) {
    case "permute":
      return PERMUTE.all(move.axes);
    case "expand":
      return EXPAND.all(move.shape);
    case "reshape":
      return RESHAPE.all(move.shape);
    case "slice":
      return SLICE.then(move.axis).then(move.start).then(move.stop).then(move.step);
    case "flip":
      return FLIP.then(move.axis);
    case "pad":
      return PAD.all(move.before).all(move.after);
    case "window":
      return WINDOW.all(move.sizes.kernel).all(move.sizes.stride).all(move.sizes.dilation);
    default:
      return move satisfies never;
  }
}

function flipLayout(layout: Layout, axis: number): Layout {
  const n = layout.shape[axis]!;
  return {
    shape: layout.shape,
    strides: layout.strides.map((s, d) => d === axis ? -s : s),
    offset: layout.offset + (n - 1) * layout.strides[axis]!,
    mask: layout.mask === null
      ? null
      : layout.mask.map((b, d): Bounds => d === axis ? [n - b[1], n - b[0]] : b),
  };
}

function windowLayout(layout: Layout, sizes: WindowSizes): Layout | null {
  const rank = layout.shape.length;
  const windowed = layout.mask?.slice(rank - 2) ?? [];
  if (windowed.some((b, i) => b[0] > 0 || b[1] < layout.shape[rank - 2 + i]!)) return null;
  const [sh, sw] = layout.strides.slice(-2) as [number, number];
  const shape = movedShape(layout.shape, { kind: "window", sizes });
  return {
    shape,
    strides: [
      ...layout.strides.slice(0, -2),
      sh * sizes.stride[0],
      sw * sizes.stride[1],
      sh * sizes.dilation[0],
      sw * sizes.dilation[1],
    ],
    offset: layout.offset,
    mask: layout.mask === null ? null : shape.map((n, d): Bounds => d < rank - 2 ? layout.mask![d]! : [0, n]),
  };
}
