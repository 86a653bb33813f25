import { OptionError } from "../errors.ts";
import * as e from "../compiler/expr.ts";
import { hostEffect } from "../compiler/effects.ts";
import { elementwiseNode, type GraphNode, iotaNode, scalarNode, viewNode } from "../compiler/graph.ts";
import { type OptionDefaults, takeOptions, unsupported } from "../options.ts";
import { type Shape, sizeOfShape } from "../runtime/layout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyElementwise } from "./define.ts";

/** The device's random stream: a key, and how many draws were made. The same on every device. */
export interface PhiloxState {
  /** 64-bit seed. */
  seed: bigint;
  /** Draws so far, below 2³². */
  calls: number;
}

/** Until somebody seeds it, the stream starts from a seed of the system's own. */
const state: PhiloxState = { seed: crypto.getRandomValues(new BigUint64Array(1))[0]!, calls: 0 };

/** The current state of the device's random stream. */
export function philoxState(): Readonly<PhiloxState> {
  return { ...state };
}

/** Continues the device's random stream from a state. */
export function setPhiloxState(next: Readonly<PhiloxState>): void {
  state.seed = BigInt.asUintN(64, next.seed);
  state.calls = next.calls;
}

/** 32 random bits per element: a fresh call of the stream, repeated nowhere else. */
function bitsNode(shape: Shape): GraphNode {
  const flat = iotaNode(sizeOfShape(shape));
  const places = viewNode(flat, { kind: "reshape", shape });
  let call = 0;
  let seed = 0n;
  hostEffect(() => {
    call = state.calls;
    seed = state.seed;
    state.calls = (state.calls + 1) >>> 0;
  });
  const dynamic = [() => call, () => Number(seed & 0xffffffffn), () => Number(seed >> 32n)]
    .map((read) => viewNode(scalarNode(read, "u32"), { kind: "expand", shape }));
  const bits = e.philox(
    e.cast(e.input(0, "i32"), "u32"),
    e.input(1, "u32"),
    e.input(2, "u32"),
    e.input(3, "u32"),
  );
  return elementwiseNode(bits, [places, ...dynamic], shape, "u32", "random");
}

function uniformOf(bits: e.Expr): e.Expr {
  return e.mul(e.cast(e.shr(bits, 8), "f32"), 2 ** -24);
}

/** Uniform f32 in [0, 1), multiples of 2⁻²⁴, from the device's Philox stream. */
export function uniformNode(shape: Shape): GraphNode {
  return elementwiseNode(uniformOf(e.input(0, "u32")), [bitsNode(shape)], shape, "f32", "rand");
}

/** Standard normal f32 by Box and Muller, from two draws of the device's Philox stream. */
export function normalNode(shape: Shape): GraphNode {
  const radius = e.sqrt(e.mul(-2, e.log(e.sub(1, uniformOf(e.input(0, "u32"))))));
  const angle = e.mul(2 * Math.PI, uniformOf(e.input(1, "u32")));
  const value = e.mul(radius, e.cos(angle));
  return elementwiseNode(value, [bitsNode(shape), bitsNode(shape)], shape, "f32", "randn");
}

const DROPOUT: OptionDefaults<{ p?: number }> = {
  p: 0.5,
  training: unsupported(true),
  inplace: unsupported(false, true),
};

/**
 * Zeroes elements with probability `p` and scales the rest by `1 / (1 - p)`. Nothing is stored: the gradient draws
 * the same numbers again. Source: torch `F.dropout` in training.
 *
 * @throws {OptionError} where `p` is no probability; {@linkcode DTypeError} for whole numbers and bool, unless `p` is 0.
 */
export function dropout(x: Tensor, options: { readonly p?: number } = {}): Tensor {
  const { p } = takeOptions<{ p?: number }>("ops.dropout", options, DROPOUT);
  if (!(p >= 0 && p <= 1)) {
    throw new OptionError(`dropout cannot use p = ${p}`, {
      where: "dropout",
      fix: "use a probability from 0 to 1",
    });
  }
  if (p === 0) return x;
  const draw = x.derived(uniformNode(x.shape), [], "rand", null);
  const scale = p === 1 ? 0 : 1 / (1 - p);
  return applyElementwise(`dropout.${p}`, (v, u) => e.select(e.lt(u, p), 0, e.mul(v, scale)), [x, draw], {
    acceptsEach: "float",
    result: x.dtype,
  });
}
