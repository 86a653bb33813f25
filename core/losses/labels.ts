import { DTypeError, ShapeError } from "../errors.ts";
import { like, type Rule } from "../options.ts";
import { logicalAnd, logicalOr } from "../ops/mod.ts";
import { checkOnHost } from "../tensor/host_labels.ts";
import { arange, Tensor, variable } from "../tensor/mod.ts";

export { checkLabels } from "../tensor/host_labels.ts";

/** Class labels as the losses use them. */
export interface Labels {
  /** Which class each label names: bool, with the class axis. */
  readonly hot: Tensor;
  /** Where the label is not the ignored one: bool, without the class axis. */
  readonly kept: Tensor;
  /** Where the label is neither a class nor the ignored one: bool, without the class axis. */
  readonly invalid: Tensor;
  /** The axis of classes. */
  readonly axis: number;
}

/** The axis of classes: 1 in a batch, 0 for a single sample. */
export function classAxis(input: Tensor): number {
  return input.rank > 1 ? 1 : 0;
}

/**
 * Compares labels with the classes of a prediction `[batch, classes, …]` or `[classes]`.
 *
 * Labels that are still on the host are checked at once. Those computed on the device cannot be checked without
 * waiting for it, so `invalid` says where the loss has to become NaN.
 *
 * @throws {ShapeError} where the shapes do not fit; {@linkcode ValueError} for a label outside the classes.
 */
export function compareLabels(input: Tensor, target: Tensor, ignoreIndex: number, where: string): Labels {
  const axis = classAxis(input);
  const classes = input.shape[axis];
  const expected = input.shape.filter((_, d) => d !== axis);
  if (classes === undefined || target.shape.join() !== expected.join()) {
    throw new ShapeError(`input has shape [${input.shape.join(", ")}], target [${target.shape.join(", ")}]`, {
      where,
      fix: classes === undefined
        ? "the input needs an axis of classes"
        : `labels need the shape [${expected.join(", ")}]; probabilities that of the input, as floats`,
    });
  }
  checkOnHost(target, classes, ignoreIndex, where);
  const labels = target.to("i32");
  const shape = input.shape.map((n, d) => d === axis ? n : 1);
  const hot = arange(classes).reshape(shape).eq(labels.unsqueeze(axis));
  const kept = labels.ne(ignoreIndex);
  return {
    hot,
    kept,
    invalid: logicalAnd(logicalOr(labels.lt(0), labels.ge(classes)), kept),
    axis,
  };
}

/** The option `weight`: a number per class (or element) as a list or a tensor; `null` for none. */
export function weights(): Rule<Tensor | readonly number[] | null> {
  return like<Tensor | readonly number[] | null>(
    "give a list of numbers, or a tensor",
    (value) =>
      value === null || value instanceof Tensor ||
      (Array.isArray(value) && value.length > 0 && value.every((n) => Number.isFinite(n))),
    null,
  );
}

/** The tensor of a `weight` that may be a list. */
export function weightTensor(weight: Tensor | readonly number[] | null): Tensor | null {
  if (weight === null || weight instanceof Tensor) return weight;
  return variable(Float32Array.from(weight), { shape: [weight.length] });
}

/**
 * The weight of each class, laid along the class axis of `input`; ones where there are none.
 *
 * @throws {ShapeError} where there are more or fewer weights than classes.
 */
export function weightLike(input: Tensor, weight: Tensor | null, axis: number, where: string): Tensor | null {
  if (weight === null) return null;
  const classes = input.shape[axis]!;
  if (weight.shape.join() !== `${classes}`) {
    throw new ShapeError(
      `weight has shape [${weight.shape.join(", ")}], and the input has ${classes} classes`,
      {
        where,
        fix: `give ${classes} weights`,
      },
    );
  }
  return weight.reshape(input.shape.map((n, d) => d === axis ? n : 1));
}

/** Whether a target holds probabilities instead of labels. */
export function holdsProbabilities(target: Tensor): boolean {
  return target.dtype === "f32" || target.dtype === "f16";
}

/**
 * Refuses labels that are no whole numbers.
 *
 * @throws {DTypeError} for a float or bool target.
 */
export function requireIntegers(target: Tensor, where: string): void {
  if (!holdsProbabilities(target) && target.dtype !== "bool") return;
  throw new DTypeError(`target holds labels and has dtype ${target.dtype}`, {
    where,
    fix: "give whole numbers: i32 or u8",
  });
}
