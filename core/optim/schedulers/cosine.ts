import { count, required, takeOptions, unsupported } from "../../options.ts";
import { LRScheduler, scheduled, type SchedulerOptions } from "./scheduler.ts";

/** Options of {@linkcode CosineAnnealingLR}; YAML writes `T_max`. */
export interface CosineAnnealingLROptions extends SchedulerOptions {
  /** Epochs from the full rate to the least. */
  readonly tMax: number;
  /** The least rate. @default 0 */
  readonly etaMin?: number;
}

/**
 * The rate follows half a cosine down to `etaMin` in `tMax` epochs, and back up in as many, for ever. Equals
 * `torch.optim.lr_scheduler.CosineAnnealingLR`, in its recursive form.
 *
 * @example
 * ```ts
 * import { CosineAnnealingLR } from "./cosine.ts";
 * const optimizer = { paramGroups: [{ lr: 1 }] };
 * const scheduler = new CosineAnnealingLR({ optimizer, tMax: 2 });
 * scheduler.step();
 * console.assert(Math.abs(optimizer.paramGroups[0]!.lr - 0.5) < 1e-12);
 * ```
 */
export class CosineAnnealingLR extends LRScheduler {
  readonly tMax: number;
  readonly etaMin: number;

  constructor(options: CosineAnnealingLROptions) {
    const o = takeOptions<CosineAnnealingLROptions>("optim.CosineAnnealingLR", options, {
      optimizer: scheduled(),
      tMax: count(required, 1),
      etaMin: 0,
      lastEpoch: unsupported(-1),
    });
    super(o);
    this.tMax = o.tMax;
    this.etaMin = o.etaMin;
    this.start();
  }

  protected override rates(): number[] {
    const { lastEpoch, tMax, etaMin } = this;
    const current = this.current();
    if (lastEpoch === 0) return current;
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0) {
      const rise = (1 - Math.cos(Math.PI / tMax)) / 2;
      return current.map((lr, i) => lr + (this.baseLrs[i]! - etaMin) * rise);
    }
    const share = (1 + Math.cos(Math.PI * lastEpoch / tMax)) /
      (1 + Math.cos(Math.PI * (lastEpoch - 1) / tMax));
    return current.map((lr) => share * (lr - etaMin) + etaMin);
  }
}

/** Options of {@linkcode CosineAnnealingWarmRestarts}; YAML writes `T_0` and `T_mult`. */
export interface CosineAnnealingWarmRestartsOptions extends SchedulerOptions {
  /** Epochs of the first cycle. */
  readonly t0: number;
  /** Each cycle is this many times as long as the one before. @default 1 */
  readonly tMult?: number;
  /** The least rate. @default 0 */
  readonly etaMin?: number;
}

/**
 * Half a cosine down to `etaMin`, then at once back to the full rate, in cycles that grow. Equals
 * `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts` stepped once per epoch.
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly t0: number;
  readonly tMult: number;
  readonly etaMin: number;

  constructor(options: CosineAnnealingWarmRestartsOptions) {
    const owner = "optim.CosineAnnealingWarmRestarts";
    const o = takeOptions<CosineAnnealingWarmRestartsOptions>(owner, options, {
      optimizer: scheduled(),
      t0: count(required, 1),
      tMult: count(1, 1),
      etaMin: 0,
      lastEpoch: unsupported(-1),
    });
    super(o);
    this.t0 = o.t0;
    this.tMult = o.tMult;
    this.etaMin = o.etaMin;
    this.start();
  }

  protected override rates(): number[] {
    let length = this.t0;
    let epoch = this.lastEpoch;
    while (epoch >= length) {
      epoch -= length;
      length *= this.tMult;
    }
    const share = (1 + Math.cos(Math.PI * epoch / length)) / 2;
    return this.baseLrs.map((lr) => this.etaMin + (lr - this.etaMin) * share);
  }
}
