import { OptionError, ShapeError } from "../errors.ts";
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
import { like, type OptionDefaults, takeOptions } from "../options.ts";
import { type DType, type HostArray, toHostArray } from "../runtime/dtype.ts";
import { type Shape, showShape, sizeOfShape } from "../runtime/layout.ts";
import { Tensor } from "./tensor.ts";

/** Numbers or booleans, nested as deep as the tensor has axes. */
export type Nested = number | boolean | readonly Nested[];

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

function dtypeOfArray(values: HostArray): DType {
  if (values instanceof Float32Array) return "f32";
  if (values instanceof Int32Array) return "i32";
  if (values instanceof Uint32Array) return "u32";
  if (values instanceof Uint16Array) return "f16";
  return "u8";
}

function shapeOfNested(values: Nested): number[] {
  return Array.isArray(values)
    ? [values.length, ...(values.length === 0 ? [] : shapeOfNested(values[0]))]
    : [];
}

interface HostValues {
  readonly host: HostArray;
  readonly shape: Shape;
  readonly dtype: DType;
}

const TENSOR: OptionDefaults<TensorOptions> = {
  shape: like<Shape | null>("give a list of sizes", (value) => value === null || Array.isArray(value), null),
  dtype: like<DType | null>("give a dtype", (value) => value === null || typeof value === "string", null),
  requiresGrad: false,
};

function hostValues(values: Nested | HostArray, options: TensorOptions, where: string): HostValues {
  const o = takeOptions<TensorOptions>(where, options, TENSOR);
  let flat: ArrayLike<number | boolean>;
  let natural: Shape;
  let dtype: DType;
  if (ArrayBuffer.isView(values)) {
    flat = values;
    natural = [values.length];
    dtype = o.dtype ?? dtypeOfArray(values);
  } else {
    natural = shapeOfNested(values as Nested);
    const list = (Array.isArray(values) ? values.flat(Infinity) : [values]) as (number | boolean)[];
    if (list.length !== sizeOfShape(natural)) {
      throw new ShapeError(
        `Nested values have rows of different lengths: ${list.length} in ${showShape(natural)}`,
        {
          where,
          fix: "give every row the same length",
        },
      );
    }
    flat = list;
    dtype = o.dtype ?? (typeof list[0] === "boolean" ? "bool" : "f32");
  }
  const shape = o.shape ?? natural;
  if (sizeOfShape(shape) !== flat.length) {
    throw new ShapeError(`${flat.length} values do not fill shape ${showShape(shape)}`, {
      where,
      fix: `it takes ${sizeOfShape(shape)}`,
    });
  }
  const raw = flat instanceof Uint16Array && dtype === "f16" ? flat : toHostArray(dtype, flat);
  return { host: raw, shape, dtype };
}

/**
 * A tensor from numbers, nested arrays, or a typed array (with `shape`); uploaded when first used.
 * Raw f16 bits come as a `Uint16Array`.
 *
 * @throws {ShapeError} where values do not fill the shape.
 *
 * @example
 * ```ts
 * import { tensor } from "./mod.ts";
 * console.assert(tensor([[1, 2, 3]]).shape.join() === "1,3");
 * ```
 */
export function tensor(values: Nested | HostArray, options: TensorOptions = {}): Tensor {
  const { host, shape, dtype } = hostValues(values, options, "tensor");
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
export function variable(values: Nested | HostArray, options: TensorOptions = {}): Tensor {
  const { host, shape, dtype } = hostValues(values, options, "variable");
  const storage = new Storage(dtype, host.length, host);
  const result = new Tensor({ storage, offset: 0 }, shape, dtype);
  return options.requiresGrad === true ? result.requiresGrad_() : result;
}

/** A variable of zeros, without host memory. */
export function zeroVariable(shape: Shape, dtype: DType = "f32"): Tensor {
  return new Tensor({ storage: new Storage(dtype, sizeOfShape(shape), null), offset: 0 }, shape, dtype);
}

/** A tensor with one value everywhere; takes no memory until it is needed. */
export function full(shape: Shape, value: number, options: { readonly dtype?: DType } = {}): Tensor {
  const dtype = options.dtype ?? "f32";
  return fromNode(elementwiseNode(constant(value, scalarTypeOf(dtype)), [], shape, dtype, "full"));
}

/** Zeros. */
export function zeros(shape: Shape, options: { readonly dtype?: DType } = {}): Tensor {
  return full(shape, 0, options);
}

/** Ones. */
export function ones(shape: Shape, options: { readonly dtype?: DType } = {}): Tensor {
  return full(shape, 1, options);
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

/** `start, start + step, …` below `stop`; i32 where all three are whole, else f32. */
export function arange(options: number | ArangeOptions): Tensor {
  const { start = 0, stop, step = 1 } = typeof options === "number" ? { stop: options } : options;
  if (step === 0) {
    throw new OptionError("arange cannot use step = 0", { where: "arange", fix: "use another step" });
  }
  const count = Math.max(0, Math.ceil((stop - start) / step));
  const positions = fromNode(iotaNode(count));
  const scaled = step === 1 ? positions : positions.mul(step);
  return start === 0 ? scaled : scaled.add(start);
}

/** Ones on the diagonal: `[n, m]`, f32. */
export function eye(n: number, m = n): Tensor {
  const rows = viewNode(viewNode(iotaNode(n), { kind: "reshape", shape: [n, 1] }), {
    kind: "expand",
    shape: [n, m],
  });
  const columns = viewNode(iotaNode(m), { kind: "expand", shape: [n, m] });
  const same = elementwiseNode(eq(input(0, "i32"), input(1, "i32")), [rows, columns], [n, m], "bool", "eye");
  return fromNode(same).to("f32");
}

/** Uniform f32 in [0, 1) from the device's random stream. */
export function rand(shape: Shape): Tensor {
  return fromNode(uniformNode(shape));
}

/** Standard normal f32 from the device's random stream. */
export function randn(shape: Shape): Tensor {
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
