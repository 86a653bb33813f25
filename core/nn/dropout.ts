import { number, takeOptions } from "../options.ts";
import { dropout } from "../ops/mod.ts";
import { pythonFloat } from "../python_literal.ts";
import type { Tensor } from "../tensor/mod.ts";
import { Module } from "./module.ts";
import { reprOf } from "./repr.ts";

/** Options of {@linkcode Dropout}. */
export interface DropoutOptions {
  /** Probability that an element becomes zero. @default 0.5 */
  readonly p?: number;
  /** Takes torch's option; memory is planned, so both values give the same program. @default false */
  readonly inplace?: boolean;
}

/**
 * Zeroes elements at random while training and scales the rest by 1 / (1 - p); passes its input on otherwise.
 * Any shape, kept.
 *
 * The mask comes from the device's Philox stream: the same on every device, not torch's. Source: `torch.nn.Dropout`.
 *
 * @example
 * ```ts
 * import { Dropout } from "./dropout.ts";
 * console.assert(new Dropout({ p: 0.2 }).p === 0.2);
 * ```
 */
export class Dropout extends Module {
  readonly p: number;
  /** Changes nothing here; kept so that the module prints as in torch. */
  readonly inplace: boolean;

  constructor(options: DropoutOptions = {}) {
    super();
    const o = takeOptions<DropoutOptions>("nn.Dropout", options, {
      p: number(0.5, { min: 0, max: 1 }),
      inplace: false,
    });
    this.p = o.p;
    this.inplace = o.inplace;
  }

  override extraRepr(): string {
    return `p=${pythonFloat(this.p)}, ${reprOf({ inplace: this.inplace })}`;
  }

  override forward(input: Tensor): Tensor {
    if (!this.training || this.p === 0) return input;
    return dropout(input, { p: this.p });
  }
}
