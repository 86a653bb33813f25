import { DTypeError, OptionError } from "../errors.ts";
import { count, number, optional, required, takeOptions, unsupported } from "../options.ts";
import { indexSelect, where } from "../ops/mod.ts";
import { defaultGenerator, type Tensor, variable } from "../tensor/mod.ts";
import { checkIndices } from "../ops/host_index.ts";
import { Module } from "./module.ts";

/** Options of {@linkcode Embedding}. */
export interface EmbeddingOptions {
  /** Rows of the table: indices are 0 to `numEmbeddings - 1`. */
  readonly numEmbeddings: number;
  /** Size of each row. */
  readonly embeddingDim: number;
  /** A row that starts as zeros and gets no gradient; negative ones count from the end. @default null */
  readonly paddingIdx?: number | null;
}

/**
 * Rows of a table by index: `[…]` (i32, u8) `→ […, embeddingDim]`. Rows start as N(0, 1), with torch's draws for the
 * same seed. Equals `torch.nn.Embedding` without norm limit.
 *
 * Indices outside the table are an error where they are on the host, as batches are. Those computed on the device
 * cannot be checked without waiting for it, nor those of a captured step: they take the nearest row.
 *
 * @throws {DTypeError} where indices are floats or bool; {@linkcode ValueError} for one outside the table.
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
  readonly paddingIdx: number | null;
  /** `[numEmbeddings, embeddingDim]`. */
  readonly weight: Tensor;

  constructor(options: EmbeddingOptions) {
    super();
    const owner = "nn.Embedding";
    const o = takeOptions<EmbeddingOptions>(owner, options, {
      numEmbeddings: count(required, 1),
      embeddingDim: count(required, 1),
      paddingIdx: optional(number(required, { integer: true })),
      maxNorm: unsupported(null),
      normType: unsupported(2),
      scaleGradByFreq: unsupported(false),
      sparse: unsupported(false),
      _weight: unsupported(null),
      _freeze: unsupported(false),
      device: unsupported(null),
      dtype: unsupported(null),
    });
    this.numEmbeddings = o.numEmbeddings;
    this.embeddingDim = o.embeddingDim;
    const shape = [o.numEmbeddings, o.embeddingDim];
    if (o.paddingIdx !== null && (o.paddingIdx < -o.numEmbeddings || o.paddingIdx >= o.numEmbeddings)) {
      throw new OptionError(
        `${owner} cannot use padding_idx = ${o.paddingIdx} with ${o.numEmbeddings} rows`,
        {
          fix: `give a row from 0 to ${o.numEmbeddings - 1}, or null`,
          data: { owner, option: "paddingIdx", known: ["paddingIdx"] },
        },
      );
    }
    this.paddingIdx = o.paddingIdx !== null && o.paddingIdx < 0
      ? o.paddingIdx + o.numEmbeddings
      : o.paddingIdx;
    const values = defaultGenerator.normal(shape[0]! * shape[1]!);
    if (this.paddingIdx !== null) {
      values.fill(0, this.paddingIdx * o.embeddingDim, (this.paddingIdx + 1) * o.embeddingDim);
    }
    this.weight = this.parameter(variable(values, { shape }));
  }

  override extraRepr(): string {
    return `${this.numEmbeddings}, ${this.embeddingDim}`;
  }

  override forward(input: Tensor): Tensor {
    if (input.dtype === "f32" || input.dtype === "f16" || input.dtype === "bool") {
      throw new DTypeError(`Embedding is given indices of dtype ${input.dtype}`, {
        where: this.location,
        fix: 'give whole numbers: input.to("i32")',
      });
    }
    checkIndices(input, this.numEmbeddings, "rows", this.location);
    const index = input.to("i32").reshape([input.size]);
    let rows = indexSelect(this.weight, { dim: 0, index });
    if (this.paddingIdx !== null) rows = where(index.eq(this.paddingIdx).unsqueeze(1), rows.detach(), rows);
    return rows.reshape([...input.shape, this.embeddingDim]);
  }
}
