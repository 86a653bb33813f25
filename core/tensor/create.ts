import { OptionError } from "../errors.ts";
import { constant, eq, input } from "../compiler/expr.ts";
import {
  elementwiseNode,
  type GraphNode,
  iotaNode,
  scalarNode,
  sourceNode,
  Storage,
  viewNode,
} from "../compiler/graph.ts";
import { scalarTypeOf } from "../compiler/resolve.ts";
import { normalNode, uniformNode } from "../ops/random.ts";
import { like, type OptionDefaults, showValue, takeOptions } from "../options.ts";
import { type DType, parseDType } from "../runtime/dtype.ts";
import { type Shape, sizeOfShape } from "../runtime/layout.ts";
import { checkShape, type HostInput, type HostValues, hostValues, type Nested } from "./host_values.ts";
import { Tensor } from "./tensor.ts";

export type { HostInput, Nested } from "./host_values.ts";

/** Options of {@linkcode tensor} and {@linkcode variable}. */
export interface TensorOptions {
  /** @default as the values are nested */
  readonly shape?: Shape | null;
  /** @default f32 for numbers, bool for booleans, an array's own type */
  readonly dtype?: DType | null;
  /** @default false */
  readonly requiresGrad?: boolean;
}

function fromNode(node: GraphNode): Tensor {
  return new Tensor(node, node.shape, node.dtype);
}

const TENSOR: OptionDefaults<TensorOptions> = {
  shape: like<Shape | null>("give a list of sizes", (value) => value === null || Array.isArray(value), null),
  dtype: like<DType | null>("give a dtype", (value) => value === null || typeof value === "string", null),
  requiresGrad: false,
};

function hostValuesOf(values: Nested | HostInput, options: TensorOptions, where: string): HostValues {
  const { shape, dtype } = takeOptions<TensorOptions>(where, options, TENSOR);
  return hostValues(values, shape, dtype, where);
}

/**
 * A tensor from numbers, nested arrays, or a typed array (with `shape`); uploaded when first used.
 *
 * A typed array's dtype is its own, narrowed to 32 bits: `Float64Array` gives f32; `Int8Array`, `Int16Array`,
 * `Uint16Array` and `BigInt64Array` give i32. With `dtype: "f16"` a `Uint16Array` holds raw bits.
 *
 * @throws {ShapeError} where values do not fill the shape, {@linkcode DTypeError} where they are no numbers or the dtype
 * is unknown, {@linkcode ValueError} where a 64-bit number does not fit.
 *
 * @example
 * ```ts
 * import { tensor } from "./mod.ts";
 * console.assert(tensor([[1, 2, 3]]).shape.join() === "1,3");
 * ```
 */
export function tensor(values: Nested | HostInput, options: TensorOptions = {}): Tensor {
  const { host, shape, dtype } = hostValuesOf(values, options, "tensor");
  const result = fromNode(sourceNode(host, shape, dtype));
  return options.requiresGrad === true ? result.requiresGrad_() : result;
}

/**
 * Memory that `assign` changes in place: parameters, optimizer and metric state. It outlives every scope.
 *
 * @example
 * ```ts
 * import { variable } from "./mod.ts";
 * const count = variable([0]);
 * count.assign(count.add(1));
 * console.assert((await count.item()) === 1);
 * ```
 */
export function variable(values: Nested | HostInput, options: TensorOptions = {}): Tensor {
  const { host, shape, dtype } = hostValuesOf(values, options, "variable");
  const storage = new Storage(dtype, host.length, host);
  const result = new Tensor({ storage, offset: 0 }, shape, dtype);
  return options.requiresGrad === true ? result.requiresGrad_() : result;
}

/** A variable of zeros, without host memory. */
export function zeroVariable(shape: Shape, dtype: DType = "f32"): Tensor {
  checkShape(shape, "zeroVariable");
  return new Tensor({ storage: new Storage(dtype, sizeOfShape(shape), null), offset: 0 }, shape, dtype);
}

/** Dtype of a tensor that is made. */
export interface DTypeOption {
  /** @default "f32" */
  readonly dtype?: DType;
}

function filled(where: string, shape: Shape, value: number, options: DTypeOption): Tensor {
  checkShape(shape, where);
  const dtype = parseDType(options.dtype ?? "f32", where);
  return fromNode(elementwiseNode(constant(value, scalarTypeOf(dtype)), [], shape, dtype, "full"));
}

/**
 * A tensor with one value everywhere; takes no memory until it is needed.
 *
 * @throws {ShapeError} where sizes are not whole numbers of at least 0, {@linkcode DTypeError} for an unknown dtype.
 */
export function full(shape: Shape, value: number, options: DTypeOption = {}): Tensor {
  return filled("full", shape, value, options);
}

/** Zeros. @throws {ShapeError} where sizes are not whole numbers of at least 0. */
export function zeros(shape: Shape, options: DTypeOption = {}): Tensor {
  return filled("zeros", shape, 0, options);
}

/** Ones. @throws {ShapeError} where sizes are not whole numbers of at least 0. */
export function ones(shape: Shape, options: DTypeOption = {}): Tensor {
  return filled("ones", shape, 1, options);
}

/** Zeros of another tensor's shape and dtype. */
export function zerosLike(x: Tensor): Tensor {
  return zeros(x.shape, { dtype: x.dtype });
}

/** Ones of another tensor's shape and dtype. */
export function onesLike(x: Tensor): Tensor {
  return ones(x.shape, { dtype: x.dtype });
}

/** Ends and step of {@linkcode arange}. */
export interface ArangeOptions {
  /** @default 0 */
  readonly start?: number;
  readonly stop: number;
  /** @default 1 */
  readonly step?: number;
}

/**
 * `start, start + step, …` below `stop`; i32 where all three are whole, else f32.
 *
 * @throws {OptionError} where they are no finite numbers, or `step` is 0.
 */
export function arange(options: number | ArangeOptions): Tensor {
  const { start = 0, stop, step = 1 } = typeof options === "number" ? { stop: options } : options;
  if (step === 0) {
    throw new OptionError("arange cannot use step = 0", { where: "arange", fix: "use another step" });
  }
  for (const [name, value] of Object.entries({ start, stop, step })) {
    if (Number.isFinite(value)) continue;
    throw new OptionError(`arange cannot use ${name} = ${showValue(value)}`, {
      where: "arange",
      fix: "give a finite number",
    });
  }
  const count = Math.max(0, Math.ceil((stop - start) / step));
  const positions = fromNode(iotaNode(count));
  const scaled = step === 1 ? positions : positions.mul(step);
  return start === 0 ? scaled : scaled.add(start);
}

/** Ones on the diagonal: `[n, m]`, f32. @throws {ShapeError} where sizes are not whole numbers of at least 0. */
export function eye(n: number, m = n): Tensor {
  checkShape([n, m], "eye");
  const rows = viewNode(viewNode(iotaNode(n), { kind: "reshape", shape: [n, 1] }), {
    kind: "expand",
    shape: [n, m],
  });
  const columns = viewNode(iotaNode(m), { kind: "expand", shape: [n, m] });
  const same = elementwiseNode(eq(input(0, "i32"), input(1, "i32")), [rows, columns], [n, m], "bool", "eye");
  return fromNode(same).to("f32");
}

/** Uniform f32 in [0, 1) from the device's random stream. @throws {ShapeError} where sizes are not whole numbers of at least 0. */
export function rand(shape: Shape): Tensor {
  checkShape(shape, "rand");
  return fromNode(uniformNode(shape));
}

/** Standard normal f32 from the device's random stream. @throws {ShapeError} where sizes are not whole numbers of at least 0. */
export function randn(shape: Shape): Tensor {
  checkShape(shape, "randn");
  return fromNode(normalNode(shape));
}

/**
 * A number that may change at every run without recompiling: learning rates, step counts. Shape `[]`.
 *
 * @param value The number, or a function that is called at each run.
 */
export function dynamic(value: number | (() => number), dtype: "f32" | "i32" | "u32" = "f32"): Tensor {
  return fromNode(scalarNode(typeof value === "number" ? () => value : value, dtype));
}
