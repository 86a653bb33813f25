import * as tf from "npm:@tensorflow/tfjs@4.22.0";
import { setWasmPaths } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
import "npm:@tensorflow/tfjs-backend-webgpu@4.22.0";
import { BATCH, labels, LEARNING_RATE, noise, type Peer, SIZES } from "./net.ts";

/** TensorFlow.js on its WebAssembly or WebGPU backend. */
export async function tfjs(backend: "wasm" | "webgpu"): Promise<Peer> {
  if (backend === "wasm") {
    setWasmPaths(import.meta.resolve("npm:@tensorflow/tfjs-backend-wasm@4.22.0").replace(/[^/]*$/, ""));
  }
  if (!await tf.setBackend(backend)) throw new TypeError(`tfjs has no ${backend} backend here`);
  await tf.ready();
  const model = tf.sequential();
  for (let i = 1; i < SIZES.length; i++) {
    const first = i === 1 ? { inputShape: [SIZES[0]] } : {};
    model.add(tf.layers.dense({ units: SIZES[i]!, ...first }));
    if (i === SIZES.length - 1) continue;
    model.add(tf.layers.batchNormalization());
    model.add(tf.layers.activation({ activation: "relu" }));
  }
  const optimizer = tf.train.adam(LEARNING_RATE);
  const x = tf.tensor2d(noise(BATCH * SIZES[0]), [BATCH, SIZES[0]]);
  const y = tf.oneHot(tf.tensor1d(labels(), "int32"), 10);
  const denseStep = async (): Promise<void> => {
    const cost = optimizer.minimize(() => {
      const logits = model.apply(x, { training: true }) as tf.Tensor2D;
      return tf.losses.softmaxCrossEntropy(y, logits) as tf.Scalar;
    }, true)!;
    await cost.data();
    cost.dispose();
  };
  const matmul = (size: number) => {
    const a = tf.tensor2d(noise(size * size), [size, size]);
    const b = tf.tensor2d(noise(size * size, 2), [size, size]);
    return async (): Promise<void> => {
      const product = tf.matMul(a, b);
      const corner = tf.slice(product, [0, 0], [1, 1]);
      await corner.data();
      tf.dispose([product, corner]);
    };
  };
  return { name: `tfjs ${tf.version.tfjs} ${backend}`, denseStep, matmul };
}
