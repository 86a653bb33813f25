import assert from "node:assert/strict";
import * as fulgur from "../../mod.ts";
import { nn, type Tensor, train } from "../../mod.ts";
import { lineBatches, ToyModule, weightsOf } from "../support/toy.ts";
import { tempFolder } from "../support/temp_folder.ts";

class Net extends nn.Module {
  readonly layer = new nn.Linear({ inFeatures: 2, outFeatures: 1 });
  forward(x: Tensor): Tensor {
    return this.layer.forward(x);
  }
}

class Holder extends nn.Module {
  readonly net = new Net();
  forward(x: Tensor): Tensor {
    return this.net.forward(x);
  }
}

async function saved(module: nn.Module): Promise<string> {
  const path = `${await tempFolder()}/weights.ckpt`;
  await train.saveWeights(module, path);
  return path;
}

Deno.test("loadWeights() gives the module that a Trainer has trained", async () => {
  const folder = await tempFolder();
  const trainer = new train.Trainer({
    maxEpochs: 1,
    accelerator: "cpu",
    logger: false,
    enableProgressBar: false,
    enableModelSummary: false,
    defaultRootDir: folder,
    callbacks: [new fulgur.callbacks.ModelCheckpoint({ dirpath: folder, saveLast: true })],
  });
  trainer.run.setPrinter(() => {});
  const trained = new ToyModule();
  await trainer.fit(trained, { trainDataloaders: lineBatches(3) });
  const loaded = await train.loadWeights(new ToyModule(0.1, 2), `${folder}/last.ckpt`);
  assert.deepEqual(await weightsOf(loaded), await weightsOf(trained));
});

Deno.test("loadWeights() with a prefix takes a network out of the module it was trained in", async () => {
  const holder = new Holder();
  const net = await train.loadWeights(new Net(), await saved(holder), { prefix: "net" });
  assert.deepEqual(await weightsOf(net), await weightsOf(holder));
});

Deno.test("loadWeights() names the prefix under which the weights lie", async () => {
  const path = await saved(new Holder());
  const net = new Net();
  const before = await weightsOf(net);
  await assert.rejects(train.loadWeights(net, path), {
    name: "CheckpointError",
    message: "The state dict does not fit the module: it lacks layer.weight, layer.bias; " +
      "the module has no net.layer.bias, net.layer.weight\n" +
      `  where: ${path}, into nn.Net\n` +
      '  fix: the module\'s weights lie under "net": give { prefix: "net" }',
  });
  assert.deepEqual(await weightsOf(net), before);
});

Deno.test("loadWeights() with a prefix that is not in the file lists the names that are", async () => {
  const path = await saved(new Net());
  await assert.rejects(train.loadWeights(new Net(), path, { prefix: "model" }), {
    message: `The checkpoint has no weights under "model"\n  where: ${path}\n` +
      "  fix: its names are layer.bias, layer.weight",
  });
});

Deno.test("loadWeights() without strict takes the names that match", async () => {
  class Wider extends Net {
    readonly head = new nn.Linear({ inFeatures: 1, outFeatures: 1 });
  }
  const net = new Net();
  const wider = await train.loadWeights(new Wider(), await saved(net), { strict: false });
  assert.deepEqual(await weightsOf(wider.layer), await weightsOf(net));
});

Deno.test("loadWeights() fills a module that was built from a run's saved config", async () => {
  const folder = await tempFolder();
  await Deno.mkdir(`${folder}/.hydra`);
  await Deno.writeTextFile(
    `${folder}/.hydra/config.yaml`,
    "net: {_target_: torch.nn.Linear, in_features: 2, out_features: 1}\nmodel: ${net}\n",
  );
  const trained = new nn.Linear({ inFeatures: 2, outFeatures: 1 });
  await train.saveWeights(trained, `${folder}/last.ckpt`);

  const file = `${folder}/.hydra/config.yaml`;
  const config = fulgur.config.loadText(await Deno.readTextFile(file), file) as fulgur.config.DictNode;
  const model = await fulgur.config.instantiate(fulgur.config.selectNode(config, "model"), {
    library: fulgur,
  });
  const loaded = await train.loadWeights(model as nn.Module, `${folder}/last.ckpt`);
  assert.deepEqual(await weightsOf(loaded), await weightsOf(trained));
});
