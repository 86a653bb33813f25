import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { crossEntropy } from "../../core/losses/mod.ts";
import { SimpleConvNet, SimpleDenseNet } from "../../core/nn/mod.ts";
import { Adam, SGD } from "../../core/optim/mod.ts";
import { Generator, manualSeed, scope, type Tensor, tensor } from "../../core/tensor/mod.ts";
import golden from "../golden/nn.json" with { type: "json" };
import { assertCloseValues, assertGolden, eachDevice, type GoldenTensor } from "../support/tensors.ts";

const SEED = 12345;
type Net = SimpleDenseNet | SimpleConvNet;

const makers: Record<"dense" | "conv", () => Net> = {
  dense: () => new SimpleDenseNet({ inputSize: 16, lin1Size: 12, lin2Size: 10, lin3Size: 8, outputSize: 5 }),
  conv: () =>
    new SimpleConvNet({ inputChannels: 1, imageSize: 8, conv1Channels: 3, conv2Channels: 4, outputSize: 3 }),
};

async function assertInit(
  net: Net,
  expected: Record<string, { shape: number[]; sha256: string }>,
): Promise<void> {
  const state = net.stateDict();
  assert.deepEqual(Object.keys(state), Object.keys(expected));
  for (const [name, { shape, sha256 }] of Object.entries(expected)) {
    assert.deepEqual([...state[name]!.shape], shape, name);
    if (name.endsWith("num_batches_tracked")) continue;
    assert.equal(createHash("sha256").update(await state[name]!.data()).digest("hex"), sha256, name);
  }
}

Deno.test("SimpleDenseNet of the seed's experiment has torch's names, shapes and initial bits", async () => {
  manualSeed(SEED);
  const net = new SimpleDenseNet({ lin1Size: 128, lin2Size: 256, lin3Size: 64 });
  await assertInit(net, golden.nets.seed.init);
  assert.equal(net.parameters().reduce((total, p) => total + p.size, 0), 151498);
});

/** The batches of the golden script, drawn from the same generator. */
function batches(shape: readonly number[], classes: number): { x: Tensor; t: Tensor }[] {
  const generator = new Generator(5);
  const size = shape.reduce((product, n) => product * n, 1);
  return Array.from({ length: 4 }, () => ({
    x: tensor(generator.uniform(size), { shape }),
    t: tensor(Int32Array.from(generator.randint(0, classes, shape[0]!))),
  }));
}

for (const kind of ["dense", "conv"] as const) {
  const name = kind === "dense" ? "SimpleDenseNet" : "SimpleConvNet";

  Deno.test(`${name} has torch's names, shapes and initial bits`, async () => {
    manualSeed(SEED);
    const { init } = golden.nets[kind].SGD;
    await assertInit(makers[kind](), init as unknown as Record<string, { shape: number[]; sha256: string }>);
  });

  eachDevice(`${name} follows torch's losses over 100 steps of Adam`, async () => {
    const { losses } = await train(kind, "Adam");
    // Rounding differs in the order of sums. Adam makes full steps of it where the true gradient is zero: in the
    // biases before a batch norm, which the loss does not depend on. So losses can be compared, those biases not.
    const expected = golden.nets[kind].Adam.losses;
    assertCloseValues(losses.slice(0, 10), expected.slice(0, 10), "loss", { relative: 1e-4, absolute: 0 });
    assertCloseValues(losses, expected, "loss", { relative: 1e-2, absolute: 1e-4 });
  });

  eachDevice(`${name} ends where torch does after 100 steps of SGD with momentum`, async () => {
    const expected = golden.nets[kind].SGD;
    const { net, losses, first } = await train(kind, "SGD");
    assertCloseValues(losses, expected.losses, "loss", { relative: 1e-3, absolute: 1e-5 });
    net.eval();
    await assertGolden(net.forward(first), expected.output, "output", { relative: 1e-3, absolute: 1e-4 });
    const state = net.stateDict();
    for (const [key, value] of Object.entries(expected.final as unknown as Record<string, GoldenTensor>)) {
      await assertGolden(state[key]!, value, key, { relative: 1e-3, absolute: 1e-4 });
    }
  });
}

async function train(
  kind: "dense" | "conv",
  rule: "Adam" | "SGD",
): Promise<{ net: Net; losses: number[]; first: Tensor }> {
  const { shape, classes, lr, losses: expected } = golden.nets[kind][rule];
  manualSeed(SEED);
  const net = makers[kind]();
  const params = net.parameters();
  const optimizer = rule === "Adam" ? new Adam({ params, lr }) : new SGD({ params, lr, momentum: 0.9 });
  const data = batches(shape, classes);
  const losses: number[] = [];
  for (let step = 0; step < expected.length; step++) {
    const { x, t } = data[step % data.length]!;
    const loss = scope(() => {
      const value = crossEntropy(net.forward(x), t);
      optimizer.zeroGrad();
      value.backward();
      optimizer.step();
      return value;
    });
    losses.push(await loss.item());
  }
  return { net, losses, first: data[0]!.x };
}
