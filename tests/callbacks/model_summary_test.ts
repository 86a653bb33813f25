import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { ModelSummary, RichModelSummary } from "../../core/callbacks/model_summary.ts";
import { readableCount, summarise } from "../../core/callbacks/summary_rows.ts";
import { CriterionsComposition, MSELoss } from "../../core/losses/mod.ts";
import { SimpleDenseNet } from "../../core/nn/mod.ts";
import { SGD } from "../../core/optim/mod.ts";
import { BaseLitModule } from "../../core/train/lit_module.ts";
import { ComposeTransform, WrapTransform } from "../../core/transforms/mod.ts";
import { FakeRun } from "../support/fake_run.ts";

/** The model of the Python template's example, with its sizes. */
function example(): BaseLitModule {
  const net = new SimpleDenseNet({
    inputSize: 784,
    lin1Size: 128,
    lin2Size: 256,
    lin3Size: 64,
    outputSize: 10,
  });
  const network = new WrapTransform({ transform: net, mapping: { image: "x" }, newKey: "output" });
  return new BaseLitModule({
    forwardFn: new ComposeTransform({ network }) as unknown as BaseLitModule["forwardFn"],
    criterions: new CriterionsComposition({ criterions: { mse: new MSELoss() } }),
    optimizer: ({ params }) => new SGD({ params, lr: 0.1 }),
  });
}

Deno.test("summarise() names parts as a state dict does and counts 151,498 parameters", () => {
  const { rows, trainable, frozen, inTrainMode } = summarise(example(), -1);
  deepStrictEqual(rows.slice(0, 6).map(({ name, params }) => [name, params]), [
    ["forward_fn", 151498],
    ["forward_fn.transforms", 151498],
    ["forward_fn.transforms.network", 151498],
    ["forward_fn.transforms.network.transform", 151498],
    ["forward_fn.transforms.network.transform.model", 151498],
    ["forward_fn.transforms.network.transform.model.0", 100480],
  ]);
  deepStrictEqual([trainable, frozen, inTrainMode], [151498, 0, 15]);
});

Deno.test("summarise() with depth 1 shows the direct parts", () => {
  deepStrictEqual(summarise(example(), 1).rows.map(({ name }) => name), ["forward_fn"]);
});

Deno.test("readableCount() writes counts as Lightning does", () => {
  deepStrictEqual(
    [0, 512, 1234, 65792, 151498, 2000000, 1500000000].map(readableCount),
    ["0  ", "512  ", "1.2 K", "65.8 K", "151 K", "2.0 M", "1.5 B"],
  );
});

function printed(callback: RichModelSummary | ModelSummary): string {
  const run = new FakeRun();
  run.module = example();
  callback.onFitStart(run);
  return run.printed.join("\n");
}

Deno.test("RichModelSummary draws a table and the totals", () => {
  strictEqual(
    printed(new RichModelSummary()),
    [
      "┏━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━┓",
      "┃   ┃ Name       ┃ Type             ┃ Params ┃ Mode  ┃",
      "┡━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━┩",
      "│ 0 │ forward_fn │ ComposeTransform │  151 K │ train │",
      "└───┴────────────┴──────────────────┴────────┴───────┘",
      "Trainable params: 151 K",
      "Non-trainable params: 0",
      "Total params: 151 K",
      "Total estimated model params size (MB): 0.606",
      "Modules in train mode: 15",
      "Modules in eval mode: 0",
    ].join("\n"),
  );
});

Deno.test("summarise() gives every row a mode, and counts it", () => {
  const module = example();
  const net = Array.from(module.namedModules()).find(([name]) => name.endsWith("transform"))![1];
  net.eval();
  const { rows, inTrainMode, inEvalMode } = summarise(module, -1);
  deepStrictEqual(rows.slice(0, 4).map(({ type, mode }) => [type, mode]), [
    ["ComposeTransform", "train"],
    ["ModuleDict", "train"],
    ["WrapTransform", "train"],
    ["SimpleDenseNet", "eval"],
  ]);
  deepStrictEqual([inTrainMode, inEvalMode], [3, 12]);
});

for (const columns of [40, 60, 80, 110]) {
  Deno.test(`RichModelSummary folds names into ${columns} columns`, () => {
    const run = new FakeRun();
    run.module = example();
    const terminal = { live: true, color: false, width: () => columns, write: () => {} };
    new RichModelSummary({ maxDepth: -1 }, terminal).onFitStart(run);
    const table = run.printed[0]!.split("\n").filter((line) => /^[┏┃┡│└]/.test(line));
    deepStrictEqual([...new Set(table.map((line) => line.length))].length, 1);
    strictEqual(table[0]!.length <= columns, true, run.printed[0]);
    const names = table.map((line) => line.split("│").at(columns < 60 ? 1 : 2)?.trim() ?? "").join("");
    strictEqual(names.includes("forward_fn.transforms.network.transform.model.9"), true, names);
  });
}

Deno.test("ModelSummary with depth 0 shows nothing", () => {
  strictEqual(printed(new ModelSummary({ maxDepth: 0 })), "");
});
