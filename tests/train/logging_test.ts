import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import golden from "../golden/train.json" with { type: "json" };
import type { Batch } from "../../core/batch.ts";
import { LearningRateMonitor } from "../../core/callbacks/mod.ts";
import { CSVLogger } from "../../core/loggers/mod.ts";
import { SGD, StepLR } from "../../core/optim/mod.ts";
import { full, ones, type Tensor, tensor } from "../../core/tensor/mod.ts";
import type { Run } from "../../core/train/callback.ts";
import type { OptimizerConfig } from "../../core/train/lit_module_hooks.ts";
import { BaseTrainer } from "../../core/train/trainer.ts";
import { batchesOf, lineBatches, ToyModule } from "../support/toy.ts";
import { tempFolder } from "../support/temp_folder.ts";

class LoggingModule extends ToyModule {
  constructor() {
    super();
    this.layer.weight.assign(tensor([[0.25, -0.5]]));
    this.layer.bias!.assign(tensor([0.125]));
  }

  override trainingStep(batch: Batch, batchIdx: number, run: Run): Tensor | Batch | null {
    run.log("a", batchIdx, { onStep: true, onEpoch: true, batchSize: 1 });
    return super.trainingStep(batch, batchIdx, run);
  }

  override validationStep(_batch: Batch, _batchIdx: number, run: Run): void {
    run.log("v", 2, { batchSize: 1 });
  }

  override testStep(batch: Batch, _batchIdx: number, run: Run): void {
    run.log("t", this.loss(batch), { batchSize: 4 });
  }

  override configureOptimizers(): OptimizerConfig {
    const optimizer = new SGD({ params: this.parameters(), lr: 0.1, momentum: 0.9 });
    return { optimizer, lrScheduler: new StepLR({ optimizer, stepSize: 1, gamma: 0.5 }) };
  }
}

function quiet(trainer: BaseTrainer): BaseTrainer {
  trainer.run.setPrinter(() => {});
  return trainer;
}

/** Splits a CSV into cells; numbers may differ in the last digits of an f32. */
function cellsOf(text: string): string[][] {
  return text.split("\r\n").map((line) => line.split(","));
}

Deno.test("Trainer writes the rows that Lightning's CSVLogger writes", async () => {
  const folder = await tempFolder();
  const logger = new CSVLogger({ saveDir: folder, name: "csv/" });
  const trainer = quiet(
    new BaseTrainer({
      accelerator: "cpu",
      logger,
      maxEpochs: 2,
      logEveryNSteps: 3,
      callbacks: [new LearningRateMonitor()],
    }),
  );
  const module = new LoggingModule();
  await trainer.fit(module, { trainDataloaders: lineBatches(4), valDataloaders: lineBatches(1) });
  const metrics = trainer.callbackMetrics as Record<string, number>;
  const expectedMetrics = golden.csv.afterFit as Record<string, number>;
  deepStrictEqual(Object.keys(metrics).sort(), Object.keys(expectedMetrics).sort());
  for (const name of ["a", "a_step", "v", "a_epoch"]) strictEqual(metrics[name], expectedMetrics[name]);
  await trainer.test(module, { dataloaders: lineBatches(2), verbose: false });
  strictEqual(logger.logDir, `${folder}/${golden.csv.dir}`);
  const actual = cellsOf(await Deno.readTextFile(`${folder}/${golden.csv.dir}/metrics.csv`));
  const expected = cellsOf(golden.csv.text);
  const [header] = expected;
  const computed = [header!.indexOf("t"), header!.indexOf("train/loss")];
  const exact = (rows: string[][]) =>
    rows.map((row) => row.filter((_, column) => !computed.includes(column)));
  deepStrictEqual(exact(actual), exact(expected));
  for (const column of computed) {
    actual.slice(1, -1).forEach((row, index) => {
      const want = expected[index + 1]![column]!;
      strictEqual(row[column] === "", want === "");
      strictEqual(Math.abs(Number(row[column]) - Number(want)) < 1e-6, true, `${row[column]} ≠ ${want}`);
    });
  }
});

Deno.test("Run.log weighs a mean by batch size and reduces by min, max and sum, as Lightning does", async () => {
  class Reducing extends ToyModule {
    override validationStep(batch: Batch, _batchIdx: number, run: Run): void {
      const value = (batch.x as Tensor).mean();
      run.log("mean", value);
      run.log("min", value, { reduceFx: "min" });
      run.log("max", value, { reduceFx: "max" });
      run.log("sum", value, { reduceFx: "sum" });
    }
  }
  const source = batchesOf((index) => ({ x: index === 0 ? ones([3, 1]) : full([1, 1], 5) }), 2);
  const trainer = quiet(new BaseTrainer({ accelerator: "cpu" }));
  const [metrics] = await trainer.validate(new Reducing(), { dataloaders: source, verbose: false });
  deepStrictEqual({ ...metrics }, golden.weightedMean);
});

Deno.test("Trainer.test names metrics by loader where there are several", async () => {
  class Named extends ToyModule {
    override testStep(batch: Batch, _batchIdx: number, run: Run): void {
      run.log("x", (batch.x as Tensor).mean());
    }
  }
  const loader = (...values: number[]) =>
    batchesOf((index) => ({ x: full([2, 1], values[index]!) }), values.length);
  const trainer = quiet(new BaseTrainer({ accelerator: "cpu" }));
  const results = await trainer.test(new Named(), {
    dataloaders: [loader(1, 2), loader(0.5)],
    verbose: false,
  });
  deepStrictEqual(results.map((result) => ({ ...result })), golden.twoLoaders);
});

/** Validates a module whose step does nothing but log. */
async function logging(step: (run: Run, batch: Batch) => void): Promise<void> {
  class Module extends ToyModule {
    override validationStep(batch: Batch, _batchIdx: number, run: Run): void {
      step(run, batch);
    }
  }
  await quiet(new BaseTrainer({ accelerator: "cpu" })).validate(new Module(), {
    dataloaders: lineBatches(1),
  });
}

Deno.test("Run.log refuses a tensor with several elements", async () => {
  await rejects(() => logging((run, batch) => run.log("x", batch.x as Tensor)), {
    message: [
      'log("x") was given a tensor of shape [4, 2]',
      '  where: log("x")',
      "  fix: log one number: reduce it first, for example with mean()",
    ].join("\n"),
  });
});

Deno.test("Run.log refuses one name with two sets of options in one hook", async () => {
  const twice = (run: Run) => {
    run.log("x", 1);
    run.log("x", 1, { progBar: true });
  };
  await rejects(() => logging(twice), /You called log\("x"\) twice in validationStep with different options/);
});

Deno.test("Run.log refuses hooks that cannot log", async () => {
  class Module extends ToyModule {
    onValidationEnd(run: Run): void {
      run.log("x", 1);
    }
  }
  const trainer = quiet(new BaseTrainer({ accelerator: "cpu" }));
  await rejects(
    () => trainer.validate(new Module(), { dataloaders: lineBatches(1), verbose: false }),
    /You can't log\(\) inside onValidationEnd/,
  );
});

Deno.test("Run.log resets a metric object after its epoch", async () => {
  let resets = 0;
  const metric = { compute: () => tensor(3), reset: () => void resets++ };
  await logging((run) => run.log("m", metric));
  strictEqual(resets, 1);
});

Deno.test("Trainer takes a logged metric named step as the row's x value", async () => {
  const rows: [Readonly<Record<string, number>>, number][] = [];
  const logger = {
    name: "spy",
    version: "0",
    saveDir: null,
    logDir: null,
    logMetrics: (metrics: Readonly<Record<string, number>>, step: number) => void rows.push([metrics, step]),
    logHyperparams: () => {},
    save: () => {},
    finalize: () => {},
  };
  class Stepping extends ToyModule {
    override testStep(_batch: Batch, _batchIdx: number, run: Run): void {
      run.log("step", 41);
      run.log("x", 2);
    }
  }
  const trainer = quiet(new BaseTrainer({ accelerator: "cpu", logger }));
  await trainer.test(new Stepping(), { dataloaders: lineBatches(1), verbose: false });
  deepStrictEqual(rows, [[{ epoch: 0, x: 2 }, 41]]);
});
