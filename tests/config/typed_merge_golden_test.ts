import { deepStrictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { checkMerge, type MergeCase } from "./typed_merge_cases.ts";

const { cases } = JSON.parse(
  readFileSync(new URL("../golden/typed_merge.json", import.meta.url), "utf8"),
) as { readonly cases: readonly MergeCase[] };

Deno.test(`merge() types, checks and refuses as OmegaConf.merge does in ${cases.length} cases`, () => {
  const wrong = cases.flatMap((given) => {
    const problem = checkMerge(given);
    return problem === undefined ? [] : [`${JSON.stringify(given.configs)}: ${problem}`];
  });
  deepStrictEqual(wrong, []);
});
