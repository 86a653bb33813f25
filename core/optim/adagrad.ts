import { number, unsupported } from "../options.ts";
import {
  type BaseSettings,
  Optimizer,
  type OptimizerOptions,
  type ParamGroup,
  type Update,
} from "./optimizer.ts";
import { decayed } from "./sgd.ts";

/** Settings of {@linkcode Adagrad}. */
export interface AdagradSettings extends BaseSettings {
  /** Learning rate. @default 1e-2 */
  lr: number;
  /** Falls the learning rate with the steps: `lr / (1 + (step - 1) · lrDecay)`. @default 0 */
  lrDecay: number;
  /** Factor of the parameters that is added to their gradients. @default 0 */
  weightDecay: number;
  /** What the sum of squares starts from. @default 0 */
  initialAccumulatorValue: number;
  /** Added to the denominator. @default 1e-10 */
  eps: number;
  /** Whether to climb instead of descend. @default false */
  maximize: boolean;
}

/**
 * Steps along the gradient over the root of the sum of its squares. Equals `torch.optim.Adagrad`.
 *
 * @throws {OptionError} for settings outside their ranges.
 *
 * @example
 * ```ts
 * import { variable } from "../tensor/mod.ts";
 * import { Adagrad } from "./adagrad.ts";
 * const optimizer = new Adagrad({ params: [variable([1], { requiresGrad: true })] });
 * console.assert(optimizer.paramGroups[0]?.lr === 0.01);
 * ```
 */
export class Adagrad extends Optimizer<AdagradSettings> {
  constructor(options: OptimizerOptions<AdagradSettings>) {
    super("optim.Adagrad", options, {
      lr: number(1e-2, { min: 0 }),
      lrDecay: number(0, { min: 0 }),
      weightDecay: number(0, { min: 0 }),
      initialAccumulatorValue: number(0, { min: 0 }),
      eps: number(1e-10, { min: 0 }),
      foreach: unsupported(null, true, false),
      maximize: false,
      differentiable: unsupported(false, true),
      fused: unsupported(null, true, false),
    });
  }

  protected override stateNames(): readonly string[] {
    return ["sum"];
  }

  protected override initialState(_name: string, group: ParamGroup<AdagradSettings>): number {
    return group.initialAccumulatorValue;
  }

  protected override update({ group, value, grad, state, scalar, set }: Update<AdagradSettings>): void {
    const gradient = decayed(grad, value, group, scalar((s) => s.weightDecay));
    const total = state["sum"]!.add(gradient.square());
    set(state["sum"]!, total);
    const rate = scalar((s, step) => s.lr / (1 + (step - 1) * s.lrDecay));
    set(value, value.sub(gradient.div(total.sqrt().add(scalar((s) => s.eps))).mul(rate)));
  }
}
