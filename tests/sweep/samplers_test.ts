import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { CheckpointError, OptionError } from "../../core/errors.ts";
import { Float } from "../../core/config/scalar.ts";
import { RandomState } from "../../core/sweep/numeric/random_state.ts";
import { CMA } from "../../core/sweep/samplers/cma.ts";
import { cmaText, parseCma } from "../../core/sweep/samplers/cma_pickle.ts";
import { CmaEsSampler } from "../../core/sweep/samplers/cmaes_sampler.ts";
import { GridSampler } from "../../core/sweep/samplers/grid_sampler.ts";
import { hypervolume } from "../../core/sweep/samplers/hypervolume.ts";
import { NSGAIISampler } from "../../core/sweep/samplers/nsgaii_sampler.ts";
import { RandomSampler } from "../../core/sweep/samplers/random_sampler.ts";
import { TPESampler } from "../../core/sweep/samplers/tpe_sampler.ts";
import { intUniform } from "../../core/sweep/study/distribution.ts";
import { FloatArray, pickle } from "../../core/sweep/study/pickle.ts";
import { createStudy, type Study } from "../../core/sweep/study/study.ts";
import type { Trial } from "../../core/sweep/study/trial.ts";
import { unpickle } from "../../core/sweep/study/unpickle.ts";

const quiet = { warning: () => {} };

function ellipse(trial: Trial): number {
  return trial.suggestFloat("x", -5, 5) ** 2 + 10 * (trial.suggestFloat("y", -5, 5) - 1) ** 2;
}

Deno.test("TPESampler and CmaEsSampler find a valley that random search does not", () => {
  const best = (study: Study): number => {
    study.optimize((trial) => {
      return [0, 1, 2, 3].reduce(
        (sum, i) => sum + (i + 1) * (trial.suggestFloat(`x${i}`, -5, 5) - i / 2) ** 2,
        0,
      );
    }, { nTrials: 150 });
    return study.bestTrial.values![0]!;
  };
  const random = best(createStudy({ sampler: new RandomSampler({ seed: 1 }), log: quiet }));
  ok(best(createStudy({ sampler: new TPESampler({ seed: 1 }), log: quiet })) < random / 4);
  ok(best(createStudy({ sampler: new CmaEsSampler({ seed: 1 }), log: quiet })) < random / 40);
});

Deno.test("Samplers draw anew without a seed", () => {
  const makers = [RandomSampler, TPESampler, NSGAIISampler, CmaEsSampler];
  for (const Sampler of makers) {
    const draw = () => createStudy({ sampler: new Sampler({}), log: quiet }).ask().suggestFloat("x", 0, 1);
    ok(draw() !== draw());
  }
});

Deno.test("TPESampler draws with no trial to learn from, and with one of several objectives", () => {
  for (const directions of [["minimize"], ["minimize", "maximize"]] as const) {
    const study = createStudy({
      sampler: new TPESampler({ seed: 1, nStartupTrials: 0 }),
      directions,
      log: quiet,
    });
    study.optimize((trial) => directions.map(() => trial.suggestFloat("x", 0, 1)), { nTrials: 5 });
    ok(study.trials.every(({ params }) => Number(params.get("x")) >= 0));
  }
});

Deno.test("TPESampler warns of a parameter that it cannot draw together with the others, unless told not to", () => {
  const warnings = (warnIndependentSampling: boolean): number => {
    let count = 0;
    const study = createStudy({
      sampler: new TPESampler({ seed: 1, multivariate: true, nStartupTrials: 2, warnIndependentSampling }),
      log: { warning: () => void count++ },
    });
    study.optimize((trial) => trial.suggestFloat(`x${trial.number}`, 0, 1), { nTrials: 4 });
    return count;
  };
  deepStrictEqual([warnings(true), warnings(false)], [0, 0]);
  let seen = "";
  const study = createStudy({
    sampler: new TPESampler({ seed: 1, multivariate: true, nStartupTrials: 1 }),
    log: { warning: (message) => void (seen = message) },
  });
  study.optimize((trial) => {
    const x = trial.suggestFloat("x", 0, 1);
    return trial.number < 2 ? x : x + trial.suggestFloat("y", 0, 1);
  }, { nTrials: 5 });
  ok(seen.startsWith("The parameter 'y' of trial#"), seen);
});

Deno.test("Samplers refuse options that they cannot use", () => {
  throws(() => new TPESampler({ nEiCandidates: 0 }), OptionError);
  throws(() => new TPESampler({ group: true } as object), /has no option "group"/);
  throws(() => new NSGAIISampler({ populationSize: 1 }), OptionError);
  for (const option of ["mutationProb", "crossoverProb", "swappingProb"]) {
    throws(() => new NSGAIISampler({ [option]: 1.5 }), /probability from 0 to 1/);
  }
  throws(() => new CmaEsSampler({ restartStrategy: "bipop" as "ipop" }), OptionError);
  throws(() => new CmaEsSampler({ sourceTrials: [], sigma0: 1 }), OptionError);
  throws(() => new CmaEsSampler({ sourceTrials: [], useSeparableCma: true }), OptionError);
  throws(() => new RandomSampler({ seed: -1 }), OptionError);
});

Deno.test("CmaEsSampler says what x0 and source trials lack", () => {
  const run = (sampler: CmaEsSampler) => {
    createStudy({ sampler, log: quiet }).optimize(ellipse, { nTrials: 3 });
  };
  throws(() => run(new CmaEsSampler({ x0: { x: 1 } })), /x0 has no value for y/);
  throws(
    () => run(new CmaEsSampler({ sourceTrials: [] })),
    /needs 10 source trials of the same parameters, and got 0/,
  );
});

Deno.test("NSGAIISampler refuses constraints of changing number", () => {
  const sampler = new NSGAIISampler({
    seed: 1,
    populationSize: 2,
    constraintsFunc: ({ number }) => number === 0 ? [1] : [1, 2],
  });
  const study = createStudy({ sampler, directions: ["minimize", "minimize"], log: quiet });
  throws(
    () => study.optimize((trial) => [trial.suggestFloat("x", 0, 1), trial.number], { nTrials: 4 }),
    /different numbers of constraints/,
  );
});

Deno.test("GridSampler tries every point once, in an order that its random numbers say, and stops", () => {
  const searchSpace = { b: ["q", "p"], a: [2, 1, 3] };
  const study = createStudy({ sampler: new GridSampler({ searchSpace, random: () => 0 }), log: quiet });
  study.optimize((trial) => {
    const a = trial.suggest("a", intUniform(1, 3)) as number;
    trial.suggestCategorical("b", ["p", "q"]);
    return a;
  }, { nTrials: 99 });
  const points = study.trials.map(({ params }) => `${params.get("a")}${params.get("b")}`);
  deepStrictEqual(points, ["1p", "1q", "2p", "2q", "3p", "3q"]);
});

Deno.test("GridSampler shares a grid among running trials and tries one again when all are taken", () => {
  const warnings: string[] = [];
  const study = createStudy({
    sampler: new GridSampler({ searchSpace: { a: [1, 2] }, random: () => 0 }),
    log: { warning: (message) => void warnings.push(message) },
  });
  const ask = () => {
    const trial = study.ask();
    return { trial, a: trial.suggestInt("a", 1, 2) };
  };
  const [first, second, third] = [ask(), ask(), ask()];
  deepStrictEqual([first.a, second.a, third.a], [1, 2, 1]);
  for (const { trial } of [first, second, third]) study.tell(trial, [0]);
  strictEqual(ask().a, 1);
  deepStrictEqual(warnings, ["Every point of the grid has been tried, so one is tried again."]);
});

Deno.test("GridSampler refuses what it cannot sort, too many points and parameters that it does not have", () => {
  throws(() => new GridSampler({ searchSpace: { a: [1, "b"] } }), /values of a cannot be sorted: 1, 'b'/);
  const many = Array.from({ length: 1001 }, (_, i) => i);
  throws(() => new GridSampler({ searchSpace: { a: many, b: many } }), /The grid has 1002001 points/);
  const trial = createStudy({ sampler: new GridSampler({ searchSpace: { a: [1] } }), log: quiet }).ask();
  throws(() => trial.suggestFloat("b", 0, 1), /parameter name, b, is not found in the given grid/);
});

Deno.test("hypervolume() equals the share of random points that are dominated, in two to four objectives", () => {
  const random = new RandomState(1);
  for (const size of [2, 3, 4]) {
    const points = Array.from({ length: 8 }, () => Array.from({ length: size }, () => random.rand()));
    let hits = 0;
    const draws = 40_000;
    for (let i = 0; i < draws; i++) {
      const at = Array.from({ length: size }, () => random.rand());
      if (points.some((point) => point.every((value, k) => value <= at[k]!))) hits++;
    }
    const volume = hypervolume(points, new Array<number>(size).fill(1));
    ok(Math.abs(volume - hits / draws) < 0.01, `${size}: ${volume} against ${hits / draws}`);
  }
});

Deno.test("CMA goes on from its pickled text as if it had not been put away", () => {
  const options = { mean: [0.5, 1, 2], sigma: 0.3, low: [0, 0, 1], high: [1, 2, 3] };
  const generation = (cma: CMA, random: RandomState) => {
    const points = Array.from({ length: cma.populationSize }, () => cma.ask(random));
    cma.tell(points.map((point) => ({ point, loss: point.reduce((sum, x) => sum + x * x, 0) })));
  };
  const [a, b] = [new RandomState(1), new RandomState(1)];
  const kept = new CMA(options);
  let moved = new CMA(options);
  for (let i = 0; i < 6; i++) {
    generation(kept, a);
    generation(moved, b);
    moved = parseCma(cmaText(moved));
  }
  const point = kept.ask(a);
  ok(moved.ask(b).every((x, i) => Math.abs(x - point[i]!) < 1e-9));
  deepStrictEqual(moved.generation, 6);
  deepStrictEqual(moved.rates, kept.rates);
});

Deno.test("unpickle() reads back what pickle() writes, and nothing that would have to be run", () => {
  const object = {
    type: "a.b.C",
    state: new Map<string, null | boolean | number | Float | string | FloatArray>([
      ["none", null],
      ["flags", true],
      ["count", -7],
      ["rate", new Float(1)],
      ["text", "é"],
      ["row", new FloatArray([1, 2.5])],
      ["matrix", new FloatArray([1, 2, 3, 4, 5, 6], [2, 3])],
    ]),
  };
  deepStrictEqual(unpickle(pickle(object)), object);
  const call = new TextEncoder().encode("cos\nsystem\n(X\x02\x00\x00\x00lstR.");
  throws(() => unpickle(call), /pickle holds a call of os\.system/);
  throws(() => unpickle(new Uint8Array([0x80, 4])), CheckpointError);
});
