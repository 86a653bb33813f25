import { deepStrictEqual } from "node:assert/strict";
import { create } from "../../core/config/create.ts";
import type { DictNode } from "../../core/config/node.ts";
import { evaluatedAsTrained, missingOverrides, taskOverrides } from "../../core/train/trained_with.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** The `hydra` node of a run with these overrides. */
function hydra(...task: string[]): DictNode {
  return create({ overrides: { task } }) as DictNode;
}

async function runFolder(): Promise<string> {
  const folder = await tempFolder();
  await Deno.mkdir(`${folder}/.hydra`);
  await Deno.writeTextFile(
    `${folder}/.hydra/overrides.yaml`,
    "- experiment=example\n- data.batch_size=32\n- model.optimizer.lr=0.1\n- trainer.max_epochs=3\n- ++model.compile=true\n",
  );
  return folder;
}

Deno.test("missingOverrides() lists what a checkpoint's run had and changes what a test measures", async () => {
  const folder = await runFolder();
  const path = `${folder}/checkpoints/last.ckpt`;
  const given = taskOverrides(hydra("experiment=example", "extras=null"));
  deepStrictEqual(missingOverrides(path, given), ["data.batch_size=32", "++model.compile=true"]);
  deepStrictEqual(
    missingOverrides(path, ["experiment=other", "data.batch_size=8", "model.compile=false"]),
    [],
  );
  deepStrictEqual(missingOverrides("elsewhere/last.ckpt", []), []);
});

Deno.test("evaluatedAsTrained() puts the run's overrides before the checkpoint, flags untouched", async () => {
  const folder = await runFolder();
  const word = `ckpt_path='${folder}/checkpoints/last.ckpt'`;
  const { args, added } = evaluatedAsTrained(["--config-dir", "c", "data.batch_size=8", word]);
  deepStrictEqual(added, ["experiment=example", "++model.compile=true"]);
  deepStrictEqual(args, ["--config-dir", "c", "data.batch_size=8", ...added, word]);
  deepStrictEqual(evaluatedAsTrained(["ckpt_path="]).added, []);
});

Deno.test("missingOverrides() finds the run of a checkpoint that lies in its logger's folder", async () => {
  const folder = await runFolder();
  const path = `${folder}/csv/version_0/checkpoints/epoch=0-step=10.ckpt`;
  deepStrictEqual(missingOverrides(path, ["experiment=example"]), [
    "data.batch_size=32",
    "++model.compile=true",
  ]);
});

Deno.test("missingOverrides() takes over the device and the trainer that a run was tested with", async () => {
  const folder = await tempFolder();
  await Deno.mkdir(`${folder}/.hydra`);
  const words = ["trainer=small", "trainer.accelerator=gpu", "+trainer.limit_test_batches=2"];
  const others = ["trainer.max_epochs=3", "+trainer.limit_train_batches=5", "trainer_note=1"];
  await Deno.writeTextFile(
    `${folder}/.hydra/overrides.yaml`,
    [...words, ...others].map((word) => `- ${word}\n`).join(""),
  );
  deepStrictEqual(missingOverrides(`${folder}/checkpoints/last.ckpt`, []), words);
});
