import { OptionError } from "../errors.ts";
import type { Tensor } from "../tensor/mod.ts";
import { number, type OptionDefaults, unsupported } from "../options.ts";
import {
  type BaseSettings,
  Optimizer,
  type OptimizerOptions,
  type ParamGroup,
  type Update,
} from "./optimizer.ts";

/** Settings of {@linkcode SGD}. */
export interface SGDSettings extends BaseSettings {
  /** Learning rate. @default 1e-3 */
  lr: number;
  /** Share of the last direction that is kept. @default 0 */
  momentum: number;
  /** What is taken from the gradient's share in the direction. @default 0 */
  dampening: number;
  /** Factor of the parameters that is added to their gradients. @default 0 */
  weightDecay: number;
  /** Whether to look ahead along the direction. @default false */
  nesterov: boolean;
  /** Whether to climb instead of descend. @default false */
  maximize: boolean;
}

/**
 * Stochastic gradient descent, with momentum: `b ← momentum · b + (1 - dampening) · g`, `p ← p - lr · b`.
 * Equals `torch.optim.SGD`.
 *
 * @throws {OptionError} for settings outside their ranges, or Nesterov without momentum.
 *
 * @example
 * ```ts
 * import { init, variable } from "../tensor/mod.ts";
 * import { SGD } from "./sgd.ts";
 * await init({ accelerator: "cpu" });
 * const p = variable([1, -2], { requiresGrad: true });
 * const optimizer = new SGD({ params: [p], lr: 0.1 });
 * p.square().sum().backward();
 * optimizer.step();
 * console.assert(Math.abs((await p.data())[0]! - 0.8) < 1e-6);
 * ```
 */
export class SGD extends Optimizer<SGDSettings> {
  constructor(options: OptimizerOptions<SGDSettings>) {
    const owner = "optim.SGD";
    const defaults: OptionDefaults<SGDSettings> = {
      lr: number(1e-3, { min: 0 }),
      momentum: number(0, { min: 0 }),
      dampening: 0,
      weightDecay: number(0, { min: 0 }),
      nesterov: false,
      maximize: false,
      foreach: unsupported(null, true, false),
      differentiable: unsupported(false, true),
      fused: unsupported(null, true, false),
    };
    super(owner, options, defaults, (group) => {
      if (!group.nesterov || (group.momentum > 0 && group.dampening === 0)) return;
      throw new OptionError(
        `${owner} cannot use nesterov with momentum ${group.momentum} and dampening ${group.dampening}`,
        {
          fix: "Nesterov needs a momentum above 0 and no dampening",
          data: { owner, option: "nesterov", known: Object.keys(defaults) },
        },
      );
    });
  }

  protected override stateNames(group: ParamGroup<SGDSettings>): readonly string[] {
    return group.momentum === 0 ? [] : ["momentum_buffer"];
  }

  protected override update({ group, value, grad, state, scalar, set }: Update<SGDSettings>): void {
    const gradient = decayed(grad, value, group, scalar((s) => s.weightDecay));
    let direction = gradient;
    const buffer = state["momentum_buffer"];
    if (buffer !== undefined) {
      const momentum = scalar((s) => s.momentum);
      // The first direction is the gradient itself, without dampening.
      const share = scalar((s, step) => step === 1 ? 1 : 1 - s.dampening);
      const next = buffer.mul(momentum).add(gradient.mul(share));
      set(buffer, next);
      direction = group.nesterov ? gradient.add(next.mul(momentum)) : next;
    }
    set(value, value.sub(direction.mul(scalar((s) => s.lr))));
  }
}

/** The gradient to follow: negated to climb, with the parameters' share that decays them. */
export function decayed(
  grad: Tensor,
  value: Tensor,
  group: { readonly maximize: boolean; readonly weightDecay: number },
  weightDecay: Tensor,
): Tensor {
  const signed = group.maximize ? grad.neg() : grad;
  return group.weightDecay === 0 ? signed : signed.add(value.mul(weightDecay));
}
