import { ok, rejects, strictEqual } from "node:assert/strict";
import { blocklisted } from "../../core/config/blocklist.ts";
import { InstantiationError } from "../../core/config/hydra_errors.ts";
import { instantiate } from "../../core/config/instantiate.ts";
import { loadText } from "../../core/config/load.ts";
import { getMethod, getObject } from "../../core/config/lookup.ts";
import { selectNode } from "../../core/config/select.ts";
import { TargetNotFound } from "../../core/config/targets.ts";
import { golden } from "../support/hydra_api.ts";
import { withVariable } from "../support/variable.ts";

const VARIABLE = "HYDRA_INSTANTIATE_ALLOWLIST_OVERRIDE";

for (const { target, fullKey, allowed, message } of golden.blocklist) {
  Deno.test(`blocklisted() equals Hydra: '${target}' at '${fullKey}', allowed ${allowed ?? "none"}`, () => {
    const key = fullKey === "" ? "" : `\nfull_key: ${fullKey}`;
    const said = blocklisted(target, allowed ?? "");
    strictEqual(said === undefined ? null : said + key, message);
  });
}

/** What building the node `a.b` of a config says. */
async function failure(yaml: string, kwargs: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const node = selectNode(loadText(yaml, "config.yaml"), "a.b");
  let said = "";
  await rejects(() => instantiate(node, { library: {}, kwargs }), (error) => {
    ok(error instanceof InstantiationError, String(error));
    said = error.message;
    return true;
  });
  return said;
}

Deno.test("instantiate() refuses a blocklisted target with its place, nested, partial or given in code", async () => {
  strictEqual(
    await failure("a:\n  b:\n    c:\n    - _target_: os.system\n      _partial_: true\n"),
    `Target 'os.system' is blocklisted and cannot be instantiated from config
to prevent security vulnerabilities, set env var
HYDRA_INSTANTIATE_ALLOWLIST_OVERRIDE=os.system:<other allowlisted targets> to bypass
full_key: a.b.c[0]
  where: config.yaml:4:17
    4 |     - _target_: os.system
      |                 ^
  fix: name a function of your own instead, as ./file.ts#name: nothing of Python's is here to be called`,
  );
  ok((await failure("a: {b: {x: 1}}", { _target_: "nt.system" })).startsWith("Target 'nt.system' is block"));
});

Deno.test("instantiate() looks for a blocklisted target that the environment allows", async () => {
  using _ = withVariable(VARIABLE, "os.kill:os.system");
  const said = await failure("a: {b: {_target_: posix.system}}");
  ok(said.startsWith("Error locating target 'posix.system', set env var HYDRA_FULL_ERROR=1"), said);
  ok((await failure("a: {b: {_target_: os.popen}}")).startsWith("Target 'os.popen' is blocklisted"));
});

Deno.test("getMethod() and getObject() have no blocklist, as in Hydra", async () => {
  for (const find of [getMethod, getObject]) {
    await rejects(() => find("os.system", { library: {} }), (error) => {
      return error instanceof TargetNotFound && !error.message.includes("blocklisted");
    });
  }
});
