import assert from "node:assert/strict";
import { capture, currentDevice, schedulesCompiled, scope, tensor } from "../../core/tensor/mod.ts";
import { eachDevice } from "../support/tensors.ts";

/** Sizes that have not occurred before. */
let size = 3;

async function doubledSum(length: number): Promise<number> {
  const sum = scope(() => tensor(new Float32Array(length).fill(1)).mul(2).sum());
  const value = await sum.item();
  sum.dispose();
  return value;
}

eachDevice(
  "schedules of sizes that never come again are dropped, those in use are not",
  async () => {
    const device = currentDevice();
    const first = size++;
    const step = capture(() => sumOfTwos(first));
    for (let i = 0; i < 3; i++) step(null).dispose();
    await doubledSum(first);
    const before = device.stats.liveBuffers;
    for (let i = 0; i < 520; i++) assert.equal(await doubledSum(size), 2 * size++);
    assert.equal(device.stats.liveBuffers, before);
    const compiled = schedulesCompiled();
    assert.equal(await doubledSum(size - 1), 2 * (size - 1));
    assert.equal(schedulesCompiled(), compiled, "the newest schedule is still there");
    assert.equal(await doubledSum(first), 2 * first);
    assert.equal(
      schedulesCompiled(),
      compiled + 1,
      "the oldest one is compiled anew",
    );
    const replayed = step(null);
    assert.equal(await replayed.item(), 2 * first, "a captured step keeps its schedule");
    assert.ok(step.replays >= 2);
    replayed.dispose();
    step.dispose();
  },
);

function sumOfTwos(length: number) {
  return tensor(new Float32Array(length).fill(2)).sum();
}
