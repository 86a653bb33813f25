import { throws } from "node:assert/strict";
import { OptionError } from "../../core/errors.ts";
import { CriterionsComposition, MSELoss } from "../../core/losses/mod.ts";
import { ReduceLROnPlateau } from "../../core/optim/mod.ts";
import { BaseLitModule } from "../../core/trainer/mod.ts";

/** Options as YAML gives them, whatever their types. */
type Given = Readonly<Record<string, unknown>>;

const criterions = { mse: new MSELoss() };
const parts = {
  forwardFn: (batch: object) => batch,
  criterions: new CriterionsComposition({ criterions }),
  optimizer: () => null,
};

const WRONG: readonly [given: Given, message: string][] = [
  [{ forwardFn: null }, "cannot use forward_fn = null\n  fix: give a function or a transform"],
  [{ criterions: {} }, "cannot use criterions = {}\n  fix: give a losses.CriterionsComposition"],
  [{ optimizer: null }, "cannot use optimizer = null\n  fix: give an optimizer with _partial_: true"],
  [
    { scheduler: "step" },
    'cannot use scheduler = "step"\n  fix: give a scheduler with _partial_: true, or null',
  ],
  [{ compile: "yes" }, 'cannot use compile = "yes"\n  fix: give true or false'],
];

for (const [given, message] of WRONG) {
  const [name] = Object.keys(given);
  Deno.test(`BaseLitModule refuses a ${name} that it cannot use`, () => {
    throws(() => new BaseLitModule({ ...parts, ...given } as never), (error) => {
      return error instanceof OptionError && error.message === `train.BaseLitModule ${message}`;
    });
  });
}

const OWNER = "losses.CriterionsComposition";
const LOSSES: readonly [given: Given, message: string][] = [
  [
    { criterions: { mse: null } },
    `cannot call the criterion "mse"\n  fix: give a loss, or an object with forward(…)`,
  ],
  [{ weights: { mse: "1" } }, `cannot use the weight "1" of "mse"\n  fix: give a number`],
  [
    { mapping: null },
    "cannot use mapping = null\n  fix: give a mapping for each name: {name: {batch_key: argument}}",
  ],
  [
    { weights: { mee: 1 } },
    'has no criterion "mee", which weights names\n  fix: did you mean "mse"? The criterions are mse',
  ],
];

for (const [given, message] of LOSSES) {
  Deno.test(`CriterionsComposition ${message.split("\n")[0]!.replace(/ =.*/, "")}, and says what to give`, () => {
    throws(() => new CriterionsComposition({ criterions, ...given } as never), (error) => {
      return error instanceof OptionError && error.message === `${OWNER} ${message}`;
    });
  });
}

Deno.test("ReduceLROnPlateau refuses a patience that is no number", () => {
  const options = { optimizer: { paramGroups: [] }, patience: "abc" };
  throws(() => new ReduceLROnPlateau(options as never), {
    message: 'optim.ReduceLROnPlateau cannot use patience = "abc"\n  fix: give a number of at least 0',
  });
});
