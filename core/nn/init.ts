import { ShapeError } from "../errors.ts";
import { oneOf } from "../options.ts";
import { sizeOfShape } from "../runtime/layout.ts";
import { defaultGenerator, type Generator } from "../tensor/rng.ts";

/** Names that {@linkcode calculateGain} knows. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leaky_relu"
  | "selu";

const NONLINEARITIES: readonly Nonlinearity[] = [
  "linear",
  "conv1d",
  "conv2d",
  "conv3d",
  "sigmoid",
  "tanh",
  "relu",
  "leaky_relu",
  "selu",
];

/** Options of the Kaiming initialisers. */
export interface KaimingOptions {
  /** Negative slope of the leaky ReLU that follows. @default 0 */
  readonly a?: number;
  /** Which side keeps its variance. @default "fan_in" */
  readonly mode?: "fan_in" | "fan_out";
  /** What follows the layer. @default "leaky_relu" */
  readonly nonlinearity?: Nonlinearity;
  /** Where draws come from. @default the default generator */
  readonly generator?: Generator;
}

/** Options of the Xavier initialisers. */
export interface XavierOptions {
  /** Factor on the standard deviation. @default 1 */
  readonly gain?: number;
  /** Where draws come from. @default the default generator */
  readonly generator?: Generator;
}

/**
 * Inputs and outputs per weight of a layer: `shape` is `[out, in, …kernel]`.
 *
 * @throws {ShapeError} where the shape has fewer than two axes.
 */
export function fans(shape: readonly number[]): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length < 2) {
    throw new ShapeError(`A weight of shape [${shape.join(", ")}] has no fan-in and fan-out`, {
      where: "nn.init",
      fix: "it needs at least two axes: [out, in, …kernel]",
    });
  }
  const field = sizeOfShape(shape.slice(2));
  return { fanIn: shape[1]! * field, fanOut: shape[0]! * field };
}

/**
 * The factor that keeps the variance through a nonlinearity, as `torch.nn.init.calculate_gain`.
 *
 * @param slope Negative slope of `leaky_relu`.
 * @throws {OptionError} naming the nonlinearities there are.
 *
 * @example
 * ```ts
 * import { calculateGain } from "./init.ts";
 * console.assert(calculateGain("relu") === Math.sqrt(2));
 * ```
 */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  switch (oneOf("nn.init.calculateGain", "nonlinearity", nonlinearity, NONLINEARITIES)) {
    case "relu":
      return Math.sqrt(2);
    case "leaky_relu":
      return Math.sqrt(2 / (1 + slope ** 2));
    case "tanh":
      return 5 / 3;
    case "selu":
      return 3 / 4;
    default:
      return 1;
  }
}

/**
 * Values of U(-b, b) with b = gain · √(3 / fan); the same draws as `torch.nn.init.kaiming_uniform_`.
 *
 * @throws {ShapeError} where the shape has fewer than two axes.
 */
export function kaimingUniform(shape: readonly number[], options: KaimingOptions = {}): Float32Array {
  const bound = Math.sqrt(3) * kaimingStd(shape, options);
  return generatorOf(options).uniform(sizeOfShape(shape), -bound, bound);
}

/**
 * Values of N(0, gain² / fan); the same draws as `torch.nn.init.kaiming_normal_`.
 *
 * @throws {ShapeError} where the shape has fewer than two axes.
 */
export function kaimingNormal(shape: readonly number[], options: KaimingOptions = {}): Float32Array {
  return generatorOf(options).normal(sizeOfShape(shape), 0, kaimingStd(shape, options));
}

/**
 * Values of U(-b, b) with b = gain · √(6 / (fanIn + fanOut)); the same draws as `torch.nn.init.xavier_uniform_`.
 *
 * @throws {ShapeError} where the shape has fewer than two axes.
 */
export function xavierUniform(shape: readonly number[], options: XavierOptions = {}): Float32Array {
  const { fanIn, fanOut } = fans(shape);
  const bound = Math.sqrt(3) * ((options.gain ?? 1) * Math.sqrt(2 / (fanIn + fanOut)));
  return generatorOf(options).uniform(sizeOfShape(shape), -bound, bound);
}

/**
 * Values of N(0, gain² · 2 / (fanIn + fanOut)); the same draws as `torch.nn.init.xavier_normal_`.
 *
 * @throws {ShapeError} where the shape has fewer than two axes.
 */
export function xavierNormal(shape: readonly number[], options: XavierOptions = {}): Float32Array {
  const { fanIn, fanOut } = fans(shape);
  const std = (options.gain ?? 1) * Math.sqrt(2 / (fanIn + fanOut));
  return generatorOf(options).normal(sizeOfShape(shape), 0, std);
}

/** Values of U(±1 / √fanIn): what torch's linear and convolutional layers give their bias. */
export function fanInUniform(shape: readonly number[], fanIn: number, generator?: Generator): Float32Array {
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return (generator ?? defaultGenerator).uniform(sizeOfShape(shape), -bound, bound);
}

function kaimingStd(shape: readonly number[], options: KaimingOptions): number {
  const mode = oneOf("nn.init", "mode", options.mode ?? "fan_in", ["fan_in", "fan_out"]);
  const { fanIn, fanOut } = fans(shape);
  const gain = calculateGain(options.nonlinearity ?? "leaky_relu", options.a ?? 0);
  const fan = mode === "fan_in" ? fanIn : fanOut;
  // A layer without inputs has no weights to draw; torch leaves them alone as well.
  return fan === 0 ? 0 : gain / Math.sqrt(fan);
}

function generatorOf(options: { readonly generator?: Generator }): Generator {
  return options.generator ?? defaultGenerator;
}
