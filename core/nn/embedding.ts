import { DTypeError } from "../errors.ts";
import { required, takeOptions } from "../options.ts";
import { indexSelect } from "../ops/mod.ts";
import { defaultGenerator, type Tensor, variable } from "../tensor/mod.ts";
import { Module } from "./module.ts";
import { requireCount } from "./sizes.ts";

/** Options of {@linkcode Embedding}. */
export interface EmbeddingOptions {
  /** Rows of the table: indices are 0 to `numEmbeddings - 1`. */
  readonly numEmbeddings: number;
  /** Size of each row. */
  readonly embeddingDim: number;
}

/**
 * Rows of a table by index: `[…]` (i32, u8) `→ […, embeddingDim]`. Rows start as N(0, 1), with torch's draws for the
 * same seed. Equals `torch.nn.Embedding` without padding index and norm limit.
 *
 * Indices outside the table take its nearest row: the device cannot raise an error.
 *
 * @throws {DTypeError} where indices are floats.
 *
 * @example
 * ```ts
 * import { Embedding } from "./embedding.ts";
 * console.assert(new Embedding({ numEmbeddings: 5, embeddingDim: 2 }).weight.shape.join() === "5,2");
 * ```
 */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  /** `[numEmbeddings, embeddingDim]`. */
  readonly weight: Tensor;

  constructor(options: EmbeddingOptions) {
    super();
    const owner = "nn.Embedding";
    const o = takeOptions(owner, options, { numEmbeddings: required, embeddingDim: required });
    this.numEmbeddings = requireCount(owner, "numEmbeddings", o.numEmbeddings, 1);
    this.embeddingDim = requireCount(owner, "embeddingDim", o.embeddingDim, 1);
    const shape = [o.numEmbeddings, o.embeddingDim];
    this.weight = this.parameter(variable(defaultGenerator.normal(shape[0]! * shape[1]!), { shape }));
  }

  override extraRepr(): string {
    return `${this.numEmbeddings}, ${this.embeddingDim}`;
  }

  override forward(input: Tensor): Tensor {
    if (input.dtype === "f32" || input.dtype === "f16") {
      throw new DTypeError(`Embedding is given indices of dtype ${input.dtype}`, {
        where: this.location,
        fix: 'give whole numbers: input.to("i32")',
      });
    }
    const rows = indexSelect(this.weight, { dim: 0, index: input.to("i32").reshape([input.size]) });
    return rows.reshape([...input.shape, this.embeddingDim]);
  }
}
