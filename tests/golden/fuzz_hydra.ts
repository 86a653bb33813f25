/**
 * Compares with real Hydra on new random cases: `deno task fuzz:hydra [--seed N] [--count N]`.
 *
 * Needs Python with hydra-core 1.3.5 and omegaconf 2.3.1; `PYTHON` names the interpreter.
 *
 * @module
 */
import { parseArgs } from "node:util";
import {
  checkCompose,
  checkGrammar,
  checkSweep,
  type ComposeCase,
  documentedDifference,
  type GrammarCase,
  type SweepCase,
} from "../support/hydra_compare.ts";

interface Cases {
  readonly grammar: readonly GrammarCase[];
  readonly compose: readonly ComposeCase[];
  readonly sweep: readonly SweepCase[];
}

const { values } = parseArgs({
  args: Deno.args,
  options: { seed: { type: "string" }, count: { type: "string", default: "300" } },
});
const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31));
const out = Deno.makeTempFileSync({ suffix: ".json" });
const script = new URL("make_hydra.py", import.meta.url).pathname;
const python = Deno.env.get("PYTHON") ?? "python3";
const args = ["-B", script, "--seed", seed, "--random", values.count, "--only-random", "--out", out];
const { success } = await new Deno.Command(python, { args, stdout: "null", stderr: "inherit" }).output();
if (!success) {
  console.error(`${python} could not make the cases; set PYTHON to one with hydra-core 1.3.5 and omegaconf 2.3.1`);
  Deno.exit(2);
}
const cases: Cases = JSON.parse(Deno.readTextFileSync(out));
Deno.removeSync(out);
let failed = 0;
let count = 0;
const known = new Map<string, number>();
function compare<C extends GrammarCase | ComposeCase | SweepCase>(section: readonly C[], check: (expected: C) => void): void {
  for (const expected of section) {
    count++;
    try {
      check(expected);
    } catch (error) {
      const difference = documentedDifference(expected, error);
      if (difference !== undefined) {
        known.set(difference, (known.get(difference) ?? 0) + 1);
        continue;
      }
      failed++;
      console.error(`\n${JSON.stringify(expected)}\n${error instanceof Error ? error.message : error}`);
    }
  }
}
compare(cases.grammar, (expected) => checkGrammar(expected, false));
compare(cases.compose, checkCompose);
compare(cases.sweep, checkSweep);
const different = [...known.values()].reduce((sum, times) => sum + times, 0);
for (const [difference, times] of known) console.log(`${times} differ as documented: ${difference}`);
console.log(`seed ${seed}: ${count - failed - different} of ${count} cases agree with Hydra`);
Deno.exit(failed === 0 ? 0 : 1);
