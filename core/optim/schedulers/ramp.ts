import { count, number, takeOptions, unsupported } from "../../options.ts";
import { LRScheduler, scheduled, type SchedulerOptions } from "./scheduler.ts";

/** Options of {@linkcode ConstantLR}. */
export interface ConstantLROptions extends SchedulerOptions {
  /** Factor of the rate until `totalIters`. @default 1/3 */
  readonly factor?: number;
  /** Epochs until the full rate. @default 5 */
  readonly totalIters?: number;
}

/**
 * A share of the rate for some epochs, then the rate itself. Equals `torch.optim.lr_scheduler.ConstantLR`.
 *
 * @example
 * ```ts
 * import { ConstantLR } from "./ramp.ts";
 * const optimizer = { paramGroups: [{ lr: 1 }] };
 * const scheduler = new ConstantLR({ optimizer, factor: 0.5, totalIters: 1 });
 * console.assert(optimizer.paramGroups[0]?.lr === 0.5);
 * scheduler.step();
 * console.assert(optimizer.paramGroups[0]?.lr === 1);
 * ```
 */
export class ConstantLR extends LRScheduler {
  readonly factor: number;
  readonly totalIters: number;

  constructor(options: ConstantLROptions) {
    const o = takeOptions<ConstantLROptions>("optim.ConstantLR", options, {
      optimizer: scheduled(),
      factor: number(1 / 3, { min: 0, max: 1 }),
      totalIters: count(5),
      lastEpoch: unsupported(-1),
    });
    super(o);
    this.factor = o.factor;
    this.totalIters = o.totalIters;
    this.start();
  }

  protected override rates(): number[] {
    if (this.lastEpoch === 0) return this.current().map((lr) => lr * this.factor);
    return this.current().map((lr) => this.lastEpoch === this.totalIters ? lr * (1 / this.factor) : lr);
  }
}

/** Options of {@linkcode LinearLR}. */
export interface LinearLROptions extends SchedulerOptions {
  /** Factor at epoch 0. @default 1/3 */
  readonly startFactor?: number;
  /** Factor from `totalIters` on. @default 1 */
  readonly endFactor?: number;
  /** Epochs of the ramp. @default 5 */
  readonly totalIters?: number;
}

/** The rate's factor goes linearly from one to another. Equals `torch.optim.lr_scheduler.LinearLR`. */
export class LinearLR extends LRScheduler {
  readonly startFactor: number;
  readonly endFactor: number;
  readonly totalIters: number;

  constructor(options: LinearLROptions) {
    const o = takeOptions<LinearLROptions>("optim.LinearLR", options, {
      optimizer: scheduled(),
      startFactor: number(1 / 3, { above: 0, max: 1 }),
      endFactor: number(1, { min: 0, max: 1 }),
      totalIters: count(5),
      lastEpoch: unsupported(-1),
    });
    super(o);
    this.startFactor = o.startFactor;
    this.endFactor = o.endFactor;
    this.totalIters = o.totalIters;
    this.start();
  }

  protected override rates(): number[] {
    const { startFactor, totalIters, lastEpoch } = this;
    if (lastEpoch === 0) return this.current().map((lr) => lr * startFactor);
    if (lastEpoch > totalIters) return this.current();
    const rise = this.endFactor - startFactor;
    return this.current().map((lr) => lr * (1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise)));
  }
}

/** Options of {@linkcode PolynomialLR}. */
export interface PolynomialLROptions extends SchedulerOptions {
  /** Epochs until the rate is 0. @default 5 */
  readonly totalIters?: number;
  /** The power of the remaining share. @default 1 */
  readonly power?: number;
}

/** The rate falls to 0 as a power of the remaining share of epochs. Equals `torch.optim.lr_scheduler.PolynomialLR`. */
export class PolynomialLR extends LRScheduler {
  readonly totalIters: number;
  readonly power: number;

  constructor(options: PolynomialLROptions) {
    const o = takeOptions<PolynomialLROptions>("optim.PolynomialLR", options, {
      optimizer: scheduled(),
      totalIters: count(5, 1),
      power: 1,
      lastEpoch: unsupported(-1),
    });
    super(o);
    this.totalIters = o.totalIters;
    this.power = o.power;
    this.start();
  }

  protected override rates(): number[] {
    const { lastEpoch, totalIters, power } = this;
    if (lastEpoch === 0 || lastEpoch > totalIters) return this.current();
    const share = ((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power;
    return this.current().map((lr) => lr * share);
  }
}
