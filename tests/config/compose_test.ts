import { checkCompose, type ComposeCase } from "../support/hydra_compare.ts";

const golden: { compose: readonly ComposeCase[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/hydra.json", import.meta.url)),
);

for (const [i, expected] of golden.compose.entries()) {
  const line = expected.overrides.join(" ") || "no overrides";
  Deno.test(`ConfigLoader.compose() equals Hydra, case ${i}: ${expected.label}, ${line}`, () => {
    checkCompose(expected);
  });
}
