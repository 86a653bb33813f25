import { rejects, strictEqual } from "node:assert/strict";
import * as fulgur from "../../mod.ts";
import { nearTarget } from "../../core/config/near_target.ts";
import { locate } from "../../core/config/targets.ts";

const NONE = "nothing here has a name like it";

for (
  const [name, hint] of [
    ["torch.nn.Linaer", 'did you mean "torch.nn.Linear"?'],
    ["torch.optim.Adm", 'did you mean "torch.optim.Adam"?'],
    ["nn.Liner", 'did you mean "nn.Linear"?'],
    ["optm.Adam", 'did you mean "optim.Adam"?'],
    ["torch.nn.SimpleDenseNet", 'did you mean "nn.SimpleDenseNet"?'],
    ["aim.pytorch_lightning.CSVLogger", 'did you mean "loggers.CSVLogger"?'],
    // elsewhere, under another name, or as a method
    ["torch.zeros", 'did you mean "zeros"?'],
    ["torch.utils.data.random_split", 'did you mean "data.randomSplit"?'],
    ["lightning.seed_everything", 'did you mean "manualSeed"?'],
    ["torch.detach", "tensors have it as a method: x.detach()"],
    // what only looks alike
    ["sys.exit", NONE],
    ["pathlib.Path", NONE],
    ["random.seed", NONE],
    ["os.path.join", NONE],
    ["builtins.list", NONE],
    ["x.toString", NONE],
    ["lightning.pytorch.loggers.AimLogger", NONE],
  ] as const
) {
  Deno.test(`nearTarget() says of ${name}: ${hint}`, () => strictEqual(nearTarget(name, fulgur), hint));
}

Deno.test("locate() ends the hint as a sentence before it goes on", async () => {
  await rejects(() => locate("sys.exit", { library: fulgur }), (error: { fix?: string }) => {
    strictEqual(
      error.fix?.startsWith(`${NONE}; the library has the namespaces callbacks, config, data, loggers, `),
      true,
      error.fix,
    );
    return true;
  });
  await rejects(() => locate("torch.nn.Linaer", { library: fulgur }), (error: { fix?: string }) => {
    strictEqual(
      error.fix,
      'did you mean "torch.nn.Linear"? `info targets` lists the names that have one; your own class is ./file.ts#Name',
    );
    return true;
  });
});
