/**
 * MNIST as a bare loop: tensors, `nn` and `optim` only.
 *
 * `deno run -A examples/mnist_loop.ts` trains one epoch and prints the accuracy on the test images.
 */
import { data, init, losses, manualSeed, nn, ops, optim, scope, type Tensor, tensor } from "../mod.ts";

/** How much to train. */
export interface LoopOptions {
  /** @default 1 */
  readonly epochs?: number;
  /** Training images used. @default all 60,000 */
  readonly trainImages?: number;
  /** @default 64 */
  readonly batchSize?: number;
}

/** Trains and returns the share of test images that are classified correctly. */
export async function trainMnist(
  { epochs = 1, trainImages = 60_000, batchSize = 64 }: LoopOptions = {},
): Promise<number> {
  const device = await init();
  console.log(device.description);
  manualSeed(12345);
  const mnist = await data.loadDataset("ylecun/mnist");
  const net = new nn.SimpleDenseNet({ lin1Size: 128, lin2Size: 256, lin3Size: 64 });
  const optimizer = new optim.Adam({ params: net.parameters(), lr: 0.002 });
  const criterion = new losses.CrossEntropyLoss();

  /** Pixels 0 … 255 to what the net was made for; fused into the first kernel that reads them. */
  const normalise = (image: Tensor): Tensor => image.to("f32").div(255).sub(0.1307).div(0.3081);

  const trainSplit = (mnist as data.DatasetDict).get("train").select(range(trainImages));
  const loader = new data.DataLoader({ dataset: trainSplit, batchSize, shuffle: true });
  for (let epoch = 0; epoch < epochs; epoch++) {
    const total = tensor(0);
    let sum = total;
    let batches = 0;
    for (const batch of loader) {
      const loss = scope(() => {
        const { image, label } = batch as { image: Tensor; label: Tensor };
        const value = criterion.forward(net.forward(normalise(image)), label);
        optimizer.zeroGrad();
        value.backward();
        optimizer.step();
        return value.add(sum);
      });
      sum.dispose();
      sum = loss;
      batches++;
    }
    // The only wait of the epoch.
    console.log(`epoch ${epoch}: loss ${(await sum.item() / batches).toFixed(4)}`);
  }

  net.eval();
  const test = (mnist as data.DatasetDict).get("test");
  let correct = 0;
  for (const batch of new data.DataLoader({ dataset: test, batchSize: 500 })) {
    const { image, label } = batch as { image: Tensor; label: Tensor };
    const hits = scope(() => ops.argmax(net.forward(normalise(image)), { dim: -1 }).eq(label).sum());
    correct += await hits.item();
  }
  const accuracy = correct / test.length;
  console.log(`test accuracy ${(100 * accuracy).toFixed(2)} %`);
  return accuracy;
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

if (import.meta.main) await trainMnist();
