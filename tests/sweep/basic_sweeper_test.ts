import { checkSweep, type SweepCase } from "../support/hydra_compare.ts";

const golden: { sweep: readonly SweepCase[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/hydra.json", import.meta.url)),
);

for (const [i, expected] of golden.sweep.entries()) {
  Deno.test(`combinations() makes Hydra's jobs, case ${i}: ${expected.args.join(" ")}`, () =>
    checkSweep(expected));
}
