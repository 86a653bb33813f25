import { OptionError } from "../errors.ts";
import { count, takeOptions } from "../options.ts";
import type { Tensor } from "../tensor/mod.ts";
import { ReLU } from "./activation.ts";
import { Sequential } from "./containers.ts";
import { Conv2d } from "./conv.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { BatchNorm2d } from "./norm.ts";
import { MaxPool2d } from "./pool.ts";
import { Flatten } from "./shape.ts";

/** Options of {@linkcode SimpleConvNet}. */
export interface SimpleConvNetOptions {
  /** Channels of the image. @default 1 */
  readonly inputChannels?: number;
  /** Height and width of the image; a multiple of 4. @default 28 */
  readonly imageSize?: number;
  /** Channels after the first convolution. @default 16 */
  readonly conv1Channels?: number;
  /** Channels after the second convolution. @default 32 */
  readonly conv2Channels?: number;
  /** Number of classes. @default 10 */
  readonly outputSize?: number;
}

/**
 * Two blocks of 3×3 convolution, batch norm, ReLU and 2×2 pooling, and a linear layer for the scores:
 * `[batch, inputChannels, imageSize, imageSize] → [batch, outputSize]`.
 *
 * @throws {OptionError} where the image cannot be halved twice.
 *
 * @example
 * ```ts
 * import { SimpleConvNet } from "./simple_conv_net.ts";
 * const names = Object.keys(new SimpleConvNet().stateDict());
 * console.assert(names[0] === "model.0.weight" && names.at(-1) === "model.9.bias");
 * ```
 */
export class SimpleConvNet extends Module {
  readonly model: Sequential;

  constructor(options: SimpleConvNetOptions = {}) {
    super();
    const owner = "nn.SimpleConvNet";
    const o = takeOptions<SimpleConvNetOptions>(owner, options, {
      inputChannels: count(1, 1),
      imageSize: count(28, 1),
      conv1Channels: count(16, 1),
      conv2Channels: count(32, 1),
      outputSize: count(10, 1),
    });
    if (!Number.isInteger(o.imageSize / 4) || o.imageSize < 4) {
      throw new OptionError(`${owner} cannot use imageSize = ${o.imageSize}`, {
        fix: "give a multiple of 4: two poolings halve it twice",
        data: { owner, option: "imageSize", known: ["imageSize"] },
      });
    }
    const block = (inChannels: number, outChannels: number) => [
      new Conv2d({ inChannels, outChannels, kernelSize: 3, padding: 1 }),
      new BatchNorm2d({ numFeatures: outChannels }),
      new ReLU(),
      new MaxPool2d({ kernelSize: 2 }),
    ];
    this.model = new Sequential(
      ...block(o.inputChannels, o.conv1Channels),
      ...block(o.conv1Channels, o.conv2Channels),
      new Flatten(),
      new Linear({ inFeatures: o.conv2Channels * (o.imageSize / 4) ** 2, outFeatures: o.outputSize }),
    );
  }

  override forward(x: Tensor): Tensor {
    return this.model.forward(x);
  }
}
