import assert from "node:assert/strict";
import golden from "../golden/print.json" with { type: "json" };
import { type DType, init, keep, scope, type Tensor, tensor, variable } from "../../core/tensor/mod.ts";

type Case = { dtype: string; shape: number[]; data: (number | string)[]; text: string };

/** Numbers that JSON cannot write are words in the file. */
function numbers(data: readonly (number | string)[]): number[] {
  return data.map((value) => value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value));
}

function made({ dtype, shape, data }: Case): Tensor {
  return tensor(numbers(data), { shape, dtype: dtype as DType });
}

for (const given of golden.tensors as Case[]) {
  const { dtype, shape, text } = given;
  const head = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  Deno.test(`Tensor prints as torch: ${dtype} [${shape}] ${head.replaceAll("\n", " ")}`, () => {
    assert.equal(String(made(given)), text);
  });
}

Deno.test("Tensor.toText() says that a gradient is wanted as torch does", async () => {
  for (const given of golden.withGrad as Case[]) {
    assert.equal(await made(given).requiresGrad_().toText(), given.text);
  }
});

Deno.test("Tensor.toText() names the op that a gradient flows back through", async () => {
  await init({ accelerator: "cpu" });
  const x = variable([1, 2], { requiresGrad: true });
  assert.equal(await x.mul(2).toText(), "tensor([2., 4.], grad_fn=<mul>)");
});

Deno.test("Tensor.toText() reads values that were computed on a device", async () => {
  await init({ accelerator: "cpu" });
  const x = tensor([[1, 2], [3, 4]]);
  assert.equal(await x.mul(0.5).toText(), "tensor([[0.5000, 1.0000],\n        [1.5000, 2.0000]])");
});

Deno.test("Tensor shown by console.log says where its values are and how to read them", async () => {
  await init({ accelerator: "cpu" });
  const read = "; await t.print() shows the values, await t.data() reads them";
  const x = tensor([1, 2]).mul(2);
  assert.equal(Deno.inspect(x), `Tensor f32 [2], not computed yet${read}`);
  x.realize();
  assert.equal(Deno.inspect(x), `Tensor f32 [2], on cpu${read}`);
  const weight = variable([1, 2], { requiresGrad: true });
  assert.equal(Deno.inspect({ weight }), "{ weight: tensor([1., 2.], requires_grad=True) }");
  weight.assign(tensor([3, 4]));
  assert.equal(`${weight}`, `Tensor f32 [2], not computed yet, requires_grad=True${read}`);
  await weight.data();
  assert.equal(`${weight}`, `Tensor f32 [2], on cpu, requires_grad=True${read}`);
});

Deno.test("Tensor that its scope has freed prints as freed", async () => {
  await init({ accelerator: "cpu" });
  let inner: Tensor | null = null;
  scope(() => keep((inner = tensor([1, 2]).mul(2)).add(1)));
  assert.equal(String(inner), "Tensor f32 [2], freed");
});

Deno.test("Tensor.print() writes the text to the console", async () => {
  const lines: unknown[] = [];
  const { log } = console;
  console.log = (line) => lines.push(line);
  try {
    await tensor([1.5]).print();
  } finally {
    console.log = log;
  }
  assert.deepEqual(lines, ["tensor([1.5000])"]);
});
