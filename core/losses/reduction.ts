import { customInspect } from "../custom_inspect.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { choice, type Rule } from "../options.ts";
import { type DTypeClass, isOf } from "../ops/dtypes.ts";
import { mean, sum } from "../ops/mod.ts";
import { promote } from "../runtime/dtype.ts";
import type { Tensor } from "../tensor/mod.ts";

/** How the losses of elements become one number; `"none"` keeps them. */
export type Reduction = "mean" | "sum" | "none";

/** Options that every loss takes. */
export interface LossOptions {
  /** How the losses of elements become one number. @default "mean" */
  readonly reduction?: Reduction;
}

/** What is computed from a prediction and what it should have been. */
export interface Criterion {
  /** The loss: `[]`, or one value per element where nothing is reduced. */
  forward(input: Tensor, target: Tensor): Tensor;
}

/** The base of losses: a forward over `input` and `target`, and a reduction. Lower is better. */
export abstract class Loss implements Criterion {
  /** Argument names, as PyTorch has them. */
  static readonly inputs: readonly string[] = ["input", "target"];
  /** Whether larger values mean a better model. */
  readonly higherIsBetter = false;

  abstract forward(input: Tensor, target: Tensor): Tensor;

  /**
   * Checks a target that has not left the host yet, without computing anything: for captured steps, whose `forward`
   * no longer runs.
   *
   * @throws {ValueError} for a label outside the classes that `forward` saw.
   */
  check(_target: Tensor): void {}

  /** As torch prints it: `MSELoss()`. */
  toString(): string {
    return `${this.constructor.name}()`;
  }

  /** What `console.log` shows. */
  [customInspect](): string {
    return this.toString();
  }
}

/** The option `reduction`. */
export const REDUCTION: Rule<Reduction> = choice<Reduction>("mean", ["mean", "sum", "none"]);

/** Applies a reduction over all elements. */
export function reduce(values: Tensor, reduction: Reduction): Tensor {
  switch (reduction) {
    case "mean":
      return mean(values);
    case "sum":
      return sum(values);
    case "none":
      return values;
  }
}

/**
 * Checks that prediction and target have one shape. torch broadcasts with a warning, which is nearly always a
 * mistake: `[n]` against `[n, 1]` compares everything with everything.
 *
 * @throws {ShapeError} otherwise.
 */
export function requireSameShape(input: Tensor, target: Tensor, where: string): void {
  if (input.shape.join() === target.shape.join()) return;
  throw new ShapeError(`input has shape [${input.shape.join(", ")}], target [${target.shape.join(", ")}]`, {
    where,
    fix: "give both the same shape: reshape, expand or unsqueeze one of them",
  });
}

/** Dtypes that a loss takes: what each of both must be, and what they must be together. */
export interface PairDTypes {
  /** @default "any" */
  readonly input?: DTypeClass;
  /** @default "any" */
  readonly target?: DTypeClass;
  /** What both are promoted to. @default "float" */
  readonly both?: DTypeClass;
}

/**
 * Checks the dtypes of prediction and target by what the loss takes, torch's own.
 *
 * @throws {DTypeError} naming both.
 */
export function requirePairDTypes(input: Tensor, target: Tensor, accepts: PairDTypes, where: string): void {
  const { input: ofInput = "any", target: ofTarget = "any", both = "float" } = accepts;
  const fits = isOf(input.dtype, ofInput) && isOf(target.dtype, ofTarget) &&
    isOf(promote(input.dtype, target.dtype), both);
  if (fits) return;
  throw new DTypeError(`input has dtype ${input.dtype}, target ${target.dtype}`, {
    where,
    fix: 'cast to floats: input.to("f32"), target.to("f32")',
  });
}
