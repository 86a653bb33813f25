import assert from "node:assert/strict";
import { gelu, logSoftmax, softmax, standardise } from "../../core/ops/mod.ts";
import { scope, type Tensor, tensor, variable } from "../../core/tensor/mod.ts";
import { useReference } from "../support/reference_device.ts";

function matrix(): Tensor {
  return tensor(Array.from({ length: 12 }, (_, i) => Math.sin(i)), { shape: [3, 4] });
}

/** Kernels that one step takes. */
function launchesOf(step: () => unknown): number {
  const device = useReference();
  const before = device.stats.launches;
  scope(step);
  return device.stats.launches - before;
}

Deno.test("plan() makes one kernel of an elementwise chain", () => {
  assert.equal(launchesOf(() => gelu(matrix().mul(2).add(1)).sub(tensor([1, 2, 3, 4])).exp()), 1);
});

Deno.test("plan() makes one kernel of softmax", () => {
  assert.equal(launchesOf(() => softmax(matrix(), { dim: 1 })), 1);
});

Deno.test("plan() makes one kernel of logSoftmax", () => {
  assert.equal(launchesOf(() => logSoftmax(matrix(), { dim: 1 })), 1);
});

Deno.test("plan() makes one kernel of a layer norm's forward pass", () => {
  assert.equal(launchesOf(() => standardise(matrix(), [1], 1e-5).value.mul(2).add(1)), 1);
});

Deno.test("plan() makes one kernel of a batch norm's forward pass over short columns", () => {
  assert.equal(launchesOf(() => standardise(matrix(), [0], 1e-5).value.mul(2).add(1)), 1);
});

Deno.test("plan() walks long columns only once in a kernel", () => {
  const x = tensor(new Float32Array(257 * 4), { shape: [257, 4] });
  assert.equal(launchesOf(() => standardise(x, [0], 1e-5).value.mul(2).add(1)), 2);
});

Deno.test("plan() makes one kernel of an update of several flat arenas", () => {
  const [p, m, v] = [variable([1, 2, 3]), variable([0, 0, 0]), variable([0, 0, 0])];
  const g = tensor([1, -1, 2]);
  const launches = launchesOf(() => {
    const m1 = m.mul(0.9).add(g.mul(0.1));
    const v1 = v.mul(0.999).add(g.square().mul(0.001));
    m.assign(m1);
    v.assign(v1);
    p.assign(p.sub(m1.div(v1.sqrt().add(1e-8)).mul(0.01)));
  });
  assert.equal(launches, 1);
});

Deno.test("assign() of two variables to each other's value swaps them", async () => {
  useReference();
  const [a, b] = [variable([1, 2]), variable([3, 4])];
  scope(() => {
    const [oldA, oldB] = [a.mul(1), b.mul(1)];
    a.assign(oldB);
    b.assign(oldA);
  });
  assert.deepEqual([[...await a.data()], [...await b.data()]], [[3, 4], [1, 2]]);
});

Deno.test("assign() of a transposed view of the variable itself reads the old values", async () => {
  useReference();
  const a = variable([[1, 2], [3, 4]]);
  scope(() => a.assign(a.transpose(0, 1)));
  assert.deepEqual([...await a.data()], [1, 3, 2, 4]);
});

Deno.test("a repeated step compiles nothing after the second and keeps as many buffers after 1000 as after 10", () => {
  const device = useReference();
  const w = variable([1, 2, 3]);
  const step = (): void => scope(() => void w.assign(w.sub(softmax(w, { dim: 0 }).mul(0.1))));
  for (let i = 0; i < 10; i++) step();
  const { compiled, liveBuffers, readbacks } = device.stats;
  for (let i = 10; i < 1000; i++) step();
  assert.deepEqual({ ...device.stats, launches: 0, submits: 0 }, {
    ...device.stats,
    compiled,
    liveBuffers,
    readbacks,
    launches: 0,
    submits: 0,
  });
});
