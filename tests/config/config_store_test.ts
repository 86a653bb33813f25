import { ok, strictEqual, throws } from "node:assert/strict";
import { ConfigLoader } from "../../core/config/config_loader.ts";
import { ConfigStore } from "../../core/config/config_store.ts";
import { CompositionError } from "../../core/config/hydra_errors.ts";
import { field, int, nestedField, schema, str, structured } from "../../core/config/schema.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import { configTree } from "../support/config_tree.ts";

const DB = schema("DB", { driver: field(str, "none"), port: field(int, 0) });

function yaml(store: ConfigStore, files: Record<string, string>, ...overrides: string[]): string {
  using tree = configTree(files);
  const warnings: string[] = [];
  const loader = new ConfigLoader({
    searchPath: [{ provider: "main", path: tree.folder }],
    store,
    warn: (message) => warnings.push(message),
  });
  const { config } = loader.compose({ configName: "config", overrides });
  config.removeChild("hydra");
  return toYaml(config) + warnings.map((warning) => `# ${warning.split("\n")[0]}\n`).join("");
}

// Texts as hydra-core 1.3.5 prints them for the same configs.
Deno.test("ConfigStore nodes serve as typed bases of files", () => {
  const store = new ConfigStore().store("base_db", structured(DB), { group: "db" });
  const files = {
    config: "defaults:\n- db: pg\n",
    "db/pg": "defaults:\n- base_db\n- _self_\ndriver: pg\nport: 5432\n",
  };
  strictEqual(yaml(store, files), "db:\n  driver: pg\n  port: 5432\n");
  strictEqual(yaml(store, files, "db.port='7'"), "db:\n  driver: pg\n  port: 7\n");
});

Deno.test("A value that does not fit its type names config, key and both types", () => {
  const store = new ConfigStore().store("base", structured(schema("Config", { db: nestedField(DB) })));
  const files = { config: "defaults:\n- base\n- _self_\ndb:\n  port: abc\n" };
  throws(() => yaml(store, files), (error) => {
    ok(error instanceof CompositionError);
    strictEqual(
      error.what,
      "In 'config': ValidationError raised while composing config:\n" +
        "Value 'abc' of type 'str' could not be converted to Integer\n" +
        "    full_key: db.port\n    reference_type=DB\n    object_type=DB",
    );
    ok(error.where?.includes("config.yaml:5:9"), error.where);
    return true;
  });
});

Deno.test("A typed slot refuses a wrong override and an unknown key", () => {
  const store = new ConfigStore().store("base", structured(schema("Config", { db: nestedField(DB) })));
  const files = { config: "defaults:\n- base\n- _self_\n" };
  throws(() => yaml(store, files, "db.port=high"), (error) => {
    ok(error instanceof CompositionError);
    strictEqual(
      error.what,
      "Error merging override db.port=high\nValue 'high' of type 'str' could not be converted to Integer\n" +
        "    full_key: db.port\n    reference_type=DB\n    object_type=DB",
    );
    return true;
  });
  throws(() => yaml(store, files, "db.prt=1"), /Could not override 'db\.prt'\.\n.*\nKey 'prt' not in 'DB'/);
});

Deno.test("ConfigStore packages and groups work as files' do", () => {
  const store = new ConfigStore()
    .store("a", { k: 1 }, { group: "grp" })
    .store("b", { k: 2 }, { group: "grp", package: "foo.bar" });
  const files = { config: "defaults:\n- grp: a\n" };
  strictEqual(yaml(store, files), "grp:\n  k: 1\n");
  strictEqual(yaml(store, files, "grp=b"), "foo:\n  bar:\n    k: 2\n");
});

Deno.test("A file wins over a store entry of its name and is checked against it, with a warning", () => {
  const store = new ConfigStore().store("pg", structured(DB), { group: "db" });
  const files = { config: "defaults:\n- db: pg\n", "db/pg": "port: 5\n" };
  strictEqual(
    yaml(store, files),
    "db:\n  driver: none\n  port: 5\n# 'db/pg' is validated against ConfigStore schema with the same name.\n",
  );
  throws(
    () => yaml(store, { ...files, "db/pg": "port: x\n" }),
    /Error merging 'db\/pg' with schema\nValue 'x'/,
  );
});

Deno.test("ConfigStore hands out copies", () => {
  const store = new ConfigStore().store("config", { a: { b: 1 } });
  strictEqual(yaml(store, {}, "a.b=2"), "a:\n  b: 2\n");
  strictEqual(yaml(store, {}), "a:\n  b: 1\n");
});

Deno.test("A mistyped group names the group and what to type", () => {
  const files = { config: "lr: 1\n", "experiment/example": "# @package _global_\nlr: 2\n" };
  throws(() => yaml(new ConfigStore(), files, "expriment=example"), (error) => {
    ok(error instanceof CompositionError);
    strictEqual(error.fix, 'did you mean the config group "experiment"? Type experiment=example');
    return true;
  });
});
