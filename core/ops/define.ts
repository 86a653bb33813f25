import { DTypeError } from "../errors.ts";
import { cast, constant, type Expr, input, substitute, visit } from "../compiler/expr.ts";
import { derive } from "../compiler/derive.ts";
import { elementwiseNode } from "../compiler/graph.ts";
import { scalarTypeOf } from "../compiler/resolve.ts";
import { type DType, DTYPES, isFloat, promote } from "../runtime/dtype.ts";
import { broadcastShapes, type Shape } from "../runtime/layout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type DTypeClass, isOf, refusal } from "./dtypes.ts";
import { expandTo } from "./view.ts";

/** An operand of an elementwise op: at least one of them is a tensor. */
export type Operand = Tensor | number | boolean;

/** Gradients of the operands from the result's gradient `g` and the result `y`; `null` where there is none. */
export type GradientRule = (g: Expr, y: Expr, ...xs: Expr[]) => readonly (Expr | null)[];

/** What an elementwise op says beside its expression. */
export interface ElementwiseOptions {
  /**
   * Dtype of the result: that of the operands (`same`), a float even for whole operands (`float`), a number even for
   * bool (`number`), or a fixed one.
   * @default "same"
   */
  readonly result?: "same" | "float" | "number" | DType;
  /** Dtypes that the op takes, judged by what its operands are promoted to. @default "any" */
  readonly accepts?: DTypeClass;
  /** Dtypes that each single operand may have. @default "any" */
  readonly acceptsEach?: DTypeClass;
  /** Gradient, where the derived one is numerically worse or reads more memory; says why where it is given. */
  readonly gradient?: GradientRule;
}

/** What a scalar expression gives for its operands' values. */
export type Formula = (...xs: Expr[]) => Expr;

interface Built {
  readonly value: Expr;
  readonly dtype: DType;
  /** Per operand: gradient over the operands, then g (number n), then y (number n + 1). */
  readonly gradients: () => readonly (Expr | null)[];
}

/** What was built of one op, by its operands. */
type BuiltOp = Map<number | string, Built>;

/** Ops that are applied where they are written, by their names. */
const inline = new Map<string, BuiltOp>();

/** Most distinct combinations of constants that are remembered of an op. */
const MAX_BUILT = 1024;

/**
 * Applies an elementwise formula to tensors and numbers, with torch's broadcasting and dtype promotion.
 *
 * Everything follows from the formula: the kernel on each device, shape and dtype, and the gradient.
 *
 * @param name Stands for the formula, which is asked for once: what the formula takes from around it belongs to the
 * name. {@linkcode unary} and {@linkcode binary} make ops that share a name with no other.
 * @throws {ShapeError} where shapes do not broadcast.
 */
export function applyElementwise(
  name: string,
  formula: Formula,
  operands: readonly Operand[],
  options: ElementwiseOptions = {},
): Tensor {
  let built = inline.get(name);
  if (built === undefined) inline.set(name, built = new Map());
  return applyBuilt(built, name, formula, operands, options);
}

function applyBuilt(
  built: BuiltOp,
  name: string,
  formula: Formula,
  operands: readonly Operand[],
  options: ElementwiseOptions,
): Tensor {
  const tensors = operands.filter((x): x is Tensor => typeof x === "object");
  let shape: Shape = tensors[0]!.shape;
  for (const t of tensors) shape = broadcastShapes(shape, t.shape, name);
  const expanded = tensors.map((t) => expandTo(t, shape));
  const op = build(built, name, formula, operands, options);
  const nodes = expanded.map((t) => t.node);
  const node = elementwiseNode(op.value, nodes, shape, op.dtype, name);
  const result = expanded[0]!.derived(node, expanded, name, (g) => {
    const gradients = op.gradients();
    return expanded.map((t, i) => {
      const gradient = gradients[i];
      return gradient === null || gradient === undefined || !t.requiresGrad
        ? null
        : applyGradient(name, gradient, [...expanded, g, result], t.dtype);
    });
  });
  return result;
}

/** A gradient over the operands that it reads, numbered anew. */
interface Compact {
  readonly value: Expr;
  /** Which of the op's operands, gradient and result those are. */
  readonly used: readonly number[];
}

const compacted = new WeakMap<Expr, Compact>();

function compact(gradient: Expr): Compact {
  let known = compacted.get(gradient);
  if (known === undefined) {
    const used: number[] = [];
    visit([gradient], (part) => {
      if (part.op === "input") used.push(part.value);
    });
    used.sort((a, b) => a - b);
    const value = substitute(
      gradient,
      (leaf) => leaf.op === "input" ? input(used.indexOf(leaf.value), leaf.type) : undefined,
    );
    known = { value, used };
    compacted.set(gradient, known);
  }
  return known;
}

function applyGradient(name: string, gradient: Expr, operands: readonly Tensor[], dtype: DType): Tensor {
  const { value, used } = compact(gradient);
  const nodes = used.map((i) => operands[i]!.node);
  const shape = operands[operands.length - 1]!.shape;
  const node = elementwiseNode(value, nodes, shape, dtype, `${name}.backward`);
  return operands[0]!.derived(node, [], name, null);
}

function build(
  built: BuiltOp,
  name: string,
  formula: Formula,
  operands: readonly Operand[],
  options: ElementwiseOptions,
): Built {
  const key = operandsKey(operands);
  let op = built.get(key);
  if (op === undefined) {
    if (built.size >= MAX_BUILT) built.clear();
    op = buildNew(name, formula, operands, options);
    built.set(key, op);
  }
  return op;
}

/** A number for the dtypes of tensors; a text where there are constants among them. */
function operandsKey(operands: readonly Operand[]): number | string {
  let dtypes = 0;
  for (const x of operands) {
    if (typeof x !== "object") return constantsKey(operands);
    dtypes = 8 * dtypes + 1 + DTYPES.indexOf(x.dtype);
  }
  return dtypes;
}

function constantsKey(operands: readonly Operand[]): string {
  let key = "";
  for (const x of operands) {
    key += typeof x === "object" ? `|${x.dtype}` : typeof x === "boolean" ? `|${x}` : `|#${constantText(x)}`;
  }
  return key;
}

function constantText(x: number): string {
  return Object.is(x, -0) ? "-0" : String(x);
}

function buildNew(
  name: string,
  formula: Formula,
  operands: readonly Operand[],
  options: ElementwiseOptions,
): Built {
  const { result = "same", gradient } = options;
  checkDTypes(name, operands, options);
  const common = commonDType(operands, result);
  const type = scalarTypeOf(common);
  let count = 0;
  const xs = operands.map((x): Expr => {
    if (typeof x !== "object") return constant(Number(x), type);
    return cast(input(count++, scalarTypeOf(x.dtype)), type);
  });
  const value = typed(name, operands, () => formula(...xs));
  const dtype = result === "same" || result === "float" || result === "number" ? common : result;
  if (value.type !== scalarTypeOf(dtype)) {
    throw new DTypeError(`${name} gives ${value.type} for operands of ${common}, not ${dtype}`, {
      where: name,
    });
  }
  let gradients: readonly (Expr | null)[] | undefined;
  return {
    value,
    dtype,
    gradients: () => gradients ??= gradientsOf(name, value, xs, count, operands, gradient),
  };
}

/** Refuses operands outside the op's classes. */
function checkDTypes(
  name: string,
  operands: readonly Operand[],
  { accepts = "any", acceptsEach = "any" }: ElementwiseOptions,
): void {
  const eachFits = operands.every((x) => typeof x !== "object" || isOf(x.dtype, acceptsEach));
  if (eachFits && isOf(commonDType(operands, "same"), accepts)) return;
  throw refusal(shortName(name), kindsOf(operands), acceptsEach === "any" ? accepts : acceptsEach);
}

/** Dtypes of tensors, and numbers that are fractions: what decides about the dtype of the result. */
function kindsOf(operands: readonly Operand[]): string[] {
  return operands.flatMap((x) =>
    typeof x === "object" ? [x.dtype] : Number.isInteger(Number(x)) ? [] : [String(x)]
  );
}

/** An op's name without the numbers that tell its forms apart: `elu` for `elu.0.5`. */
function shortName(name: string): string {
  return name.replace(/\..*$/, "");
}

/** What a formula gives; an expression that no device can compute is refused under the op's name. */
function typed<T>(name: string, operands: readonly Operand[], build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof DTypeError)) throw error;
    throw new DTypeError(`${shortName(name)} of dtype ${kindsOf(operands).join(", ")}: ${error.what}`, {
      where: shortName(name),
      fix: 'cast the operands with x.to("f32"), or define the op with result: "float"',
      cause: error,
    });
  }
}

function gradientsOf(
  name: string,
  value: Expr,
  xs: readonly Expr[],
  count: number,
  operands: readonly Operand[],
  rule: GradientRule | undefined,
): readonly (Expr | null)[] {
  const g = input(count);
  if (rule === undefined) return derive(value, count, g);
  const y = input(count + 1);
  const slopes = rule(g, y, ...xs).filter((_, i) => typeof operands[i] === "object");
  const wrong = slopes.find((slope) => slope !== null && slope.type !== "f32");
  if (wrong) {
    throw new DTypeError(`The gradient of ${shortName(name)} gives ${wrong.type}, not f32`, { where: name });
  }
  return slopes;
}

/** The dtype that operands meet in: numbers take the tensors' dtype unless they are fractions among whole numbers. */
function commonDType(operands: readonly Operand[], result: ElementwiseOptions["result"]): DType {
  const tensors = operands.filter((x): x is Tensor => typeof x === "object");
  let dtype = tensors.map((t) => t.dtype).reduce(promote);
  for (const x of operands) {
    if (typeof x === "number" && !Number.isInteger(x) && !isFloat(dtype)) dtype = "f32";
    if (typeof x === "number" && dtype === "bool") dtype = "i32";
  }
  if (result === "number" && dtype === "bool") return "i32";
  return result === "float" && !isFloat(dtype) ? "f32" : dtype;
}

/** An op on one tensor. */
export interface UnaryOp {
  (x: Tensor): Tensor;
  readonly inputs: readonly string[];
}

/** An op on two tensors, or a tensor and a number. */
export interface BinaryOp {
  (input: Operand, other: Operand): Tensor;
  readonly inputs: readonly string[];
}

/**
 * Defines an op on one tensor by what it computes for one element: `[…] → […]`.
 *
 * @param formula Made of `ops.expr`.
 *
 * @example
 * ```ts
 * import * as expr from "./expr.ts";
 * import { unary } from "./define.ts";
 * import { init, tensor } from "../tensor/mod.ts";
 * await init();
 * const cube = unary("cube", (x) => expr.mul(x, expr.square(x)));
 * const x = tensor([-1, 2], { requiresGrad: true });
 * cube(x).sum().backward();
 * console.assert((await x.grad!.data()).join() === "3,12");
 * ```
 */
export function unary(name: string, formula: (x: Expr) => Expr, options: ElementwiseOptions = {}): UnaryOp {
  const f = formula as Formula;
  const built: BuiltOp = new Map();
  return Object.assign((x: Tensor) => applyBuilt(built, name, f, [x], options), { inputs: ["input"] });
}

/**
 * Defines an op on two operands by what it computes for one pair of elements, with torch's broadcasting.
 *
 * @param formula Made of `ops.expr`.
 *
 * @example
 * ```ts
 * import * as expr from "./expr.ts";
 * import { binary } from "./define.ts";
 * import { init, tensor } from "../tensor/mod.ts";
 * await init();
 * const distance = binary("distance", (a, b) => expr.abs(expr.sub(a, b)));
 * console.assert((await distance(tensor([[1], [5]]), tensor([2, 3])).data()).join() === "1,2,3,2");
 * ```
 */
export function binary(
  name: string,
  formula: (a: Expr, b: Expr) => Expr,
  options: ElementwiseOptions = {},
): BinaryOp {
  const f = formula as Formula;
  const built: BuiltOp = new Map();
  const apply = (a: Operand, b: Operand): Tensor => {
    if (typeof a !== "object" && typeof b !== "object") {
      throw new DTypeError(`${name} of two numbers`, { where: name, fix: "make one of them a tensor" });
    }
    return applyBuilt(built, name, f, [a, b], options);
  };
  return Object.assign(apply, { inputs: ["input", "other"] });
}

/** A bound of a range as a constant of a value's type; what lies below every unsigned number becomes the first of them. */
export function bound(value: number, like: Expr): Expr {
  return constant(like.type === "u32" ? Math.max(0, value) : value, like.type);
}
