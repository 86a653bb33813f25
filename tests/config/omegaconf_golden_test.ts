import { deepStrictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Case, check, type Golden } from "./omegaconf_cases.ts";

const golden = JSON.parse(
  readFileSync(new URL("../golden/omegaconf.json", import.meta.url), "utf8"),
) as Golden;

const BEHAVIOURS: Readonly<Record<string, string>> = {
  scalar: "loadNode() reads YAML scalars as OmegaConf does",
  load: "loadText() reads YAML documents as OmegaConf does",
  merge: "merge() gives what OmegaConf.merge gives",
  container: "toData() gives what OmegaConf.to_container gives",
  resolve: "resolveInPlace() gives what OmegaConf.resolve gives",
  select: "selectNode() finds what OmegaConf.select finds",
  update: "update() gives what OmegaConf.update gives",
  dotlist: "fromDotlist() gives what OmegaConf.from_dotlist gives",
  missing: "missingKeys() finds what OmegaConf.missing_keys finds",
  masked: "maskedCopy() gives what OmegaConf.masked_copy gives",
  yaml: "toYaml() writes what OmegaConf.to_yaml writes",
  typed: "structured() converts and refuses as OmegaConf.structured does",
  typed_yaml: "toYaml() writes a structured config as OmegaConf.to_yaml does",
  eval: "evaluatePython() gives what Python gives",
  access: "at(), get(), set(), remove() and kin obey flags as OmegaConf does",
};

const groups = Map.groupBy(golden.cases, (case_: Case) => case_.op);

for (const [op, cases] of groups) {
  Deno.test(`${BEHAVIOURS[op] ?? op} in ${cases.length} cases`, () => {
    const wrong = cases.flatMap((case_) => {
      const problem = check(case_, golden.env);
      return problem === undefined ? [] : [`${case_.name}: ${problem}`];
    });
    deepStrictEqual(wrong, []);
  });
}
