import { deepStrictEqual } from "node:assert/strict";
import { create } from "../../core/config/create.ts";
import type { DictNode } from "../../core/config/node.ts";
import { missingOverrides } from "../../core/train/trained_with.ts";

/** The `hydra` node of a run with these overrides. */
function hydra(...task: string[]): DictNode {
  return create({ overrides: { task } }) as DictNode;
}

Deno.test("missingOverrides() lists what a checkpoint's run had and changes what a test measures", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/.hydra`);
  await Deno.writeTextFile(
    `${folder}/.hydra/overrides.yaml`,
    "- experiment=example\n- data.batch_size=32\n- model.optimizer.lr=0.1\n- trainer.max_epochs=3\n- ++model.compile=true\n",
  );
  const path = `${folder}/checkpoints/last.ckpt`;
  deepStrictEqual(missingOverrides(path, hydra("experiment=example", "extras=null")), [
    "data.batch_size=32",
    "++model.compile=true",
  ]);
  deepStrictEqual(missingOverrides(`${folder}/last.ckpt`, hydra()), []);
});
