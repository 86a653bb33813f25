import { OptionError } from "../errors.ts";
import { isRecord, showValue } from "../options.ts";
import { clamp, reciprocal } from "../ops/mod.ts";
import { noGrad, type Tensor, zeros } from "../tensor/mod.ts";
import type { Optimizer } from "./optimizer.ts";

/** An optimizer, whose gradients are clipped where they lie. */
type Clippable = Pick<Optimizer, "arenas">;

/**
 * The Euclidean norm of all gradients of an optimizer's parameters, as one number on the device.
 *
 * @returns f32 `[]`; 0 where there is no gradient.
 */
export function gradNorm(optimizer: Clippable): Tensor {
  requireOptimizer("optim.gradNorm", optimizer);
  return noGrad(() => {
    let total: Tensor | null = null;
    for (const arena of optimizer.arenas) {
      const part = arena.squaredNorm();
      if (part !== null) total = total === null ? part : total.add(part);
    }
    return (total ?? zeros([])).sqrt();
  });
}

/**
 * Scales all gradients so that their common Euclidean norm is at most `maxNorm`: by
 * `min(1, maxNorm / (norm + 1e-6))`. Equals `torch.nn.utils.clip_grad_norm_`; nothing waits for the device.
 *
 * @returns The norm before clipping: f32 `[]`.
 * @throws {OptionError} where `maxNorm` is negative.
 *
 * @example
 * ```ts
 * import { init, variable } from "../tensor/mod.ts";
 * import { clipGradNorm, SGD } from "./mod.ts";
 * await init({ accelerator: "cpu" });
 * const p = variable([3, 4], { requiresGrad: true });
 * const optimizer = new SGD({ params: [p] });
 * p.square().mul(0.5).sum().backward();
 * console.assert((await clipGradNorm(optimizer, 1).item()) === 5);
 * ```
 */
export function clipGradNorm(optimizer: Clippable, maxNorm: number): Tensor {
  requireOptimizer("optim.clipGradNorm", optimizer);
  requireLimit("optim.clipGradNorm", "maxNorm", maxNorm);
  return noGrad(() => {
    const norm = gradNorm(optimizer);
    const factor = clamp(reciprocal(norm.add(1e-6)).mul(maxNorm), { max: 1 });
    for (const arena of optimizer.arenas) {
      if (arena.withGrad().length > 0) arena.grads.assign(arena.grads.mul(factor));
    }
    return norm;
  });
}

/**
 * Clamps every element of every gradient to ±`clipValue`. Equals `torch.nn.utils.clip_grad_value_`.
 *
 * @throws {OptionError} where `clipValue` is negative.
 */
export function clipGradValue(optimizer: Clippable, clipValue: number): void {
  requireOptimizer("optim.clipGradValue", optimizer);
  requireLimit("optim.clipGradValue", "clipValue", clipValue);
  noGrad(() => {
    for (const arena of optimizer.arenas) {
      if (arena.withGrad().length === 0) continue;
      arena.grads.assign(clamp(arena.grads, { min: -clipValue, max: clipValue }));
    }
  });
}

function requireOptimizer(owner: string, optimizer: unknown): void {
  if (isRecord(optimizer) && "arenas" in optimizer) return;
  throw new OptionError(`${owner} cannot use optimizer = ${showValue(optimizer)}`, {
    fix: "give the optimizer of the parameters whose gradients it shall see",
    data: { owner, option: "optimizer", known: ["optimizer"] },
  });
}

function requireLimit(owner: string, option: string, value: number): void {
  if (typeof value === "number" && value >= 0) return;
  throw new OptionError(`${owner} cannot use ${option} = ${showValue(value)}`, {
    fix: "give zero or a positive number",
    data: { owner, option, known: [option] },
  });
}
