import { OptionError } from "../../errors.ts";
import { either, like, list, takeOptions, unsupported } from "../../options.ts";
import { LRScheduler, scheduled, type SchedulerOptions } from "./scheduler.ts";

/** A factor for an epoch. */
export type LrLambda = (epoch: number) => number;

/** Options of {@linkcode LambdaLR} and {@linkcode MultiplicativeLR}. */
export interface LambdaLROptions extends SchedulerOptions {
  /** A factor from the epoch: one function for all groups, or one per group. */
  readonly lrLambda: LrLambda | readonly LrLambda[];
}

const FUNCTION = like<LrLambda>("give a function of the epoch", (value) => typeof value === "function");

function takeLambdas(
  owner: string,
  options: LambdaLROptions,
): { o: SchedulerOptions; lambdas: readonly LrLambda[] } {
  const o = takeOptions<LambdaLROptions>(owner, options, {
    optimizer: scheduled(),
    lrLambda: either(FUNCTION, list(FUNCTION)),
    lastEpoch: unsupported(-1),
  });
  const groups = o.optimizer.paramGroups.length;
  const lambdas = typeof o.lrLambda === "function"
    ? new Array<LrLambda>(groups).fill(o.lrLambda)
    : o.lrLambda;
  if (lambdas.length === groups) return { o, lambdas };
  throw new OptionError(`${owner} is given ${lambdas.length} functions for ${groups} groups`, {
    fix: "give one function, or one per group",
    data: { owner, option: "lrLambda", known: ["optimizer", "lrLambda"] },
  });
}

/**
 * The first rate times a factor of the epoch. Equals `torch.optim.lr_scheduler.LambdaLR`.
 *
 * @example
 * ```ts
 * import { LambdaLR } from "./lambda.ts";
 * const optimizer = { paramGroups: [{ lr: 2 }] };
 * const scheduler = new LambdaLR({ optimizer, lrLambda: (epoch) => 1 / (epoch + 1) });
 * scheduler.step();
 * console.assert(optimizer.paramGroups[0]?.lr === 1);
 * ```
 */
export class LambdaLR extends LRScheduler {
  readonly #lambdas: readonly LrLambda[];

  constructor(options: LambdaLROptions) {
    const { o, lambdas } = takeLambdas("optim.LambdaLR", options);
    super(o);
    this.#lambdas = lambdas;
    this.start();
  }

  protected override rates(): number[] {
    return this.baseLrs.map((lr, i) => lr * this.#lambdas[i]!(this.lastEpoch));
  }
}

/** The current rate times a factor of the epoch. Equals `torch.optim.lr_scheduler.MultiplicativeLR`. */
export class MultiplicativeLR extends LRScheduler {
  readonly #lambdas: readonly LrLambda[];

  constructor(options: LambdaLROptions) {
    const { o, lambdas } = takeLambdas("optim.MultiplicativeLR", options);
    super(o);
    this.#lambdas = lambdas;
    this.start();
  }

  protected override rates(): number[] {
    if (this.lastEpoch === 0) return this.current();
    return this.current().map((lr, i) => lr * this.#lambdas[i]!(this.lastEpoch));
  }
}
