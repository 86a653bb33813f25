import { fails } from "./command_line.ts";

const HINT = "\n\nSet the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.\n";
const MODEL = await Deno.readTextFile(new URL("../../configs/model/mnist.yaml", import.meta.url));

/** Arguments that train on one batch with the model config `mine`. */
const MINE = ["train", "--config-dir", "mine", "model=mine", "debug=fdr"];

/** The MNIST model with one part of its text replaced, as the model config `mine`. */
function mine(old: string, text: string): Record<string, string> {
  if (!MODEL.includes(old)) throw new RangeError(`configs/model/mnist.yaml has no ${old}`);
  return { "mine/model/mine.yaml": MODEL.replace(old, text) };
}

Deno.test("cli train lists the options of a group that lacks the one chosen", async () => {
  await fails(
    { args: ["train", "model=mlp"] },
    `In 'train.yaml': Could not find 'model/mlp'

Available options in 'model':
	mnist
Config search path:
	provider=hydra, path=pkg://hydra.conf
	provider=main, path=pkg://fulgur.configs
	provider=schema, path=structured://
  where: command line:1:7
    1 | model=mlp
      |       ^${HINT}`,
  );
});

Deno.test("cli train says +key= for an override of a key that is not there", async () => {
  await fails(
    { args: ["train", "trainer.max_epoch=3"] },
    `Could not override 'trainer.max_epoch'.
To append to your config use +trainer.max_epoch=3
Key 'max_epoch' is not in struct
    full_key: trainer.max_epoch
    object_type=dict
  where: command line:1:1
    1 | trainer.max_epoch=3
      | ^
  fix: did you mean "trainer.max_epochs"?${HINT}`,
  );
});

Deno.test("cli train points at a misspelt constructor option and names the nearest one", async () => {
  await fails(
    { args: MINE, files: mine("  lr: 0.001", "  lr: 0.001\n  weight_decy: 0.01") },
    `Error executing job with overrides: ['model=mine', 'debug=fdr']
optim.Adam has no option "weight_decy"
  where: model.optimizer, set in mine/model/mine.yaml:40:3
    40 |   weight_decy: 0.01
       |   ^
  fix: did you mean "weight_decay"? It takes params, lr, betas, eps, weight_decay, amsgrad, maximize${HINT}`,
  );
});

Deno.test("cli train points at an option with a value that its owner cannot use", async () => {
  await fails(
    { args: ["train", "debug=fdr", "trainer.max_epochs=-5"] },
    `Error executing job with overrides: ['debug=fdr', 'trainer.max_epochs=-5']
max_epochs=-5 cannot be used
  where: trainer, set in command line:1:9
    1 | trainer.max_epochs=-5
      |         ^
  fix: give a whole number from -1 up${HINT}`,
  );
});

Deno.test("cli train points at the override that gave a part of an option", async () => {
  await fails(
    { args: ["train", "debug=fdr", "model.criterions.weights.ce=heavy"] },
    `Error executing job with overrides: ['debug=fdr', 'model.criterions.weights.ce=heavy']
losses.CriterionsComposition cannot use the weight "heavy" of "ce"
  where: model.criterions, set in command line:1:26
    1 | model.criterions.weights.ce=heavy
      |                          ^
  fix: give a number${HINT}`,
  );
});

Deno.test("cli train points at the override behind an error that names no option", async () => {
  await fails(
    { args: ["train", "debug=fdr", "data.transform.normalize.transform.std=[0]"] },
    `Error executing job with overrides: ['debug=fdr', 'data.transform.normalize.transform.std=[0]']
Error in call to target 'torchvision.transforms.Normalize':
ValueError: std has a 0, which leads to division by zero: [0]
full_key: data.transform.normalize.transform
  where: command line:1:40
    1 | data.transform.normalize.transform.std=[0]
      |                                        ^
  fix: give a positive standard deviation for every channel${HINT}`,
  );
});

Deno.test("cli train points at a profiler that there is not, and names the nearest", async () => {
  await fails(
    { args: ["train", "debug=fdr", "+trainer.profiler=smple"] },
    `Error executing job with overrides: ['debug=fdr', '+trainer.profiler=smple']
Trainer knows no profiler "smple"
  where: trainer, set in command line:1:10
    1 | +trainer.profiler=smple
      |          ^
  fix: did you mean "simple"? valid: simple, or a profiler object${HINT}`,
  );
});

Deno.test("cli train names the dataset that may have been meant", async () => {
  await fails(
    {
      args: ["train", "debug=fdr", "data.hf_dict_dataset._args_=[ylecun/mnits]"],
      env: { HF_HUB_OFFLINE: "1", HF_HOME: "/no/such/cache" },
    },
    `Error executing job with overrides: ['debug=fdr', 'data.hf_dict_dataset._args_=[ylecun/mnits]']
Error in call to target 'datasets.load_dataset':
DataError: No source has the dataset ylecun/mnits: no folder <folder>/ylecun/mnits; \
not in the Hugging Face cache /no/such/cache/hub; the Hub is not asked, as HF_HUB_OFFLINE is set
full_key: data.hf_dict_dataset
  where: command line:1:29
    1 | data.hf_dict_dataset._args_=[ylecun/mnits]
      |                             ^
  fix: did you mean "ylecun/mnist"? Otherwise unset HF_HUB_OFFLINE, or put the data files into a folder and give its path${HINT}`,
  );
});

Deno.test("cli train lists the keys of a batch that lacks the one that a loss is mapped to", async () => {
  await fails(
    { args: MINE, files: mine("label: target", "labels: target") },
    `Error executing job with overrides: ['model=mine', 'debug=fdr']
Batch has no key "labels", which the mapping gives to "target"
  where: criterions.ce
  fix: did you mean "label"? The batch has image, label, output, prediction${HINT}`,
  );
});

Deno.test("cli train lists the keys of a batch that lacks the one that a network is mapped to", async () => {
  await fails(
    { args: MINE, files: mine("image: x", "images: x") },
    `Error executing job with overrides: ['model=mine', 'debug=fdr']
Batch has no key "images", which the mapping gives to "x"
  where: network (transforms.WrapTransform "output")
  fix: did you mean "image"? The batch has image, label${HINT}`,
  );
});

Deno.test("cli train names the module that is fed the wrong width, and both shapes", async () => {
  await fails(
    { args: ["train", "debug=fdr", "model.forward_fn.network.transform.input_size=700"] },
    `Error executing job with overrides: ['debug=fdr', 'model.forward_fn.network.transform.input_size=700']
Linear takes 700 features and is given 784: input [128, 784], weight [256, 700]
  where: forward_fn.transforms.network.transform.model.0 (nn.Linear)
  fix: set in_features to 784, or flatten or reshape the input${HINT}`,
  );
});

for (const accelerator of ["cpu", "gpu"] as const) {
  const ignore = accelerator === "gpu" && await navigator.gpu?.requestAdapter() == null;
  Deno.test({
    name: `cli train says which label is outside the classes, on ${accelerator}`,
    ignore,
    fn: async () => {
      const size = "model.forward_fn.network.transform.output_size=9";
      const device = `trainer.accelerator=${accelerator}`;
      await fails(
        { args: ["train", "debug=fdr", "seed=1", "trainer.detect_anomaly=false", size, device] },
        `Error executing job with overrides: ['debug=fdr', 'seed=1', 'trainer.detect_anomaly=false', '${size}', '${device}']
Label 9 at position 4 is outside the 9 classes
  where: losses.CrossEntropyLoss
  fix: labels are 0 to 8, or -100 for samples to ignore; check the dataset's labels and the model's output size${HINT}`,
      );
    },
  });
}

Deno.test("cli train lists the keys beside an interpolation to one that is not there", async () => {
  await fails(
    { args: MINE, files: mine("input_size: 784", "input_size: ${data.image_size}") },
    `Error executing job with overrides: ['model=mine', 'debug=fdr']
Interpolation key 'data.image_size' not found
    full_key: model.forward_fn.network.transform.input_size
    object_type=dict
  where: mine/model/mine.yaml:9:19
    9 |       input_size: \${data.image_size}
      |                   ^
  fix: "data" has _target_, hf_dict_dataset, val_ratio, transform, batch_size, num_workers${HINT}`,
  );
});

Deno.test("cli train shows every step of an interpolation cycle", async () => {
  const overrides = ["data.batch_size=${data.num_workers}", "data.num_workers=${data.batch_size}"];
  await fails(
    { args: ["train", "debug=fdr", ...overrides] },
    `Error executing job with overrides: ['debug=fdr', '${overrides[0]}', '${overrides[1]}']
Recursive interpolation detected
    full_key: data.batch_size
    object_type=dict
  where: command line:1:17
    1 | data.batch_size=\${data.num_workers}
      |                 ^
  fix: break the cycle data.batch_size → data.num_workers → data.batch_size${HINT}`,
  );
});

Deno.test("cli eval lists the checkpoints beside one that is missing", async () => {
  const files = { "run/epoch_001.ckpt": "", "run/last.ckpt": "", "run/notes.txt": "" };
  await fails(
    { args: ["eval", "ckpt_path=run/lst.ckpt"], files },
    `Error executing job with overrides: ['ckpt_path=run/lst.ckpt']
There is no file run/lst.ckpt
  where: ckpt_path=run/lst.ckpt
  fix: check the path: run has epoch_001.ckpt, last.ckpt${HINT}`,
  );
});

Deno.test("cli eval says where a checkpoint is cut short", async () => {
  const header = JSON.stringify({ weight: { dtype: "F32", shape: [100], data_offsets: [0, 400] } });
  const bytes = new Uint8Array(8 + header.length + 396);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  await fails(
    { args: ["eval", "ckpt_path=last.ckpt"], files: { "last.ckpt": bytes } },
    `Error executing job with overrides: ['ckpt_path=last.ckpt']
The file last.ckpt is cut short: tensor "weight" ends at byte 400 of 396
  where: ckpt_path=last.ckpt
  fix: use another checkpoint; a run writes each one completely before it takes its name${HINT}`,
  );
});

Deno.test("cli train accelerator=gpu says what to do on a machine without an adapter", async () => {
  await fails(
    {
      args: ["train", "debug=fdr", "trainer.accelerator=gpu"],
      // Vulkan alone, and no driver for it: the machine's adapters are out of sight.
      env: { DENO_WEBGPU_BACKEND: "vulkan", VK_DRIVER_FILES: "/dev/null" },
    },
    `Error executing job with overrides: ['debug=fdr', 'trainer.accelerator=gpu']
No WebGPU adapter was found
  where: accelerator=gpu
  fix: use accelerator=cpu, or install a Vulkan driver (Mesa's lavapipe works without a GPU)${HINT}`,
  );
});

Deno.test("cli train lists the exports of a user's module that lacks the one named", async () => {
  const target = "_target_: ml_core.models.components.simple_dense_net.SimpleDenseNet";
  await fails(
    {
      args: MINE,
      files: { ...mine(target, "_target_: ./net.ts#Missing"), "net.ts": "export class Net {}\n" },
    },
    `Error executing job with overrides: ['model=mine', 'debug=fdr']
Error locating target './net.ts#Missing', set env var HYDRA_FULL_ERROR=1 to see chained exception.
Module ./net.ts has no export "Missing"
full_key: model.forward_fn.network.transform
  where: mine/model/mine.yaml:8:17
    8 |       _target_: ./net.ts#Missing
      |                 ^
  fix: ./net.ts exports Net${HINT}`,
  );
});

Deno.test("cli train detect_anomaly=true names the op that made the first NaN", async () => {
  const logarithm = `  logarithm:
    _target_: ml_core.transforms.base.WrapTransform
    transform:
      _target_: torch.log
      _partial_: true
    mapping:
      output: input
    new_key: output
  argmax:
`;
  await fails(
    { args: MINE, files: mine("  argmax:\n", logarithm) },
    `Error executing job with overrides: ['model=mine', 'debug=fdr']
NaN or infinity: the result of log is not finite
  where: training batch 0 of epoch 0
  fix: look at what goes into it: a logarithm or root of 0, a division by 0, a learning rate that is too high${HINT}`,
  );
});

Deno.test("cli train says why the run's folder cannot be made", async () => {
  await fails(
    { args: ["train", "hydra.run.dir=taken/run"], files: { taken: "" } },
    `Cannot make the run's folder <folder>/taken/run: Not a directory (os error 20)
  where: hydra.run.dir
  fix: choose a folder that may be written: hydra.run.dir=<folder>${HINT}`,
  );
});
