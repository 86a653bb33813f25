import { ok, strictEqual } from "node:assert/strict";
import { at, attribute, set } from "../../core/config/access.ts";
import { OmegaConfBaseException } from "../../core/config/config_errors.ts";
import { create } from "../../core/config/create.ts";
import { loadText } from "../../core/config/load.ts";
import { merge } from "../../core/config/merge.ts";
import type { DictNode } from "../../core/config/node.ts";
import { field, floating, int, schema, structured } from "../../core/config/schema.ts";
import { toContainer } from "../../core/config/to_container.ts";
import { ConfigError } from "../../core/errors.ts";

function textOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    ok(error instanceof ConfigError, `${String(error)} is no ConfigError`);
    return `${error.name}: ${error.message}`;
  }
  throw new TypeError("nothing was thrown");
}

const lines = (...text: string[]): string => text.join("\n");
const resolve = (yaml: string) => () => toContainer(loadText(yaml, "conf/a.yaml"), { resolve: true });

Deno.test("dereference() names the nearest key where an interpolation's key does not exist", () => {
  strictEqual(
    textOf(resolve("model:\n  width: 3\nnet: ${model.widht}\n")),
    lines(
      "InterpolationKeyError: Interpolation key 'model.widht' not found",
      "    full_key: net",
      "    object_type=dict",
      "  where: conf/a.yaml:3:6",
      "    3 | net: ${model.widht}",
      "      |      ^",
      '  fix: did you mean "model.width"?',
    ),
  );
});

Deno.test("dereference() shows the cycle of interpolations that lead to each other", () => {
  strictEqual(
    textOf(resolve("a: ${b.c}\nb:\n  c: ${a}\n")),
    lines(
      "InterpolationResolutionError: Recursive interpolation detected",
      "    full_key: a",
      "    object_type=dict",
      "  where: conf/a.yaml:1:4",
      "    1 | a: ${b.c}",
      "      |    ^",
      "  fix: break the cycle a → b.c → a",
    ),
  );
});

Deno.test("dereference() names the resolver that is not registered and the nearest one", () => {
  strictEqual(
    textOf(resolve("a: ${oc.evn:HOME}\n")),
    lines(
      "UnsupportedInterpolationType: Unsupported interpolation type oc.evn",
      "    full_key: a",
      "    object_type=dict",
      "  where: conf/a.yaml:1:4",
      "    1 | a: ${oc.evn:HOME}",
      "      |    ^",
      '  fix: did you mean "oc.env"? known: oc.env, oc.decode, oc.create, oc.select, oc.dict.keys, oc.dict.values, ' +
        "oc.deprecated",
    ),
  );
});

Deno.test("dereference() says how to set an environment variable that is not set", () => {
  strictEqual(
    textOf(resolve("a: ${oc.env:FULGUR_TEST_UNSET}\n")),
    lines(
      "InterpolationResolutionError: KeyError raised while resolving interpolation: " +
        `"Environment variable 'FULGUR_TEST_UNSET' not found"`,
      "    full_key: a",
      "    object_type=dict",
      "  where: conf/a.yaml:1:4",
      "    1 | a: ${oc.env:FULGUR_TEST_UNSET}",
      "      |    ^",
      "  fix: set FULGUR_TEST_UNSET, or give a default: ${oc.env:FULGUR_TEST_UNSET,default}",
    ),
  );
});

Deno.test("loadText() points at the character where an interpolation breaks off", () => {
  strictEqual(
    textOf(() => loadText("a:\n  b: x${c.\n", "conf/a.yaml")),
    lines(
      "GrammarParseError: expected a key, found the end at column 6 of 'x${c.'",
      "    full_key: a.b",
      "    object_type=dict",
      "  where: conf/a.yaml:2:11",
      "    2 |   b: x${c.",
      "      |           ^",
      "  fix: close each ${ with }, quote arguments with special characters, or write \\${ for a literal ${",
    ),
  );
});

Deno.test("loadText() says that an interpolation inside brackets has to be quoted", () => {
  strictEqual(
    textOf(() => loadText("a: [1, ${b}]\n", "conf/a.yaml")),
    lines(
      "YamlError: expected ',' or ']', but found '{'",
      "  where: conf/a.yaml:1:9",
      "    1 | a: [1, ${b}]",
      "      |         ^",
      "  fix: inside brackets an interpolation has to be quoted: '${…}'",
    ),
  );
});

Deno.test("loadText() points at both places of a duplicate key", () => {
  strictEqual(
    textOf(() => loadText("a: 1\nb: 2\na: 3\n", "conf/a.yaml")),
    lines(
      "YamlError: found duplicate key a",
      "  where: conf/a.yaml:3:1",
      "    3 | a: 3",
      "      | ^",
      "  fix: keep one of the two; the first is at conf/a.yaml:1:1",
    ),
  );
});

Deno.test("loadText() points at a key without a colon", () => {
  strictEqual(
    textOf(() => loadText("a: 1\nb\nc: 2\n", "conf/a.yaml")),
    lines(
      "YamlError: could not find expected ':'",
      "  where: conf/a.yaml:2:1",
      "    2 | b",
      "      | ^",
      "  fix: a key needs a colon and a blank after it",
    ),
  );
});

Deno.test("merge() names the file that set a value which the schema refuses", () => {
  const db = schema("DB", { port: field(int, 3306) });
  strictEqual(
    textOf(() => merge(structured(db), loadText("port: abc\n", "conf/db/pg.yaml"))),
    lines(
      "ValidationError: Value 'abc' of type 'str' could not be converted to Integer",
      "    full_key: port",
      "    object_type=DB",
      "  where: conf/db/pg.yaml:1:7",
      "    1 | port: abc",
      "      |       ^",
    ),
  );
});

Deno.test("merge() names the nearest field where a schema lacks the key", () => {
  const adam = schema("Adam", { weight_decay: field(floating, 0.5), lr: field(floating, 0.1) });
  strictEqual(
    textOf(() => merge(structured(adam), loadText("weight_decy: 0.1\n", "conf/optim.yaml"))),
    lines(
      "ConfigKeyError: Key 'weight_decy' not in 'Adam'",
      "    full_key: weight_decy",
      "    object_type=Adam",
      "  where: conf/optim.yaml:1:14",
      "    1 | weight_decy: 0.1",
      "      |              ^",
      '  fix: did you mean "weight_decay"?',
    ),
  );
});

Deno.test("attribute() names the nearest key in struct mode", () => {
  const config = loadText("model: {width: 1}\n", "conf/a.yaml") as DictNode;
  config.setFlag("struct", true);
  strictEqual(
    textOf(() => attribute(config.child("model") as DictNode, "widht")),
    lines(
      "ConfigAttributeError: Key 'widht' is not in struct",
      "    full_key: model.widht",
      "    object_type=dict",
      "  where: conf/a.yaml:1:8",
      "    1 | model: {width: 1}",
      "      |        ^",
      '  fix: did you mean "model.width"?',
    ),
  );
});

Deno.test("at() says how to set a mandatory value", () => {
  const config = loadText("a: {ckpt_path: '???'}\n", "conf/eval.yaml") as DictNode;
  strictEqual(
    textOf(() => at(config.child("a") as DictNode, "ckpt_path")),
    lines(
      "MissingMandatoryValue: Missing mandatory value: a.ckpt_path",
      "    full_key: a.ckpt_path",
      "    object_type=dict",
      "  where: conf/eval.yaml:1:16",
      "    1 | a: {ckpt_path: '???'}",
      "      |                ^",
      "  fix: set a.ckpt_path, on the command line a.ckpt_path=…",
    ),
  );
});

Deno.test("OmegaConfBaseException carries key, full key, value and nodes as fields", () => {
  const config = create({ a: { b: 1 } }) as DictNode;
  const a = config.child("a") as DictNode;
  a.setFlag("readonly", true);
  try {
    set(a, "b", 2);
  } catch (error) {
    ok(error instanceof OmegaConfBaseException);
    strictEqual(error.name, "ReadonlyConfigError");
    strictEqual(error.msg, "Cannot change read-only config container");
    strictEqual(error.key, "b");
    strictEqual(error.fullKey, "a.b");
    strictEqual(error.value, 2);
    strictEqual(error.parentNode, a);
    strictEqual(error.childNode, a.child("b"));
    return;
  }
  throw new TypeError("nothing was thrown");
});
