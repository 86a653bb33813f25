import { strictEqual, throws } from "node:assert/strict";
import { composeConfig } from "../../core/config/compose.ts";
import { ConfigStore } from "../../core/config/config_store.ts";
import { field, int, nested, schema, structured } from "../../core/config/schema.ts";
import { toYaml } from "../../core/config/to_yaml.ts";

const compose = (data: unknown, ...overrides: string[]) =>
  composeConfig({
    searchPath: [],
    store: new ConfigStore().store("config", data),
    configName: "config",
    overrides,
    returnHydraConfig: overrides.some((text) => text.includes("hydra")),
  });

Deno.test("applyOverrides() keeps the keys of Hydra's own nodes, in OmegaConf's words", () => {
  throws(() => compose({ x: 1 }, "~hydra.run.dir"), {
    name: "CompositionError",
    what: [
      "Error merging override ~hydra.run.dir",
      "RunDir (DictConfig) does not support deletion",
      "    full_key: hydra.run.dir",
      "    reference_type=RunDir",
      "    object_type=RunDir",
    ].join("\n"),
  });
  throws(() => compose({ x: 1 }, "~hydra.job"), /HydraConf \(DictConfig\) does not support deletion/);
});

Deno.test("applyOverrides() keeps the fields of a typed node below the root", () => {
  const db = schema("DB", { port: field(int, 1) });
  const config = structured(schema("Root", { db: field(nested(db), structured(db)), x: field(int, 1) }));
  throws(() => compose(config, "~db.port"), /DB \(DictConfig\) does not support deletion/);
  // The root is open while a key is taken out, as in Hydra.
  strictEqual(toYaml(compose(config, "~x")), "db:\n  port: 1\n");
});

Deno.test("applyOverrides() compares what ~key=value names with the resolved value", () => {
  const data = { x: 1, nest: { a: 1, b: "${x}" }, broken: { a: "${nope}" }, list: ["${x}", 2] };
  strictEqual(
    toYaml(compose(data, "~nest={a:1,b:1}", "~list=[1,2]")),
    "x: 1\nbroken:\n  a: ${nope}\n",
  );
  throws(() => compose(data, "~nest={a:1,b:2}"), {
    what:
      "Could not delete from config. The value of 'nest' is {'a': 1, 'b': '${x}'} and not {'a': 1, 'b': 2}.",
  });
  throws(() => compose(data, "~broken={a:1}"), /The value of 'broken' is/);
});

Deno.test("compose() says of a null for a group that no defaults list has what Hydra says", () => {
  throws(() => compose({ x: 1 }, "hydra=null"), {
    what: "Config group override must be a string or a list. Got NoneType",
    fix: "the defaults list has no hydra that could be null: leave the word out",
  });
});
