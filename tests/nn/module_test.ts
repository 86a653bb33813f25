import assert from "node:assert/strict";
import { children } from "../../core/children.ts";
import {
  CheckpointError,
  MisconfigurationError,
  OptionError,
  ShapeError,
  ValueError,
} from "../../core/errors.ts";
import {
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  GELU,
  type Layer,
  LayerNorm,
  Linear,
  MaxPool2d,
  Module,
  ModuleDict,
  ModuleList,
  ReLU,
  Sequential,
  SimpleConvNet,
  SimpleDenseNet,
} from "../../core/nn/mod.ts";
import { init, manualSeed, type Tensor, tensor, variable } from "../../core/tensor/mod.ts";
import { loadSafetensors, saveSafetensors, type StoredTensor } from "../../core/tensor/safetensors.ts";
import { eachDevice } from "../support/tensors.ts";

const linear = (inFeatures: number, outFeatures: number) => new Linear({ inFeatures, outFeatures });

class Net extends Module {
  readonly hiddenLayer = linear(3, 2);
  readonly scale = this.parameter(variable([2]));
  readonly runningTotal = this.buffer(variable([0]));
  readonly cache = this.buffer(variable([0]), { persistent: false });
  readonly note = "no module";
  readonly absent = null;

  override forward(x: Tensor): Tensor {
    return this.hiddenLayer.forward(x).mul(this.scale);
  }
}

/** A container that is no module, such as a transform around a network. */
class Holder {
  constructor(readonly network: Module) {}
  *[children](): Iterable<readonly [string, unknown]> {
    yield ["transforms.network.transform", this.network];
    yield ["transforms.argmax", () => 0];
  }
}

class Outer extends Module {
  readonly forwardFn: Holder;
  readonly criterions = { ce: new Map() };
  constructor(network: Module) {
    super();
    this.forwardFn = new Holder(network);
  }
  override forward(x: Tensor): Tensor {
    return (this.forwardFn.network as Layer).forward(x);
  }
}

Deno.test("Module finds parameters, buffers and modules in its fields, under torch's names and order", () => {
  const net = new Net();
  const expected = ["scale", "running_total", "hidden_layer.weight", "hidden_layer.bias"];
  assert.deepEqual(Object.keys(net.stateDict()), expected);
  assert.deepEqual(net.namedParameters().map(([name]) => name), [
    "scale",
    "hidden_layer.weight",
    "hidden_layer.bias",
  ]);
  assert.deepEqual(net.namedBuffers().map(([name]) => name), ["running_total", "cache"]);
  assert.deepEqual(net.namedModules().map(([name]) => name), ["", "hidden_layer"]);
  assert.ok(net.parameters().every((parameter) => parameter.requiresGrad));
});

Deno.test("Module looks for modules through containers that are none", () => {
  const outer = new Outer(new SimpleDenseNet({ inputSize: 4, lin1Size: 2, lin2Size: 2, lin3Size: 2 }));
  assert.equal(outer.namedParameters()[0]![0], "forward_fn.transforms.network.transform.model.0.weight");
});

Deno.test("Module counts a shared layer's parameters once and saves them under both names", () => {
  const shared = linear(2, 2);
  const net = new Sequential(shared, new ReLU(), shared);
  assert.equal(net.parameters().length, 2);
  assert.deepEqual(Object.keys(net.stateDict()), ["0.weight", "0.bias", "2.weight", "2.bias"]);
});

Deno.test("Module refuses a plain list of modules and a module inside itself", () => {
  class Listed extends Module {
    readonly layers = [linear(1, 1)];
    override forward(x: Tensor): Tensor {
      return x;
    }
  }
  assert.throws(() => new Listed().parameters(), (error: unknown) => {
    assert.ok(error instanceof MisconfigurationError);
    assert.equal(
      error.message,
      'Field "layers" is a plain list of modules, which would not be trained\n  where: nn.Listed\n' +
        "  fix: wrap the list: new ModuleList(modules) or new Sequential(modules)",
    );
    return true;
  });
  class Loop extends Module {
    self: Module = this;
    override forward(x: Tensor): Tensor {
      return x;
    }
  }
  assert.throws(() => new Loop().parameters(), MisconfigurationError);
});

Deno.test("Module.train() and eval() reach every module; apply() visits parts first", () => {
  const net = new Sequential(new Dropout(), new Sequential(new BatchNorm1d({ numFeatures: 1 })));
  net.eval();
  assert.ok(net.modules().every((module) => !module.training));
  net.train();
  assert.ok(net.modules().every((module) => module.training));
  const seen: string[] = [];
  net.apply((module) => seen.push(module.constructor.name));
  assert.deepEqual(seen, ["Dropout", "BatchNorm1d", "Sequential", "Sequential"]);
});

eachDevice("Module.requiresGrad_(false) freezes, zeroGrad() forgets", async () => {
  const net = new Sequential(linear(2, 1), linear(1, 1));
  net.at(0)!.requiresGrad_(false);
  net.forward(tensor([[1, 2]])).sum().backward();
  assert.equal((net.at(0) as Linear).weight.grad, null);
  const { weight } = net.at(1) as Linear;
  assert.equal((await weight.grad!.data()).length, 1);
  net.zeroGrad();
  assert.equal(weight.grad, null);
});

eachDevice("Module.loadStateDict() takes tensors and stored values, and says what fits", async () => {
  const net = new Net();
  const other = new Net();
  other.loadStateDict(net.stateDict());
  assert.deepEqual(await other.hiddenLayer.weight.data(), await net.hiddenLayer.weight.data());
  const stored: StoredTensor = { dtype: "f32", shape: [1], data: Float32Array.of(7) };
  const report = other.loadStateDict({ scale: stored, extra: stored }, { strict: false });
  assert.deepEqual(report.unexpected, ["extra"]);
  assert.deepEqual(report.missing, ["running_total", "hidden_layer.weight", "hidden_layer.bias"]);
  assert.equal(await other.scale.item(), 7);
  assert.throws(
    () => other.loadStateDict({ scale: stored }),
    /in code, loadStateDict\(state, \{ strict: false \}\) takes only the names that match/,
  );
});

Deno.test("Module.loadStateDict() names what does not fit and changes nothing", async () => {
  const net = new Net();
  const { "hidden_layer.bias": bias, ...rest } = net.stateDict();
  const wrong = { ...rest, "hidden_layer.bais": bias!, scale: tensor([1, 2]) };
  assert.throws(() => net.loadStateDict(wrong), (error: unknown) => {
    assert.ok(error instanceof CheckpointError);
    assert.equal(
      error.message,
      "The state dict does not fit the module: it lacks hidden_layer.bias; the module has no hidden_layer.bais; " +
        "scale has shape [2], and the module needs [1]\n  where: nn.Net\n" +
        '  fix: did you mean "hidden_layer.bias" by "hidden_layer.bais"? ' +
        "build the module with the options it was saved with",
    );
    return true;
  });
  assert.equal(await net.scale.item(), 2);
});

eachDevice("Module state goes through a safetensors file bit for bit", async () => {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  manualSeed(1);
  const net = new SimpleDenseNet({ inputSize: 4, lin1Size: 3, lin2Size: 3, lin3Size: 3, outputSize: 2 });
  net.forward(tensor(new Float32Array(8).map(Math.sin), { shape: [2, 1, 2, 2] }));
  const stored: Record<string, StoredTensor> = {};
  for (const [name, value] of Object.entries(net.stateDict())) {
    stored[name] = { dtype: value.dtype, shape: value.shape, data: await value.data() };
  }
  await saveSafetensors(path, stored);
  const copy = new SimpleDenseNet({ inputSize: 4, lin1Size: 3, lin2Size: 3, lin3Size: 3, outputSize: 2 });
  copy.loadStateDict((await loadSafetensors(path)).tensors);
  for (const [name, value] of Object.entries(copy.stateDict())) {
    assert.deepEqual(await value.data(), stored[name]!.data, name);
  }
  assert.equal(await copy.stateDict()["model.1.num_batches_tracked"]!.item(), 1);
  await Deno.remove(path);
});

Deno.test("Linear fed the wrong width names its module path and both shapes", () => {
  const net = new SimpleDenseNet({ inputSize: 784, lin1Size: 8 });
  const outer = new Outer(net);
  outer.parameters();
  assert.throws(
    () => outer.forward(tensor(new Float32Array(2 * 100), { shape: [2, 1, 10, 10] })),
    (error: unknown) => {
      assert.ok(error instanceof ShapeError);
      assert.equal(
        error.message,
        "Linear takes 784 features and is given 100: input [2, 100], weight [8, 784]\n" +
          "  where: forward_fn.transforms.network.transform.model.0 (nn.Linear)\n" +
          "  fix: set in_features to 100, or flatten or reshape the input",
      );
      return true;
    },
  );
});

Deno.test("layers refuse inputs of other shapes", () => {
  const image = tensor(new Float32Array(12), { shape: [1, 3, 2, 2] });
  assert.throws(
    () => new Conv2d({ inChannels: 1, outChannels: 1, kernelSize: 1 }).forward(image),
    ShapeError,
  );
  assert.throws(
    () => new Conv2d({ inChannels: 1, outChannels: 1, kernelSize: 1 }).forward(tensor([1])),
    ShapeError,
  );
  assert.throws(() => new BatchNorm2d({ numFeatures: 2 }).forward(image), ShapeError);
  assert.throws(() => new BatchNorm1d({ numFeatures: 3 }).forward(image), ShapeError);
  assert.throws(() => new LayerNorm({ normalizedShape: [3, 2] }).forward(image), ShapeError);
  assert.throws(() => new MaxPool2d({ kernelSize: 1 }).forward(tensor([1])), ShapeError);
  assert.throws(() => new SimpleDenseNet().forward(tensor([[1]])), ShapeError);
});

Deno.test("BatchNorm1d refuses one value per channel in training and takes it in evaluation", async () => {
  await init({ accelerator: "cpu" });
  const norm = new BatchNorm1d({ numFeatures: 2 });
  assert.throws(() => norm.forward(tensor([[1, 2]])), ValueError);
  norm.eval();
  assert.deepEqual(norm.forward(tensor([[1, 2]])).shape, [1, 2]);
});

eachDevice("BatchNorm1d gives the anchor's statistics", async () => {
  const norm = new BatchNorm1d({ numFeatures: 1 });
  const y = norm.forward(tensor([[1], [2], [6]]));
  const rounded = async (t: Tensor) => Array.from(await t.data(), (v) => v.toFixed(6));
  assert.deepEqual(await rounded(y), ["-0.925819", "-0.462910", "1.388729"]);
  assert.deepEqual([await rounded(norm.runningMean!), await rounded(norm.runningVar!)], [["0.300000"], [
    "1.600000",
  ]]);
});

eachDevice("Dropout keeps a share of 1 - p, scales it, and passes evaluation through", async () => {
  manualSeed(3);
  const layer = new Dropout({ p: 0.25 });
  const x = tensor(new Float32Array(40000).fill(3)).requiresGrad_();
  const y = layer.forward(x);
  y.sum().backward();
  const [values, grads] = [await y.data(), await x.grad!.data()];
  const kept = values.filter((v) => v !== 0).length / values.length;
  assert.ok(Math.abs(kept - 0.75) < 0.01, String(kept));
  assert.ok(values.every((v, i) => v === 0 ? grads[i] === 0 : v === 4 && Math.abs(grads[i]! - 4 / 3) < 1e-6));
  layer.eval();
  assert.equal(layer.forward(x), x);
});

Deno.test("Sequential takes modules or one object of them, and refuses the rest", () => {
  const named = new Sequential({ first: linear(2, 1), last: new ReLU() });
  assert.deepEqual(Object.keys(named.stateDict()), ["first.weight", "first.bias"]);
  assert.equal(new Sequential().length, 0);
  assert.ok([...named][1] instanceof ReLU && named.at(-1) instanceof ReLU);
  assert.throws(() => new Sequential(3 as unknown as Layer), MisconfigurationError);
});

Deno.test("ModuleList and ModuleDict name their parts and have no forward", () => {
  const list = new ModuleList([linear(1, 1)]).append(linear(1, 2));
  const dict = new ModuleDict({ left: linear(1, 1) });
  assert.deepEqual(Object.keys(list.stateDict()), ["0.weight", "0.bias", "1.weight", "1.bias"]);
  assert.deepEqual([dict.keys(), dict.get("left") instanceof Linear], [["left"], true]);
  assert.throws(() => list.forward(), MisconfigurationError);
  assert.throws(() => dict.forward(), MisconfigurationError);
});

Deno.test("layers take torch's spelling of options and refuse what cannot work", () => {
  const given = { in_features: 2, out_features: 1 } as unknown as { inFeatures: number; outFeatures: number };
  assert.equal(new Linear(given).inFeatures, 2);
  assert.throws(() => new Linear({ inFeatures: 2.5, outFeatures: 1 }), OptionError);
  assert.throws(() => new Conv2d({ inChannels: 3, outChannels: 2, kernelSize: 1, groups: 2 }), OptionError);
  assert.throws(
    () => new Conv2d({ inChannels: 1, outChannels: 1, kernelSize: 2, padding: "same" }),
    OptionError,
  );
  assert.throws(() => new Dropout({ p: 2 }), OptionError);
  assert.throws(() => new MaxPool2d({ kernelSize: 2, padding: 2 }), OptionError);
  assert.throws(() => new GELU({ approximate: "erf" as "none" }), OptionError);
  assert.throws(() => new SimpleConvNet({ imageSize: 10 }), OptionError);
});
