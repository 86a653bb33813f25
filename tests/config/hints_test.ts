import { ok, strictEqual } from "node:assert/strict";
import { composeConfig } from "../../core/config/compose.ts";
import { ConfigError, nearest } from "../../core/errors.ts";
import { tempFolder } from "../support/temp_folder.ts";

const FILES = {
  "config.yaml": "defaults: [db: pg, _self_]\nlst: [1, 2]\n",
  "twice.yaml": "defaults:\n  - db: pg\n  - db: my\n",
  "mine.yaml": "defaults:\n  - hydra/job_logging: stdout\n",
  "group.yaml": "defaults:\n  - dbb: pg\n",
  "self.yaml": "defaults:\n  - selff\n",
  "before.yaml": "defaults:\n  - override hydra/job_logging: stdout\n  - db: null\n",
  "db/pg.yaml": "port: 1\n",
  "db/my.yaml": "port: 2\n",
  "db/bad.yaml": "# @package foo bar\nport: 2\n",
};

/** What is wrong with a config or an override, once its files lie in a folder. */
async function failure(configName: string, ...overrides: string[]): Promise<ConfigError> {
  const folder = await tempFolder();
  for (const [name, text] of Object.entries(FILES)) {
    await Deno.mkdir(`${folder}/db`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  try {
    const warn = () => {};
    composeConfig({ searchPath: [{ provider: "main", path: folder }], configName, overrides, warn });
  } catch (error) {
    ok(error instanceof ConfigError, String(error));
    return error;
  }
  throw new TypeError("nothing was thrown");
}

Deno.test("DefaultsList points at the second of two choices, and at the user's own line", async () => {
  const second = await failure("twice");
  ok(second.where?.includes("twice.yaml:3:"), second.message);
  const own = await failure("mine");
  ok(own.where?.includes("mine.yaml:2:"), own.message);
  const word = await failure("config", "+db=my");
  ok(word.where?.startsWith("command line"), word.message);
});

Deno.test("DefaultsList calls a choice of nothing None, as Hydra does", async () => {
  ok((await failure("before")).what.includes("is defined before 'db: None'"));
});

Deno.test("packageHeader() names line and column of a wrong header", async () => {
  const { where } = await failure("config", "db=bad");
  ok(where?.includes("bad.yaml:1:3"), where);
});

Deno.test("configNotFound() names the nearest group, and never the config that asks", async () => {
  strictEqual((await failure("group")).fix, 'did you mean "db"?');
  strictEqual((await failure("self")).fix, undefined);
});

Deno.test("parseOverrideText() says how an item of a list is named", async () => {
  strictEqual((await failure("config", "lst[0]=9")).fix, "items of a list are named by a dot: lst.0=9");
  strictEqual((await failure("config", "lst.a=1")).fix, "name list items by number, as in a.0");
});

Deno.test("applyOverrides() names the nearest key where ~key does not exist", async () => {
  strictEqual((await failure("config", "~lts")).fix, 'did you mean "lst"?');
});

Deno.test("composeConfig() refuses an override without a key", async () => {
  for (const word of ["=1", "+=1"]) {
    strictEqual((await failure("config", word)).what, `Override '${word}' has no key`);
  }
});

Deno.test("nearest() finds nothing near between short words that share nothing", () => {
  strictEqual(nearest("zz", ["db"]), undefined);
  strictEqual(nearest("y", ["x"]), undefined);
  strictEqual(nearest("dbb", ["db"]), "db");
});

Deno.test("nearest() takes two swapped letters for one slip", () => {
  strictEqual(nearest("mnits", ["mist", "mnist"]), "mnist");
  strictEqual(nearest("ab", ["ba"]), "ba");
});
