import { capture, init, losses, nn, ops, optim, scope, type Tensor, tensor } from "../../mod.ts";
import { BATCH, labels, LEARNING_RATE, noise, type Peer, SIZES } from "./net.ts";

/** Fulgur on a device; `BLAS` is decided by FULGUR_BLAS. */
export async function fulgur(accelerator: "cpu" | "gpu", compile = false): Promise<Peer> {
  const device = await init({ accelerator });
  const use = (): Promise<unknown> => init({ accelerator });
  const net = new nn.SimpleDenseNet({ lin1Size: SIZES[1], lin2Size: SIZES[2], lin3Size: SIZES[3] });
  const optimizer = new optim.Adam({ params: net.parameters(), lr: LEARNING_RATE });
  const criterion = new losses.CrossEntropyLoss();
  const x = tensor(noise(BATCH * SIZES[0]), { shape: [BATCH, 1, 28, 28] }).keep();
  const y = tensor(labels()).keep();
  const step = ({ image, label }: { image: Tensor; label: Tensor }): Tensor => {
    const loss = criterion.forward(net.forward(image), label);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  const run = compile ? capture(step) : (input: { image: Tensor; label: Tensor }) => scope(() => step(input));
  const denseStep = async (): Promise<void> => {
    await use();
    const loss = run({ image: x, label: y });
    await loss.data();
    loss.dispose();
  };
  const matmul = (size: number) => {
    const a = tensor(noise(size * size), { shape: [size, size] }).keep();
    const b = tensor(noise(size * size, 2), { shape: [size, size] }).keep();
    return async (): Promise<void> => {
      await use();
      const product = scope(() => ops.matmul(a, b));
      await device.synchronize();
      product.dispose();
    };
  };
  return { name: `fulgur ${device.kind}${compile ? " compiled" : ""}`, denseStep, matmul };
}
