import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { set } from "../../core/config/access.ts";
import { checkSchemas } from "../../core/config/check_schema.ts";
import { loadText } from "../../core/config/load.ts";
import { merge } from "../../core/config/merge.ts";
import type { DictNode } from "../../core/config/node.ts";
import {
  any,
  bool,
  dictOf,
  enumeration,
  field,
  floating,
  int,
  listOf,
  literal,
  nested,
  nestedField,
  optional,
  schema,
  schemaOf,
  str,
  structured,
  unionOf,
} from "../../core/config/schema.ts";
import { fromStandard, type StandardSchema } from "../../core/config/standard_schema.ts";
import { select } from "../../core/config/select.ts";
import { toContainer } from "../../core/config/to_container.ts";
import { toObject } from "../../core/config/to_object.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import { update } from "../../core/config/update.ts";

class Optimizer {
  static readonly types = { eps: floating, betas: listOf(floating) };
  lr = 0.001;
  eps = 1;
  betas = [0.9, 0.999];
}

class Adam extends Optimizer {
  amsgrad = false;
}

class Trainer {
  static readonly types = {
    max_epochs: int,
    accelerator: literal("auto", "cpu", "gpu"),
    logger: optional(str),
  };
  max_epochs: number | string = "???";
  accelerator = "auto";
  logger: string | null = null;
  optimizer: Optimizer = new Adam();
  tags: string[] = [];
}

const yaml = (text: string) => loadText(text, "conf/train.yaml");

Deno.test("schemaOf() takes names, defaults and types from a class", () => {
  strictEqual(
    toYaml(structured(schemaOf(Trainer))),
    [
      "max_epochs: ???",
      "accelerator: auto",
      "logger: null",
      "optimizer:",
      "  lr: 0.001",
      "  eps: 1.0",
      "  betas:",
      "  - 0.9",
      "  - 0.999",
      "  amsgrad: false",
      "tags: []",
      "",
    ].join("\n"),
  );
});

Deno.test("schemaOf() converts what merges into a class's fields", () => {
  const merged = merge(
    structured(schemaOf(Trainer)),
    yaml("max_epochs: '5'\noptimizer: {lr: 1, amsgrad: 'yes'}\n"),
  );
  const data = toContainer(merged) as { max_epochs: unknown; optimizer: Record<string, unknown> };
  deepStrictEqual([data.max_epochs, data.optimizer.lr, data.optimizer.amsgrad], [5, 1, true]);
});

Deno.test("toObject() builds instances of the classes", () => {
  const merged = merge(structured(schemaOf(Trainer)), yaml("max_epochs: 5\n"));
  const trainer = toObject(merged) as Trainer;
  ok(trainer instanceof Trainer && trainer.optimizer instanceof Adam);
  strictEqual(trainer.max_epochs, 5);
});

Deno.test("toObject() refuses a field that is still missing", () => {
  throws(() => toObject(structured(schemaOf(Trainer))), {
    name: "MissingMandatoryValue",
    msg: "Structured config of type `Trainer` has missing mandatory value: max_epochs",
  });
});

Deno.test("literal() takes its values only", () => {
  const trainer = structured(schemaOf(Trainer));
  throws(() => merge(trainer, yaml("accelerator: tpu\n")), {
    msg: "Invalid value 'tpu', expected one of [auto, cpu, gpu]",
  });
});

Deno.test("merge() takes a schema that extends the field's and refuses another", () => {
  const base = schema("Base", { optimizer: { type: nested(schemaOf(Optimizer)), default: undefined } });
  const adam = structured(
    schema("Holder", { optimizer: field(nested(schemaOf(Adam)), structured(schemaOf(Adam))) }),
  );
  throws(() => merge(structured(base), adam), /Merge error: Holder is not a subclass of Base/);
  const config = structured(base);
  set(config, "optimizer", structured(schemaOf(Adam)));
  strictEqual((config.child("optimizer") as DictNode).schema, schemaOf(Adam));
  throws(() => set(config, "optimizer", structured(schemaOf(Trainer))), {
    name: "ValidationError",
  });
});

Deno.test("unionOf() refuses containers, as OmegaConf does", () => {
  throws(() => unionOf(int, listOf(int)), /Unions of containers are not supported/);
});

Deno.test("schemaOf() refuses a default that is no config data", () => {
  class Bad {
    run = () => 1;
  }
  throws(() => schemaOf(Bad), /Field "run" of Bad has a default that is no config data/);
});

Deno.test("schemaOf() takes defaults that are lists and dictionaries of instances", () => {
  class Sub {
    a = 1;
  }
  class Wide extends Sub {
    b = 2;
  }
  const sub = nested(schemaOf(Sub));
  class Config {
    static readonly types = { subs: listOf(sub), byName: dictOf(sub), one: sub };
    subs: Sub[] = [Object.assign(new Sub(), { a: 5 }), new Wide()];
    byName: Record<string, Sub> = { x: new Sub() };
    one: Sub = new Wide();
  }
  const config = structured(schemaOf(Config));
  deepStrictEqual(toContainer(config), {
    subs: [{ a: 5 }, { a: 1, b: 2 }],
    byName: { x: { a: 1 } },
    one: { a: 1, b: 2 },
  });
  throws(() => merge(config, yaml("subs: [{a: x}]\n")), /could not be converted to Integer/);
});

Deno.test("schemaOf() refuses instances of the language's own classes", () => {
  for (const value of [new Date(0), new Set(), /x/, new URL("file:///x"), Promise.resolve()]) {
    class Odd {
      field = value;
    }
    throws(() => schemaOf(Odd), {
      name: "ConfigTypeError",
      msg: 'Field "field" of Odd has a default that is no config data',
    });
  }
});

Deno.test("structured() takes a class, as OmegaConf.structured does", () => {
  strictEqual(toYaml(structured(Optimizer)), toYaml(structured(schemaOf(Optimizer))));
});

Deno.test("structured() copies defaults, so that configs do not share them", () => {
  const shared = schema("Shared", { list: field(listOf(int), [1]), map: field(dictOf(any), new Map()) });
  const first = structured(shared);
  update(first, "list", [2, 3]);
  update(first, "map.x", 1, { forceAdd: true });
  deepStrictEqual(toContainer(structured(shared)), { list: [1], map: {} });
});

Deno.test("enumeration() prints its members by name", () => {
  const color = enumeration("Color", { RED: 1, GREEN: 2 });
  const config = merge(
    structured(schema("Paint", { color: field(color, "RED"), wet: bool })),
    yaml("color: 2\n"),
  );
  strictEqual(toYaml(config), "color: GREEN\nwet: ???\n");
});

const positive: StandardSchema = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => {
      const { lr, steps } = value as { lr: unknown; steps: unknown[] };
      const issues = [];
      if (!(typeof lr === "number" && lr > 0)) issues.push({ message: "must be positive", path: ["lr"] });
      if (!Array.isArray(steps)) issues.push({ message: "is required", path: ["steps"] });
      else if (steps.length > 2) issues.push({ message: "too long", path: [{ key: "steps" }, 2] });
      return issues.length > 0 ? { issues } : { value };
    },
  },
};

const optimizer = fromStandard("Optimizer", positive, {
  defaults: { lr: 0.1, steps: [] },
  types: { lr: floating },
});

Deno.test("fromStandard() checks what merges, and names the place that set the value", () => {
  throws(() => merge(structured(optimizer), yaml("steps: [1]\nlr: -1\n")), {
    name: "ValidationError",
    message: [
      "Optimizer: must be positive",
      "    full_key: lr",
      "    object_type=Optimizer",
      "  where: conf/train.yaml:2:5",
      "    2 | lr: -1",
      "      |     ^",
    ].join("\n"),
  });
});

Deno.test("fromStandard() checks overrides below the schema and items inside lists", () => {
  const config = structured(schema("Root", { optimizer: field(nested(optimizer), structured(optimizer)) }));
  throws(() => update(config, "optimizer.lr", 0), {
    msg: "Optimizer: must be positive",
    fullKey: "optimizer.lr",
  });
  const list = { msg: "Optimizer: too long", fullKey: "optimizer.steps[2]" };
  throws(() => merge(config, yaml("optimizer: {lr: 1, steps: [1, 2, 3]}\n")), list);
});

Deno.test("fromStandard() leaves missing values and interpolations to the composed config", () => {
  const root = schema("Root", {
    rate: field(any, -1),
    optimizer: field(nested(optimizer), structured(optimizer)),
  });
  const config = merge(structured(root), yaml("optimizer: {lr: '${rate}'}\n"));
  throws(() => checkSchemas(config, { resolve: true }), { msg: "Optimizer: must be positive" });
  checkSchemas(merge(config, yaml("rate: 1\n")), { resolve: true });
  merge(config, yaml("optimizer: {steps: '???'}\n"));
});

Deno.test("fromStandard() refuses an asynchronous validator", () => {
  const late: StandardSchema = {
    "~standard": { version: 1, vendor: "test", validate: (value) => Promise.resolve({ value }) },
  };
  throws(
    () => merge(structured(fromStandard("Late", late)), yaml("a: 1\n")),
    /The validator of Late is asynchronous/,
  );
});

Deno.test("merge() types what a plain config has set before a structured one", () => {
  const db = schema("DB", { host: field(str, "localhost"), port: field(int, 3306) });
  const root = structured(schema("Root", { db: nested(db), ports: field(dictOf(int), {}) }));
  const merged = merge(yaml("db: {port: '3307'}\n"), root);
  strictEqual(toYaml(merged), "db:\n  port: 3307\n  host: ???\nports: {}\n");
  throws(() => merge(merged, yaml("db: {prt: 1}\n")), { msg: "Key 'prt' not in 'DB'" });
  throws(() => merge(yaml("ports: {web: high}\n"), root), {
    name: "ValidationError",
    msg: "Value 'high' (str) is incompatible with type hint 'int'",
    fullKey: "ports.web",
    fix:
      "a structured config that is merged later gives the type: change the value, or merge that config first, " +
      "as _self_ first in a defaults list does",
  });
});

Deno.test("merge() lets a value that was typed later be changed", () => {
  const root = structured(schema("Root", { ports: field(dictOf(int), {}) }));
  const merged = merge(yaml("ports: {web: 80}\n"), root, yaml("ports: {web: '81'}\n"));
  strictEqual(toYaml(merged), "ports:\n  web: 81\n");
  throws(() => merge(merged, yaml("ports: {web: high}\n")), { name: "ValidationError" });
});

Deno.test("select() names the slot that refuses what an interpolation gives, whatever leads to it", () => {
  const db = schema("DB", { port: field(int, 1), url: field(str, "${.port}/x") });
  const root = structured(
    schema("Root", { db: nestedField(db), name: field(str, "abc"), z: field(any, "${db.url}") }),
  );
  const config = merge(root, yaml("db: {port: '${name}'}\n"));
  for (const path of ["db.port", "db.url", "z"]) {
    throws(() => select(config, path), {
      name: "InterpolationValidationError",
      msg:
        "While dereferencing interpolation '${name}': Value 'abc' of type 'str' could not be converted to Integer",
      fullKey: "db.port",
    });
  }
});
