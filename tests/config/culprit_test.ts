import { rejects, strictEqual } from "node:assert/strict";
import { OptionError, ValueError } from "../../core/errors.ts";
import { applyOverrides } from "../../core/config/override_apply.ts";
import { instantiate } from "../../core/config/instantiate.ts";
import { loadText } from "../../core/config/load.ts";
import { mergeInto } from "../../core/config/merge.ts";
import type { DictNode } from "../../core/config/node.ts";
import { parseOverrides } from "../../core/config/overrides.ts";

/** What a constructor throws. */
type Failure = readonly [text: string, option?: string];

/** An error of the options where one is named, else one of the values. */
function thrown([text, option]: Failure): Error {
  if (option === undefined) return new ValueError(text);
  return new OptionError(text, { data: { owner: "nn.Part", option, known: [option] } });
}

const YAML = `
part:
  _target_: nn.Part
  weights: {ce: 1, mse: 2}
  std: [1]
  inner: {_target_: nn.Part, std: [0]}
`;

/** Where the error of a part says that the fault is: the text that set it, and the line with the caret. */
async function place(failure: Failure, overrides: readonly string[], extra = ""): Promise<string> {
  class Part {
    constructor(options: { weights?: unknown }) {
      if (options.weights !== undefined) throw thrown(failure);
    }
  }
  const config = loadText(YAML, "part.yaml") as DictNode;
  if (extra !== "") mergeInto(config, loadText(extra, "experiment.yaml") as DictNode);
  applyOverrides(parseOverrides([...overrides]), config);
  let where = "";
  await rejects(
    () => instantiate(config.child("part"), { library: { nn: { Part } } }),
    (error: Error) => {
      const [, file, line, space] = / {2}where: (?:.* set in )?(.+)\n *\d+ \| (.*)\n *\| ( *)\^/.exec(
        error.message,
      )!;
      where = `${file!.replace(/:\d+:\d+$/, "")}: ${line!.slice(space!.length)}`;
      return true;
    },
  );
  return where;
}

for (
  const [what, failure, overrides, expected, extra] of [
    [
      "an item of the option that the error names",
      ['the weight "heavy" of "ce"', "weights"],
      ["part.weights.ce=heavy"],
      "command line: ce=heavy",
    ],
    [
      "the same item where another file set it",
      ['the weight "heavy" of "ce"', "weights"],
      ["part.weights.mse=3"],
      "experiment.yaml: ce: heavy}}",
      "part: {weights: {ce: heavy}}",
    ],
    [
      "a list that the command line set, where no option is named",
      ["std has a 0: [0]"],
      ["part.std=[0]"],
      "command line: [0]",
    ],
    [
      "a quoted value before others of the command line",
      ['knows no profiler "smple"'],
      ["part.std=[3]", "+part.profiler=smple"],
      "command line: smple",
    ],
    [
      "the only value of the command line where the error quotes none",
      ["out of luck"],
      ["part.std=[3]"],
      "command line: [3]",
    ],
    [
      "the target where nothing points to a value",
      ["out of luck"],
      ["part.std=[3]", "part.weights.ce=2"],
      "part.yaml: nn.Part",
    ],
  ] as const
) {
  Deno.test(`instantiate() points at ${what}`, async () => {
    strictEqual(await place(failure, overrides, extra ?? ""), expected);
  });
}
