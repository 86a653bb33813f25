import { ShapeError } from "../errors.ts";
import { count, takeOptions } from "../options.ts";
import type { Tensor } from "../tensor/mod.ts";
import { ReLU } from "./activation.ts";
import { Sequential } from "./containers.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { BatchNorm1d } from "./norm.ts";

/** Options of {@linkcode SimpleDenseNet}. */
export interface SimpleDenseNetOptions {
  /** Values per sample: channels · height · width. @default 784 */
  readonly inputSize?: number;
  /** Width of the first hidden layer. @default 256 */
  readonly lin1Size?: number;
  /** Width of the second hidden layer. @default 256 */
  readonly lin2Size?: number;
  /** Width of the third hidden layer. @default 256 */
  readonly lin3Size?: number;
  /** Number of classes. @default 10 */
  readonly outputSize?: number;
}

/**
 * Three hidden layers of linear, batch norm and ReLU, and a linear one for the scores:
 * `[batch, channels, height, width] → [batch, outputSize]`.
 *
 * Parameters are named `model.0.weight`, …, as in the Python template.
 *
 * @throws {ShapeError} where the input has another rank or another number of values per sample.
 *
 * @example
 * ```ts
 * import { SimpleDenseNet } from "./simple_dense_net.ts";
 * const net = new SimpleDenseNet({ lin1Size: 128, lin2Size: 256, lin3Size: 64 });
 * const count = net.parameters().reduce((total, p) => total + p.size, 0);
 * console.assert(count === 151498);
 * ```
 */
export class SimpleDenseNet extends Module {
  readonly model: Sequential;

  constructor(options: SimpleDenseNetOptions = {}) {
    super();
    const o = takeOptions<SimpleDenseNetOptions>("nn.SimpleDenseNet", options, {
      inputSize: count(784, 1),
      lin1Size: count(256, 1),
      lin2Size: count(256, 1),
      lin3Size: count(256, 1),
      outputSize: count(10, 1),
    });
    const hidden = (inFeatures: number, outFeatures: number) => [
      new Linear({ inFeatures, outFeatures }),
      new BatchNorm1d({ numFeatures: outFeatures }),
      new ReLU(),
    ];
    this.model = new Sequential(
      ...hidden(o.inputSize, o.lin1Size),
      ...hidden(o.lin1Size, o.lin2Size),
      ...hidden(o.lin2Size, o.lin3Size),
      new Linear({ inFeatures: o.lin3Size, outFeatures: o.outputSize }),
    );
  }

  override forward(x: Tensor): Tensor {
    if (x.rank !== 4) {
      throw new ShapeError(`SimpleDenseNet takes images, and the input has shape [${x.shape.join(", ")}]`, {
        where: this.location,
        fix: "give it as [batch, channels, height, width]",
      });
    }
    return this.model.forward(x.reshape([x.shape[0]!, x.size / Math.max(1, x.shape[0]!)]));
  }
}
