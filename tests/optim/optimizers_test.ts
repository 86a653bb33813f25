import assert from "node:assert/strict";
import { CheckpointError, OptionError } from "../../core/errors.ts";
import { sum } from "../../core/ops/mod.ts";
import * as optim from "../../core/optim/mod.ts";
import {
  capture,
  currentDevice,
  init,
  scope,
  type StoredTensor,
  type Tensor,
  tensor,
  variable,
} from "../../core/tensor/mod.ts";
import golden from "../golden/optim.json" with { type: "json" };
import { assertCloseValues, eachDevice } from "../support/tensors.ts";

type AnyOptimizer = optim.Optimizer;
const constructors = optim as unknown as Record<string, new (options: object) => AnyOptimizer>;

interface Problem {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly c: Tensor;
}

function problem(): Problem {
  const { a, b, c } = golden.start;
  return {
    a: variable(Float32Array.from(a), { shape: [3, 4], requiresGrad: true }),
    b: variable(Float32Array.from(b), { requiresGrad: true }),
    c: tensor(Float32Array.from(c), { shape: [3, 4] }),
  };
}

/** The golden script's loss; b has no gradient on every seventh step. */
function lossOf({ a, b, c }: Problem, step: number): Tensor {
  const first = sum(c.mul(a.square().square()));
  return step % 7 === 3 ? first : first.add(sum(b.square())).add(a.mean().mul(sum(b)));
}

function trainStep(p: Problem, optimizer: AnyOptimizer, step: number): void {
  scope(() => {
    optimizer.zeroGrad();
    lossOf(p, step).backward();
    optimizer.step();
  });
}

const along = { relative: 2e-4, absolute: 2e-6 };

for (const t of golden.trajectories) {
  eachDevice(
    `${t.optimizer} ${JSON.stringify(t.options)} follows torch over 100 steps, some without a gradient`,
    async () => {
      const p = problem();
      const optimizer = new constructors[t.optimizer]!({ params: [p.a, p.b], ...t.options });
      for (let step = 0; step < 100; step++) {
        trainStep(p, optimizer, step);
        const seen = t.seen.find((s) => s.step === step);
        if (seen === undefined) continue;
        assertCloseValues(await p.a.data(), seen.a, `a after step ${step}`, along);
        assertCloseValues(await p.b.data(), seen.b, `b after step ${step}`, along);
      }
      const { state } = optimizer.stateDict();
      const expected = t.state as unknown as Record<string, Record<string, number[] | number | null>>;
      for (const [index, values] of Object.entries(expected)) {
        for (const [name, value] of Object.entries(values)) {
          if (value === null) continue;
          const own = state[index]![name] as Tensor | StoredTensor;
          const host = typeof own.data === "function" ? await own.data() : own.data;
          assertCloseValues(host, Array.isArray(value) ? value : [value], `state ${index} ${name}`, along);
        }
      }
    },
  );
}

eachDevice("Adam takes parameter groups that override options", async () => {
  const { a, b, c } = problem();
  const optimizer = new optim.Adam({
    params: [{ params: [a], lr: 0.1 }, { params: [b], weightDecay: 0.5 }],
    lr: 0.01,
  });
  for (let i = 0; i < 5; i++) {
    scope(() => {
      optimizer.zeroGrad();
      sum(c.mul(a.square())).add(sum(b.square())).backward();
      optimizer.step();
    });
  }
  assertCloseValues(await a.data(), golden.groups.a, "a");
  assertCloseValues(await b.data(), golden.groups.b, "b");
});

for (const c of golden.clips) {
  const call = c.kind === "norm" ? `clipGradNorm(${c.limit})` : `clipGradValue(${c.limit})`;
  eachDevice(`${call} changes gradients as torch does`, async () => {
    const p = problem();
    const optimizer = new optim.SGD({ params: [p.a, p.b] });
    sum(p.c.mul(p.a.square().square())).add(sum(p.b.square())).backward();
    const norm = c.kind === "norm"
      ? optim.clipGradNorm(optimizer, c.limit)
      : optim.clipGradValue(optimizer, c.limit);
    if (norm !== undefined) assertCloseValues([await norm.item()], [c.norm!], "norm");
    assertCloseValues(await p.a.grad!.data(), c.a, "gradient of a");
    assertCloseValues(await p.b.grad!.data(), c.b, "gradient of b");
  });
}

eachDevice("gradNorm() leaves out a gradient that is absent now", async () => {
  const p = problem();
  const optimizer = new optim.SGD({ params: [p.a, p.b] });
  lossOf(p, 0).backward();
  await optim.gradNorm(optimizer).item();
  optimizer.zeroGrad();
  sum(p.b.mul(2)).backward();
  assertCloseValues([await optim.gradNorm(optimizer).item()], [Math.sqrt(5 * 4)], "norm");
});

eachDevice("Optimizer.step() compiles nothing and reads nothing when the learning rate changes", () => {
  const p = problem();
  const optimizer = new optim.Adam({ params: [p.a, p.b] });
  const device = currentDevice();
  for (let step = 4; step < 7; step++) trainStep(p, optimizer, step);
  const { compiled, readbacks } = device.stats;
  for (let step = 4; step < 9; step++) {
    optimizer.paramGroups[0]!.lr *= 0.5;
    optimizer.paramGroups[0]!.betas = [0.5 + step / 100, 0.999];
    trainStep(p, optimizer, step);
  }
  assert.deepEqual([device.stats.compiled, device.stats.readbacks], [compiled, readbacks]);
});

eachDevice("Optimizer.step() is one launch over all parameters beside the backward pass", () => {
  const params = Array.from(
    { length: 12 },
    (_, i) => variable(new Float32Array(10 + i).fill(1), { requiresGrad: true }),
  );
  const optimizer = new optim.Adam({ params });
  scope(() => params.forEach((p) => p.square().sum().backward()));
  const before = currentDevice().stats.launches;
  scope(() => optimizer.step());
  assert.equal(currentDevice().stats.launches - before, 1);
});

eachDevice("Adam counts steps and follows its learning rate in a captured step", async () => {
  const plain = problem();
  const captured = problem();
  const [one, two] = [plain, captured].map((p) => new optim.Adam({ params: [p.a, p.b], lr: 0.05 }));
  const step = capture((_: Tensor) => {
    two!.zeroGrad();
    const loss = lossOf(captured, 0);
    loss.backward();
    two!.step();
    return loss;
  });
  for (let i = 0; i < 8; i++) {
    one!.paramGroups[0]!.lr = two!.paramGroups[0]!.lr = 0.05 / (i + 1);
    trainStep(plain, one!, 0);
    step(tensor([i]));
  }
  assert.ok(step.replays > 0);
  assert.deepEqual(await captured.a.data(), await plain.a.data());
  assert.deepEqual(await captured.b.data(), await plain.b.data());
  step.dispose();
});

for (const name of ["SGD", "Adam", "RMSprop"]) {
  eachDevice(`${name} continues bit for bit from its state dict`, async () => {
    const options = name === "SGD" ? { lr: 0.01, momentum: 0.9, dampening: 0.2 } : { lr: 0.01 };
    const make = (p: Problem) => new constructors[name]!({ params: [p.a, p.b], ...options });
    const p = problem();
    const optimizer = make(p);
    for (let step = 0; step < 5; step++) trainStep(p, optimizer, step);
    const saved = optimizer.stateDict();
    // As a checkpoint holds it: host arrays under names, settings as JSON.
    const state: Record<string, Record<string, StoredTensor>> = {};
    for (const [index, values] of Object.entries(saved.state)) {
      state[index] = {};
      for (const [key, value] of Object.entries(values)) {
        const own = value as Tensor | StoredTensor;
        const data = typeof own.data === "function" ? await own.data() : own.data;
        state[index]![key] = { dtype: own.dtype, shape: own.shape, data };
      }
    }
    const groups = JSON.parse(JSON.stringify(saved.param_groups));
    const copy: Problem = {
      a: variable(await p.a.data(), { shape: [3, 4], requiresGrad: true }),
      b: variable(await p.b.data(), { requiresGrad: true }),
      c: p.c,
    };
    const resumed = make(copy);
    resumed.paramGroups[0]!.lr = 7;
    resumed.loadStateDict({ state, param_groups: groups });
    for (let step = 5; step < 12; step++) {
      trainStep(p, optimizer, step);
      trainStep(copy, resumed, step);
    }
    assert.deepEqual(await copy.a.data(), await p.a.data());
    assert.deepEqual(await copy.b.data(), await p.b.data());
  });
}

eachDevice("a second optimizer over trained parameters takes them over as they are", async () => {
  const [one, two] = [problem(), problem()];
  const first = new optim.SGD({ params: [one.a, one.b], lr: 0.01 });
  for (let step = 0; step < 3; step++) trainStep(one, first, step);
  const second = new optim.SGD({ params: [one.a, one.b], lr: 0.02 });
  const whole = new optim.SGD({ params: [two.a, two.b], lr: 0.01 });
  for (let step = 0; step < 6; step++) {
    if (step >= 3) trainStep(one, second, step);
    whole.paramGroups[0]!.lr = step < 3 ? 0.01 : 0.02;
    trainStep(two, whole, step);
  }
  assert.deepEqual(await one.a.data(), await two.a.data());
  assert.deepEqual(await one.b.data(), await two.b.data());
});

eachDevice("frozen parameters are left alone, weight decay included", async () => {
  const p = problem();
  p.b.requiresGrad_(false);
  const before = await p.b.data();
  const optimizer = new optim.AdamW({ params: [p.a, p.b], lr: 0.1, weightDecay: 0.5 });
  for (let step = 0; step < 3; step++) trainStep(p, optimizer, step);
  assert.deepEqual(await p.b.data(), before);
  assert.deepEqual(Object.keys(optimizer.stateDict().state), ["0"]);
});

Deno.test("Optimizer.stateDict() names groups and settings as torch does", async () => {
  await init({ accelerator: "cpu" });
  const { a, b } = problem();
  const optimizer = new optim.AdamW({ params: [{ params: [a] }, { params: [b], lr: 0.5 }] });
  const { state, param_groups } = optimizer.stateDict();
  assert.deepEqual(state, {});
  assert.deepEqual(param_groups[1], {
    params: [1],
    lr: 0.5,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weight_decay: 0.01,
    amsgrad: false,
    maximize: false,
  });
});

Deno.test("Optimizer.loadStateDict() refuses groups and shapes that differ", () => {
  const { a, b } = problem();
  const optimizer = new optim.Adam({ params: [a, b] });
  assert.throws(
    () => optimizer.loadStateDict({ state: {}, param_groups: [{ params: [0] }] }),
    CheckpointError,
  );
  const bad: StoredTensor = { dtype: "f32", shape: [2], data: new Float32Array(2) };
  const good: StoredTensor = { dtype: "f32", shape: [3, 4], data: new Float32Array(12) };
  const lacking = { 0: { step: 1, exp_avg: good } };
  const groups = { param_groups: [{ params: [0, 1] }] };
  assert.throws(() => optimizer.loadStateDict({ state: lacking, ...groups }), CheckpointError);
  const state = { 0: { step: 1, exp_avg: bad, exp_avg_sq: bad } };
  assert.throws(
    () => optimizer.loadStateDict({ state, param_groups: [{ params: [0, 1] }] }),
    CheckpointError,
  );
});

Deno.test("Optimizer refuses no parameters, strangers, doubles, unknown options and settings out of range", () => {
  const p = () => variable([1], { requiresGrad: true });
  const twice = p();
  assert.throws(() => new optim.SGD({ params: [] }), OptionError);
  assert.throws(() => new optim.SGD({ params: [tensor([1])] }), OptionError);
  assert.throws(() => new optim.SGD({ params: [{ params: [twice] }, { params: [twice] }] }), OptionError);
  assert.throws(() => new optim.SGD({ params: [p()], lr: -1 }), OptionError);
  assert.throws(() => new optim.SGD({ params: [p()], nesterov: true }), OptionError);
  assert.throws(() => new optim.Adam({ params: [p()], betas: [1, 0.9] }), OptionError);
  assert.throws(() => new optim.Adam({ params: [p()], weight_decy: 1 } as unknown as { params: Tensor[] }), {
    message: 'optim.Adam has no option "weight_decy"\n' +
      '  fix: did you mean "weight_decay"? It takes params, lr, betas, eps, weight_decay, amsgrad, maximize',
  });
});

Deno.test("Arena keeps values, moves gradients, and holds one dtype", async () => {
  await init({ accelerator: "cpu" });
  const [a, b] = [variable([[1, 2]], { requiresGrad: true }), variable([3], { requiresGrad: true })];
  const arena = new optim.Arena([a, b]);
  assert.deepEqual([...await b.data()], [3]);
  sum(a.mul(2)).add(sum(b.mul(b))).backward();
  const grads = await arena.grads.data();
  assert.deepEqual([grads[0], grads[1], grads[2], grads[16]], [2, 2, 0, 6]);
  assert.throws(() => new optim.Arena([a, variable([1], { dtype: "i32" })]), { name: "DTypeError" });
});
