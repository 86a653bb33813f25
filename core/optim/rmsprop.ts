import type { Tensor } from "../tensor/mod.ts";
import { number, unsupported } from "../options.ts";
import {
  type BaseSettings,
  Optimizer,
  type OptimizerOptions,
  type ParamGroup,
  type Update,
} from "./optimizer.ts";
import { decayed } from "./sgd.ts";

/** Settings of {@linkcode RMSprop}. */
export interface RMSpropSettings extends BaseSettings {
  /** Learning rate. @default 1e-2 */
  lr: number;
  /** Decay rate of the average of squares. @default 0.99 */
  alpha: number;
  /** Added to the denominator. @default 1e-8 */
  eps: number;
  /** Factor of the parameters that is added to their gradients. @default 0 */
  weightDecay: number;
  /** Share of the last direction that is kept. @default 0 */
  momentum: number;
  /** Whether the variance is used instead of the mean square. @default false */
  centered: boolean;
  /** Whether to climb instead of descend. @default false */
  maximize: boolean;
}

/**
 * Steps along the gradient over the root of its mean square. Equals `torch.optim.RMSprop`.
 *
 * @throws {OptionError} for settings outside their ranges.
 *
 * @example
 * ```ts
 * import { variable } from "../tensor/mod.ts";
 * import { RMSprop } from "./rmsprop.ts";
 * const optimizer = new RMSprop({ params: [variable([1], { requiresGrad: true })] });
 * console.assert(optimizer.paramGroups[0]?.alpha === 0.99);
 * ```
 */
export class RMSprop extends Optimizer<RMSpropSettings> {
  constructor(options: OptimizerOptions<RMSpropSettings>) {
    super("optim.RMSprop", options, {
      lr: number(1e-2, { min: 0 }),
      alpha: number(0.99, { min: 0 }),
      eps: number(1e-8, { min: 0 }),
      weightDecay: number(0, { min: 0 }),
      momentum: number(0, { min: 0 }),
      centered: false,
      capturable: unsupported(false, true),
      foreach: unsupported(null, true, false),
      maximize: false,
      differentiable: unsupported(false, true),
    });
  }

  protected override stateNames(group: ParamGroup<RMSpropSettings>): readonly string[] {
    const names = ["square_avg"];
    if (group.momentum > 0) names.push("momentum_buffer");
    if (group.centered) names.push("grad_avg");
    return names;
  }

  protected override update({ group, value, grad, state, scalar, set }: Update<RMSpropSettings>): void {
    const gradient = decayed(grad, value, group, scalar((s) => s.weightDecay));
    const keep = (name: string, next: Tensor): Tensor => {
      set(state[name]!, next);
      return next;
    };
    const share = scalar((s) => 1 - s.alpha);
    const kept = state["square_avg"]!.mul(scalar((s) => s.alpha));
    let spread = keep("square_avg", kept.add(gradient.square().mul(share)));
    const average = state["grad_avg"];
    if (average !== undefined) {
      spread = spread.sub(keep("grad_avg", average.add(gradient.sub(average).mul(share))).square());
    }
    let direction = gradient.div(spread.sqrt().add(scalar((s) => s.eps)));
    const buffer = state["momentum_buffer"];
    if (buffer !== undefined) {
      direction = keep("momentum_buffer", buffer.mul(scalar((s) => s.momentum)).add(direction));
    }
    set(value, value.sub(direction.mul(scalar((s) => s.lr))));
  }
}
