import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { parseOverrideText } from "../../core/config/override_parser.ts";
import { parseOverrides } from "../../core/config/overrides.ts";
import { combinations } from "../../core/sweep/mod.ts";
import { documentedDifference } from "../support/hydra_compare.ts";

/** What explains that the words are refused here while Hydra takes them. */
function explained(...args: string[]): string | undefined {
  let found: string | undefined;
  throws(() => combinations(parseOverrides(args), () => []), (error) => {
    found = documentedDifference({ args, batch: null }, error);
    return true;
  });
  return found;
}

Deno.test("documentedDifference() explains a glob among other values, and nothing else", () => {
  ok(explained("x=glob(a),b")?.startsWith("a glob among other values (x=glob(a),b) is refused"));
  strictEqual(explained("x=interval(0,1)"), undefined);
  strictEqual(explained("x=[a,"), undefined);
});

Deno.test("parseOverrideText() casts null to false, and to nothing else, as Hydra does", () => {
  strictEqual(parseOverrideText("x=bool(null)").value, false);
  deepStrictEqual(parseOverrideText("x=bool([null,1])").value, [false, true]);
  for (const name of ["int", "float", "str"]) {
    throws(() => parseOverrideText(`x=${name}(null)`), /AssertionError while evaluating/);
  }
});
