import { maximum } from "../ops/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import { number, type OptionDefaults, unsupported } from "../options.ts";
import { betas } from "./checks.ts";
import {
  type BaseSettings,
  Optimizer,
  type OptimizerOptions,
  type ParamGroup,
  type Update,
} from "./optimizer.ts";
import { decayed } from "./sgd.ts";

/** Settings of {@linkcode Adam} and {@linkcode AdamW}. */
export interface AdamSettings extends BaseSettings {
  /** Learning rate. @default 1e-3 */
  lr: number;
  /** Decay rates of the averages of gradients and of their squares. @default [0.9, 0.999] */
  betas: readonly [number, number];
  /** Added to the denominator, after the bias correction. @default 1e-8 */
  eps: number;
  /** Adam: factor of the parameters added to their gradients; AdamW: decay of the parameters. @default 0, AdamW 0.01 */
  weightDecay: number;
  /** Whether the largest average of squares so far is used. @default false */
  amsgrad: boolean;
  /** Whether to climb instead of descend. @default false */
  maximize: boolean;
}

function settings(weightDecay: number): OptionDefaults<AdamSettings> {
  return {
    lr: number(1e-3, { min: 0 }),
    betas: betas([0.9, 0.999]),
    eps: number(1e-8, { min: 0 }),
    weightDecay: number(weightDecay, { min: 0 }),
    amsgrad: false,
    foreach: unsupported(null, true, false),
    maximize: false,
    capturable: unsupported(false, true),
    differentiable: unsupported(false, true),
    fused: unsupported(null, true, false),
  };
}

function adamStates(group: AdamSettings): readonly string[] {
  return ["exp_avg", "exp_avg_sq", ...(group.amsgrad ? ["max_exp_avg_sq"] : [])];
}

/** The step of both: from a gradient, and from the values that it is taken from. */
function adamStep(update: Update<AdamSettings>, gradient: Tensor, start: Tensor): void {
  const { value, state, scalar, set } = update;
  const average = state["exp_avg"]!;
  const squares = state["exp_avg_sq"]!;
  const mean = average.add(gradient.sub(average).mul(scalar((s) => 1 - s.betas[0])));
  const decay = scalar((s) => s.betas[1]);
  const square = squares.mul(decay).add(gradient.square().mul(scalar((s) => 1 - s.betas[1])));
  set(average, mean);
  set(squares, square);
  let bound = square;
  const largest = state["max_exp_avg_sq"];
  if (largest !== undefined) {
    bound = maximum(largest, square);
    set(largest, bound);
  }
  // Bias corrections are computed on the host in double precision, as torch does.
  const root = scalar((s, step) => Math.sqrt(1 - s.betas[1] ** step));
  const denominator = bound.sqrt().div(root).add(scalar((s) => s.eps));
  const stepSize = scalar((s, step) => s.lr / (1 - s.betas[0] ** step));
  set(value, start.sub(mean.div(denominator).mul(stepSize)));
}

/**
 * Adam: steps of size `lr`, scaled per element by running averages of gradients and their squares. A weight decay is
 * added to the gradient. Equals `torch.optim.Adam`. Source: Kingma & Ba 2015.
 *
 * @throws {OptionError} for settings outside their ranges.
 *
 * @example
 * ```ts
 * import { init, variable } from "../tensor/mod.ts";
 * import { Adam } from "./adam.ts";
 * await init({ accelerator: "cpu" });
 * const p = variable([1, -2], { requiresGrad: true });
 * const optimizer = new Adam({ params: [p], lr: 0.1 });
 * p.square().sum().backward();
 * optimizer.step();
 * console.assert(Math.abs((await p.data())[0]! - 0.9) < 1e-5);
 * ```
 */
export class Adam extends Optimizer<AdamSettings> {
  constructor(options: OptimizerOptions<AdamSettings>) {
    super("optim.Adam", options, { ...settings(0), decoupledWeightDecay: unsupported(false) });
  }

  protected override stateNames(group: ParamGroup<AdamSettings>): readonly string[] {
    return adamStates(group);
  }

  protected override update(update: Update<AdamSettings>): void {
    const { grad, value, group, scalar } = update;
    adamStep(update, decayed(grad, value, group, scalar((s) => s.weightDecay)), value);
  }
}

/**
 * {@linkcode Adam} with decoupled weight decay: parameters shrink by `lr · weightDecay` before the step. Equals
 * `torch.optim.AdamW`. Source: Loshchilov & Hutter 2019.
 *
 * @throws {OptionError} for settings outside their ranges.
 */
export class AdamW extends Optimizer<AdamSettings> {
  constructor(options: OptimizerOptions<AdamSettings>) {
    super("optim.AdamW", options, settings(0.01));
  }

  protected override stateNames(group: ParamGroup<AdamSettings>): readonly string[] {
    return adamStates(group);
  }

  protected override update(update: Update<AdamSettings>): void {
    const { grad, value, group, scalar } = update;
    const start = group.weightDecay === 0 ? value : value.mul(scalar((s) => 1 - s.lr * s.weightDecay));
    adamStep(update, group.maximize ? grad.neg() : grad, start);
  }
}
