import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { CheckpointError, ValueError } from "../../core/errors.ts";
import { defaultGenerator, Generator } from "../../core/tensor/rng.ts";
import { philoxState } from "../../core/ops/random.ts";
import { manualSeed } from "../../core/tensor/seed.ts";
import golden from "../golden/rng.json" with { type: "json" };

const sha256 = (data: NodeJS.ArrayBufferView): string => createHash("sha256").update(data).digest("hex");

Deno.test("Generator.uniform() gives torch's float32 bits over whole and shifted ranges", () => {
  for (const c of golden.uniform) {
    const values = new Generator(c.seed).uniform(c.count, c.low, c.high);
    assert.deepEqual([...values.subarray(0, 8)], c.first);
    assert.equal(sha256(values), c.sha256, `seed ${c.seed}, ${c.low} to ${c.high}`);
  }
});

Deno.test("Generator.double() gives torch's float64 uniforms", () => {
  for (const c of golden.double) {
    const generator = new Generator(c.seed);
    assert.deepEqual(c.values.map(() => generator.double()), c.values);
  }
});

Deno.test("Generator.normal() gives torch's bits below and above 16 values, and in the redrawn tail", () => {
  for (const c of golden.normal) {
    const values = new Generator(c.seed).normal(c.count, c.mean, c.std);
    assert.deepEqual([...values.subarray(0, c.first.length)], c.first);
    assert.equal(sha256(values), c.sha256, `seed ${c.seed}, ${c.count} values`);
  }
});

Deno.test("Generator.randint() equals torch in ranges that take 32 and 64 bits a draw", () => {
  for (const c of golden.randint) {
    assert.deepEqual(new Generator(c.seed).randint(c.low, c.high, c.values.length), c.values);
  }
});

Deno.test("Generator.randint() refuses an empty range", () => {
  assert.throws(() => new Generator(0).randint(3, 3, 1), ValueError);
});

Deno.test("Generator.randperm() equals torch", () => {
  for (const c of golden.randperm) {
    const order = new Generator(c.seed).randperm(c.count);
    assert.deepEqual([...order.subarray(0, 10)], c.first);
    assert.equal(sha256(order), c.sha256);
  }
});

Deno.test("Generator.bernoulli() compares float64 uniforms with p", () => {
  for (const c of golden.bernoulli) {
    assert.deepEqual([...new Generator(c.seed).bernoulli(c.values.length, c.p)], c.values);
  }
});

Deno.test("Generator.random64() gives torch's 63-bit integers", () => {
  for (const c of golden.random64) {
    const generator = new Generator(c.seed);
    assert.deepEqual(c.values.map(() => String(generator.random64())), c.values);
  }
});

Deno.test("Generator.seed() uses the low 32 bits of a seed", () => {
  for (const c of golden.seeds) {
    assert.deepEqual([...new Generator(BigInt(c.seed)).uniform(2)], c.first);
  }
  assert.throws(() => new Generator(0.5), ValueError);
});

Deno.test("Generator keeps the spare normal value and torch's state bytes through mixed draws", () => {
  const generator = new Generator(golden.interleaved.seed);
  for (const step of golden.interleaved.steps) {
    const values = step.draw === "normal" ? generator.normal(step.count) : generator.uniform(step.count);
    assert.equal(values.at(-1), step.last);
    assert.equal(sha256(generator.state()), step.state_sha256);
  }
});

Deno.test("Generator.setState() continues the stream, spare normal value included", () => {
  const generator = new Generator(5);
  generator.normal(3);
  const copy = new Generator(0).setState(generator.state());
  const clone = generator.clone();
  const expected = [...generator.normal(5), ...generator.uniform(900)];
  assert.deepEqual([...copy.normal(5), ...copy.uniform(900)], expected);
  assert.deepEqual([...clone.normal(5), ...clone.uniform(900)], expected);
});

Deno.test("Generator.setState() refuses bytes that are no state", () => {
  assert.throws(() => new Generator(0).setState(new Uint8Array(16)), CheckpointError);
  assert.throws(() => new Generator(0).setState(new Uint8Array(5056)), CheckpointError);
});

Deno.test("manualSeed() restarts the default generator", () => {
  manualSeed(42);
  const first = [...defaultGenerator.uniform(4)];
  manualSeed(42);
  assert.deepEqual([...defaultGenerator.uniform(4)], first);
});

Deno.test("manualSeed() seeds the device's stream too, and starts it anew", () => {
  manualSeed(7);
  assert.deepEqual(philoxState(), { seed: 7n, calls: 0 });
});

Deno.test("defaultGenerator starts differently in each process", async () => {
  const seed = async (): Promise<string> => {
    const url = new URL("../../core/tensor/rng.ts", import.meta.url).href;
    const code =
      `import { defaultGenerator } from "${url}"; console.log(String(defaultGenerator.initialSeed))`;
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] })
      .output();
    return new TextDecoder().decode(stdout);
  };
  const first = await seed();
  assert.ok(/^\d+\n$/.test(first));
  assert.notEqual(first, await seed());
});
