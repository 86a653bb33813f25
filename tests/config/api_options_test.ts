import { ok, rejects, strictEqual, throws } from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../../core/errors.ts";
import { callerFolder, folderOf } from "../../core/config/caller.ts";
import { instantiate, type InstantiateOptions } from "../../core/config/instantiate.ts";
import { loadText } from "../../core/config/load.ts";
import { select, selectNode } from "../../core/config/select.ts";
import { toContainer } from "../../core/config/to_container.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import { update } from "../../core/config/update.ts";

const config = loadText("a: 1\n", "config.yaml");
const wrong = <T>(value: unknown): T => value as T;

Deno.test("instantiate() needs no options, and refuses ones that there are not", async () => {
  await rejects(instantiate({ _target_: "x.Y" }), { name: "InstantiationError" });
  await rejects(instantiate({ _target_: "x.Y" }, wrong(null)), { name: "InstantiationError" });
  await rejects(instantiate({ _target_: "x.Y" }, { args: [1] }), { name: "InstantiationError" });
  await rejects(instantiate({ _target_: "x.Y" }, wrong<InstantiateOptions>({ libary: {} })), {
    name: "OptionError",
    what: 'config.instantiate has no option "libary"',
    fix: 'did you mean "library"? It takes library, base, args, kwargs',
  });
  await rejects(instantiate({ _target_: "x.Y" }, wrong<InstantiateOptions>({ args: 5 })), {
    what: "config.instantiate cannot use args = 5",
  });
});

Deno.test("select() and its kin take null for no options, and refuse what are none", () => {
  strictEqual(select(config, "a", wrong(null)), 1);
  strictEqual(selectNode(config, "a", wrong(null))?.toString(), "1");
  strictEqual(select(config, "b", { default: 5 }), 5);
  throws(() => select(config, "b", wrong(5)), {
    name: "OptionError",
    what: "config.select takes its options by name, and is given 5",
  });
  throws(() => select(config, "b", wrong({ defualt: 5 })), {
    what: 'config.select has no option "defualt"',
  });
  strictEqual(toYaml(config, wrong(null)), "a: 1\n");
  throws(() => toYaml(config, wrong({ resolved: true })), { what: 'config.toYaml has no option "resolved"' });
  throws(() => toContainer(config, wrong(true)), {
    what: "config.toContainer takes its options by name, and is given true",
  });
  throws(() => update(config, "a", 2, wrong({ mege: false })), {
    what: 'config.update has no option "mege"',
    fix: 'did you mean "merge"? It takes merge, forceAdd, origin',
  });
});

const FOLDER = fileURLToPath(new URL("../support/", import.meta.url));

Deno.test("instantiate() looks beside a base that is a folder, a file, or the URL of one", async () => {
  const file = new URL("../support/targets.ts", import.meta.url).href;
  for (const base of [FOLDER, `${FOLDER}targets.ts`, file, new URL("./", file).href, [file]]) {
    const built = await instantiate({ _target_: "./targets.ts#Net", size: 3 }, { base }) as { size: number };
    strictEqual(built.size, 3);
  }
});

Deno.test("instantiate() refuses a base that is on no disk", async () => {
  await rejects(
    instantiate({ _target_: "./targets.ts#Net" }, { base: "https://example.org/app.ts" }),
    (error: unknown) => {
      ok(error instanceof ConfigError);
      ok(error.what.includes('The base "https://example.org/app.ts" is no file or folder of this machine'));
      return true;
    },
  );
});

Deno.test("folderOf() and callerFolder() give one folder for a file and for its folder", () => {
  const folder = FOLDER.replace(/\/$/, "");
  strictEqual(folderOf(`${folder}/targets.ts`), folder);
  strictEqual(folderOf(folder), folder);
  strictEqual(callerFolder({ base: folder }), folder);
  strictEqual(callerFolder({ base: import.meta.url }), dirname(fileURLToPath(import.meta.url)));
  strictEqual(folderOf("/not/there/app.ts"), "/not/there");
  strictEqual(folderOf("/not/there"), "/not/there");
});
