import assert from "node:assert/strict";
import { CheckpointError, OptionError, ValueError } from "../../core/errors.ts";
import * as optim from "../../core/optim/mod.ts";
import golden from "../golden/optim.json" with { type: "json" };

interface Group {
  lr: number;
  initialLr?: number;
  momentum?: number;
  betas?: readonly [number, number];
}

interface Steppable {
  step(): void;
  getLastLr(): number[];
  stateDict(): optim.SchedulerState;
  loadStateDict(state: optim.SchedulerState): void;
}

type Case = (typeof golden.schedules)[number];

function optimizerOf(c: Case): { paramGroups: Group[] } {
  return { paramGroups: [c.adam ? { lr: c.base, betas: [0.9, 0.999] } : { lr: c.base, momentum: 0.9 }] };
}

function build(c: Case, optimizer: { paramGroups: Group[] }): Steppable {
  const lrLambda = (epoch: number) => 1 / (epoch + 1);
  const exponential = () => new optim.ExponentialLR({ optimizer, gamma: 0.9 });
  const constant = () => new optim.ConstantLR({ optimizer, factor: 0.1, totalIters: 2 });
  switch (c.scheduler) {
    case "LambdaLR":
      return new optim.LambdaLR({ optimizer, lrLambda });
    case "MultiplicativeLR":
      return new optim.MultiplicativeLR({ optimizer, lrLambda });
    case "Sequential constant exponential":
      return new optim.SequentialLR({ optimizer, schedulers: [constant(), exponential()], milestones: [2] });
    case "Sequential linear cosine": {
      const linear = new optim.LinearLR({ optimizer, startFactor: 0.1, endFactor: 1, totalIters: 3 });
      const cosine = new optim.CosineAnnealingLR({ optimizer, tMax: 4 });
      return new optim.SequentialLR({ optimizer, schedulers: [linear, cosine], milestones: [3] });
    }
    case "Chained constant exponential":
      return new optim.ChainedScheduler({ schedulers: [constant(), exponential()] });
    default: {
      const constructors = optim as unknown as Record<string, new (options: object) => Steppable>;
      return new constructors[c.scheduler]!({ optimizer, ...c.options });
    }
  }
}

function assertRate(actual: number, expected: number, label: string): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${label}: ${actual}, not ${expected}`,
  );
}

for (const c of golden.schedules) {
  const title = `${c.scheduler} ${JSON.stringify(c.options)}`;

  Deno.test(`${title} gives torch's rates over ${c.lrs.length - 1} steps`, () => {
    const optimizer = optimizerOf(c);
    const [group] = optimizer.paramGroups as [Group];
    const scheduler = build(c, optimizer);
    for (const [i, expected] of c.lrs.entries()) {
      assertRate(group.lr, expected, `rate ${i}`);
      assertRate(group.betas?.[0] ?? group.momentum!, c.moments[i]!, `momentum ${i}`);
      if (i === c.lrs.length - 1) break;
      if (i === c.outside) group.lr *= 2;
      scheduler.step();
      assert.equal(scheduler.getLastLr()[0], group.lr);
    }
  });

  Deno.test(`${title} continues from its state as JSON`, () => {
    const optimizer = optimizerOf(c);
    const scheduler = build(c, optimizer);
    const half = Math.floor((c.lrs.length - 1) / 2);
    for (let i = 0; i < half; i++) scheduler.step();
    const other = optimizerOf(c);
    const resumed = build(c, other);
    resumed.loadStateDict(JSON.parse(JSON.stringify(scheduler.stateDict())));
    other.paramGroups[0] = structuredClone(optimizer.paramGroups[0]!);
    for (let i = half; i < c.lrs.length - 1; i++) {
      scheduler.step();
      resumed.step();
      assert.deepEqual(other.paramGroups, optimizer.paramGroups);
    }
  });
}

for (const c of golden.plateaus) {
  Deno.test(`ReduceLROnPlateau ${JSON.stringify(c.options)} gives torch's rates and state, resumed half-way`, () => {
    const optimizer = { paramGroups: [{ lr: c.base }] };
    const options = c.options as Partial<optim.ReduceLROnPlateauOptions>;
    let scheduler = new optim.ReduceLROnPlateau({ optimizer, ...options });
    for (const [i, text] of c.values.entries()) {
      if (i === Math.floor(c.values.length / 2)) {
        const state = JSON.parse(JSON.stringify(scheduler.stateDict()));
        scheduler = new optim.ReduceLROnPlateau({ optimizer, ...options });
        scheduler.loadStateDict(state);
      }
      scheduler.step(Number(text));
      assertRate(optimizer.paramGroups[0]!.lr, c.lrs[i]!, `rate after value ${i}`);
    }
    const { best, num_bad_epochs, cooldown_counter, last_epoch } = scheduler.stateDict();
    assert.deepEqual({ best, num_bad_epochs, cooldown_counter, last_epoch }, c.state);
  });
}

Deno.test("ReduceLROnPlateau that has seen nothing survives JSON", () => {
  const optimizer = { paramGroups: [{ lr: 1 }] };
  const scheduler = new optim.ReduceLROnPlateau({ optimizer });
  scheduler.loadStateDict(JSON.parse(JSON.stringify(scheduler.stateDict())));
  assert.equal(scheduler.best, Infinity);
});

Deno.test("LRScheduler gives every group its own rate", () => {
  const optimizer = { paramGroups: [{ lr: 1 }, { lr: 10 }] };
  new optim.ExponentialLR({ optimizer, gamma: 0.5 }).step();
  assert.deepEqual(optimizer.paramGroups.map((group) => group.lr), [0.5, 5]);
});

Deno.test("schedulers take torch's spelling of options", () => {
  const optimizer = { paramGroups: [{ lr: 1 }] };
  const options = { optimizer, T_max: 2, eta_min: 0.5 } as unknown as optim.CosineAnnealingLROptions;
  const scheduler = new optim.CosineAnnealingLR(options);
  assert.deepEqual([scheduler.tMax, scheduler.etaMin], [2, 0.5]);
});

Deno.test("schedulers refuse settings that cannot work", () => {
  const optimizer = { paramGroups: [{ lr: 1 }] };
  assert.throws(() => new optim.StepLR({ optimizer, stepSize: 0 }), OptionError);
  assert.throws(() => new optim.ReduceLROnPlateau({ optimizer, factor: 1 }), OptionError);
  assert.throws(() => new optim.OneCycleLR({ optimizer, maxLr: 1 }), OptionError);
  assert.throws(() => new optim.OneCycleLR({ optimizer, maxLr: 1, totalSteps: 5 }), OptionError);
  assert.throws(() => new optim.SequentialLR({ optimizer, schedulers: [], milestones: [] }), OptionError);
  assert.throws(() => new optim.LambdaLR({ optimizer, lrLambda: [] }), OptionError);
  assert.throws(() => new optim.StepLR({ optimizer, stepSize: 1 }).loadStateDict({}), CheckpointError);
});

Deno.test("OneCycleLR without a length says what to give, as YAML spells it", () => {
  const optimizer = { paramGroups: [{ lr: 1 }] };
  assert.throws(
    () => new optim.OneCycleLR({ optimizer, maxLr: 1 }),
    /give total_steps, or epochs and steps_per_epoch, as whole numbers from 1 up/,
  );
});

Deno.test("OneCycleLR refuses to be stepped beyond its cycle", () => {
  const optimizer = { paramGroups: [{ lr: 1 }] };
  const scheduler = new optim.OneCycleLR({ optimizer, maxLr: 1, totalSteps: 3, cycleMomentum: false });
  for (let i = 0; i < 3; i++) scheduler.step();
  assert.throws(() => scheduler.step(), ValueError);
});
