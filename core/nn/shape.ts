import { number, takeOptions } from "../options.ts";
import { flatten } from "../ops/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import { Module } from "./module.ts";
import { reprOf } from "./repr.ts";

/** Options of {@linkcode Flatten}. */
export interface FlattenOptions {
  /** First axis that is merged. @default 1 */
  readonly startDim?: number;
  /** Last axis that is merged. @default -1 */
  readonly endDim?: number;
}

/**
 * Merges neighbouring axes into one: by default `[batch, …] → [batch, product]`. Equals `torch.nn.Flatten`.
 *
 * @example
 * ```ts
 * import { Flatten } from "./shape.ts";
 * console.assert(new Flatten().startDim === 1);
 * ```
 */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(options: FlattenOptions = {}) {
    super();
    const o = takeOptions<FlattenOptions>("nn.Flatten", options, {
      startDim: number(1, { integer: true }),
      endDim: number(-1, { integer: true }),
    });
    this.startDim = o.startDim;
    this.endDim = o.endDim;
  }

  override extraRepr(): string {
    return reprOf({ startDim: this.startDim, endDim: this.endDim });
  }

  override forward(input: Tensor): Tensor {
    return flatten(input, { startDim: this.startDim, endDim: this.endDim });
  }
}

/** Passes its input on, whatever it is made with. Equals `torch.nn.Identity`. */
export class Identity extends Module {
  /** Positions are nothing to it, as in torch. */
  static readonly positions = true;

  override forward(input: Tensor): Tensor {
    return input;
  }
}
