import assert from "node:assert/strict";
import { CrossEntropyLoss } from "../../core/losses/mod.ts";
import { Accuracy, MeanMetric } from "../../core/metrics/mod.ts";
import { SimpleDenseNet, type SimpleDenseNetOptions } from "../../core/nn/mod.ts";
import { Adam } from "../../core/optim/mod.ts";
import { currentDevice, scope, tensor } from "../../core/tensor/mod.ts";
import { eachDevice } from "../support/tensors.ts";

/** A training step of SimpleDenseNet on fresh host data: forward, loss, backward, Adam. */
function trainer(options: SimpleDenseNetOptions, batch: number, withMetrics: boolean): () => void {
  const net = new SimpleDenseNet(options);
  const optimizer = new Adam({ params: net.parameters() });
  const loss = new CrossEntropyLoss();
  const accuracy = new Accuracy({ task: "multiclass", numClasses: 10 });
  const mean = new MeanMetric();
  const size = options.inputSize ?? 784;
  const images = Float32Array.from({ length: batch * size }, (_, i) => Math.sin(i));
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  return () =>
    scope(() => {
      const x = tensor(images, { shape: [batch, 1, 1, size] });
      const target = tensor(labels);
      optimizer.zeroGrad();
      const output = net.forward(x);
      const value = loss.forward(output, target);
      value.backward();
      optimizer.step();
      if (!withMetrics) return;
      mean.update(value.detach());
      accuracy.update(output.detach().argmax({ dim: -1 }), target);
    });
}

const SEED_SIZES: SimpleDenseNetOptions = { lin1Size: 128, lin2Size: 256, lin3Size: 64 };
const SMALL: SimpleDenseNetOptions = { inputSize: 8, lin1Size: 8, lin2Size: 8, lin3Size: 8 };

eachDevice(
  "SimpleDenseNet trains a step in at most 24 launches on WebGPU, without a read-back",
  (accelerator) => {
    const step = trainer(SEED_SIZES, 64, false);
    step();
    const before = { ...currentDevice().stats };
    step();
    const { launches, readbacks } = currentDevice().stats;
    assert.equal(readbacks, before.readbacks);
    // The processor splits some kernels in two; its launches cost microseconds.
    assert.ok(
      launches - before.launches <= (accelerator === "gpu" ? 24 : 40),
      String(launches - before.launches),
    );
  },
);

eachDevice("SimpleDenseNet with metrics compiles nothing after its second step", () => {
  const step = trainer(SEED_SIZES, 32, true);
  step();
  step();
  const { compiled } = currentDevice().stats;
  for (let i = 0; i < 5; i++) step();
  assert.equal(currentDevice().stats.compiled, compiled);
});

eachDevice("SimpleDenseNet holds as many buffers after 1,000 steps as after 10", () => {
  const step = trainer(SMALL, 4, true);
  for (let i = 0; i < 10; i++) step();
  const { liveBuffers, liveBytes } = currentDevice().stats;
  for (let i = 10; i < 1000; i++) step();
  assert.deepEqual([currentDevice().stats.liveBuffers, currentDevice().stats.liveBytes], [
    liveBuffers,
    liveBytes,
  ]);
});
