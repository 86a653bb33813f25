import assert from "node:assert/strict";
import { capture, dynamic, hostEffect, scope, tensor, variable } from "../../core/tensor/mod.ts";
import { logsumexp } from "../../core/ops/mod.ts";
import { useReference } from "../support/reference_device.ts";

Deno.test("scope() keeps what it returns, also where a dropped tensor shows the same value", async () => {
  useReference();
  const kept = scope(() => {
    const x = tensor([1, 2]).mul(3);
    return x.detach();
  });
  assert.deepEqual([...await kept.data()], [3, 6]);
});

Deno.test("scope() frees what it does not return", async () => {
  const device = useReference();
  const before = device.stats.liveBuffers;
  const y = scope(() => logsumexp(tensor([0, 0]).mul(2)));
  assert.equal(device.stats.liveBuffers, before + 1);
  assert.ok(Math.abs(await y.item() - Math.log(2)) < 1e-6);
  y.dispose();
  assert.equal(device.stats.liveBuffers, before);
});

Deno.test("a tensor used after its scope says how to keep it", () => {
  useReference();
  let leaked = tensor([1]);
  scope(() => {
    leaked = tensor([1]).mul(2);
  });
  assert.throws(() => leaked.add(1), {
    name: "FulgurError",
    message: "A tensor of shape [1] is used after its scope ended\n  where: Tensor\n" +
      "  fix: return it from the scope, or call keep(tensor) inside",
  });
});

Deno.test("a value recorded before an update keeps the memory that it was recorded with", async () => {
  useReference();
  const w = variable([1, 2]);
  const doubled = w.mul(2);
  w.assign(w.add(10));
  assert.deepEqual([...await w.data()], [11, 12]);
  assert.deepEqual([...await doubled.data()], [2, 4]);
});

Deno.test("capture() replays from the third call on, with new inputs, dynamic numbers and host effects", async () => {
  const device = useReference();
  const total = variable([0]);
  let calls = 0;
  let ran = 0;
  const step = capture(({ x }: { x: ReturnType<typeof tensor> }) => {
    ran++;
    hostEffect(() => calls++);
    total.assign(total.add(x.mul(dynamic(() => calls))));
    return { doubled: x.mul(2) };
  });
  const seen: number[] = [];
  for (let i = 1; i <= 5; i++) {
    const { doubled } = step({ x: tensor([i]) });
    seen.push(await doubled.item());
  }
  assert.deepEqual(seen, [2, 4, 6, 8, 10]);
  assert.equal(await total.item(), 1 + 4 + 9 + 16 + 25);
  assert.deepEqual([ran, calls, step.replays], [2, 5, 3]);
  assert.ok(device.stats.submits >= 5);
});

Deno.test("capture() refuses a step that reads in between", () => {
  useReference();
  const step = capture((x: ReturnType<typeof tensor>) => {
    const y = x.mul(2);
    y.realize();
    return y;
  });
  assert.throws(() => step(tensor([1])), /A captured step computes values before it ends/);
});

Deno.test("a variable's cached view does not let go of a waiting update", async () => {
  useReference();
  const w = variable([1]);
  w.assign(w.add(1));
  assert.equal(await w.mul(1).item(), 2);
  w.assign(w.add(1));
  w.assign(w.add(1));
  const read = w.mul(10);
  w.assign(w.add(1));
  assert.equal(await read.item(), 40);
  assert.equal(await w.item(), 5);
});
