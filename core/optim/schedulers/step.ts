import { count, list, number, required, takeOptions, unsupported } from "../../options.ts";
import { LRScheduler, scheduled, type SchedulerOptions } from "./scheduler.ts";

/** Options of {@linkcode StepLR}. */
export interface StepLROptions extends SchedulerOptions {
  /** Epochs between two falls. */
  readonly stepSize: number;
  /** Factor of each fall. @default 0.1 */
  readonly gamma?: number;
}

/**
 * Multiplies the rate by `gamma` every `stepSize` epochs. Equals `torch.optim.lr_scheduler.StepLR`.
 *
 * @example
 * ```ts
 * import { StepLR } from "./step.ts";
 * const optimizer = { paramGroups: [{ lr: 1 }] };
 * const scheduler = new StepLR({ optimizer, stepSize: 2, gamma: 0.5 });
 * scheduler.step();
 * scheduler.step();
 * console.assert(optimizer.paramGroups[0]?.lr === 0.5);
 * ```
 */
export class StepLR extends LRScheduler {
  readonly stepSize: number;
  readonly gamma: number;

  constructor(options: StepLROptions) {
    const o = takeOptions<StepLROptions>("optim.StepLR", options, {
      optimizer: scheduled(),
      stepSize: count(required, 1),
      gamma: 0.1,
      lastEpoch: unsupported(-1),
    });
    super(o);
    this.stepSize = o.stepSize;
    this.gamma = o.gamma;
    this.start();
  }

  protected override rates(): number[] {
    const falls = this.lastEpoch > 0 && this.lastEpoch % this.stepSize === 0;
    return this.current().map((lr) => falls ? lr * this.gamma : lr);
  }
}

/** Options of {@linkcode MultiStepLR}. */
export interface MultiStepLROptions extends SchedulerOptions {
  /** Epochs of the falls; one given twice falls twice. */
  readonly milestones: readonly number[];
  /** Factor of each fall. @default 0.1 */
  readonly gamma?: number;
}

/** Multiplies the rate by `gamma` at given epochs. Equals `torch.optim.lr_scheduler.MultiStepLR`. */
export class MultiStepLR extends LRScheduler {
  readonly milestones: readonly number[];
  readonly gamma: number;

  constructor(options: MultiStepLROptions) {
    const o = takeOptions<MultiStepLROptions>("optim.MultiStepLR", options, {
      optimizer: scheduled(),
      milestones: list(count(required)),
      gamma: 0.1,
      lastEpoch: unsupported(-1),
    });
    super(o);
    this.milestones = [...o.milestones];
    this.gamma = o.gamma;
    this.start();
  }

  protected override rates(): number[] {
    const falls = this.milestones.filter((epoch) => epoch === this.lastEpoch).length;
    return this.current().map((lr) => lr * this.gamma ** falls);
  }
}

/** Options of {@linkcode ExponentialLR}. */
export interface ExponentialLROptions extends SchedulerOptions {
  /** Factor of each epoch. */
  readonly gamma: number;
}

/** Multiplies the rate by `gamma` at every epoch. Equals `torch.optim.lr_scheduler.ExponentialLR`. */
export class ExponentialLR extends LRScheduler {
  readonly gamma: number;

  constructor(options: ExponentialLROptions) {
    const o = takeOptions<ExponentialLROptions>("optim.ExponentialLR", options, {
      optimizer: scheduled(),
      gamma: number(required),
      lastEpoch: unsupported(-1),
    });
    super(o);
    this.gamma = o.gamma;
    this.start();
  }

  protected override rates(): number[] {
    return this.current().map((lr) => this.lastEpoch === 0 ? lr : lr * this.gamma);
  }
}
