import { ok, strictEqual, throws } from "node:assert/strict";
import fc from "npm:fast-check@^4.10.0";
import { ConfigError } from "../../core/errors.ts";
import { ConfigLoader } from "../../core/config/config_loader.ts";
import { ConfigStore } from "../../core/config/config_store.ts";
import { OverrideParseError } from "../../core/config/hydra_errors.ts";
import { parseOverrideText } from "../../core/config/override_parser.ts";
import { elementText, isSweep, type OverrideValue } from "../../core/config/override_value.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import { configTree } from "../support/config_tree.ts";
import { encode } from "../support/hydra_golden.ts";

const PIECES = [
  "x",
  "a.b",
  "db",
  "=",
  "+",
  "~",
  "@",
  ",",
  ":",
  "[",
  "]",
  "{",
  "}",
  "(",
  ")",
  "'",
  '"',
  "\\",
  " ",
  "${",
  "}",
  "1",
  "-",
  ".",
  "1e3",
  "null",
  "true",
  "choice",
  "range",
  "sort",
  "glob",
  "é",
  "#",
  "\t",
  "\n",
  "\u0000",
  "__proto__",
  "???",
  "*",
];
const words = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), { maxLength: 16 })
  .map((pieces) => pieces.join(""));

Deno.test("parseOverrideText() gives a value or an OverrideParseError with a column for 10,000 random texts", () => {
  fc.assert(
    fc.property(words, (text) => {
      try {
        parseOverrideText(text);
      } catch (error) {
        ok(error instanceof OverrideParseError, `${JSON.stringify(text)}: ${error}`);
        ok(error.column >= 1 && error.column <= text.length + 1);
      }
    }),
    { seed: 20260101, numRuns: 10_000 },
  );
});

Deno.test("elementText() writes values that parse to themselves", () => {
  const scalar = fc.oneof(
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noDefaultInfinity: true, noNaN: true }).filter((x) => !Number.isInteger(x)),
    fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9 ,:=()[\]{}\\]{0,8}[a-zA-Z]$/).filter((text) => {
      return !/^(?:true|false|null|inf|nan)$/i.test(text);
    }),
  );
  const value = fc.letrec<{ value: OverrideValue }>((tie) => ({
    value: fc.oneof({ depthSize: "small" }, scalar, fc.array(tie("value"), { maxLength: 3 })),
  })).value;
  fc.assert(
    fc.property(value, (given) => {
      const parsed = parseOverrideText(`x=${elementText(given)}`).value!;
      strictEqual(isSweep(parsed), false);
      strictEqual(JSON.stringify(encode(parsed)), JSON.stringify(encode(given)));
    }),
    { seed: 20260101, numRuns: 2_000 },
  );
});

Deno.test("ConfigLoader gives a config or a ConfigError for 2,000 random command lines", () => {
  const store = new ConfigStore()
    .store("config", { defaults: [{ db: "a" }, "_self_"], x: 1, a: { b: [1, { c: "${x}" }] } })
    .store("a", { port: 1 }, { group: "db" })
    .store("b", { port: 2 }, { group: "db" });
  const loader = new ConfigLoader({ searchPath: [], store });
  fc.assert(
    fc.property(fc.array(words, { maxLength: 3 }), (overrides) => {
      try {
        toYaml(loader.compose({ configName: "config", overrides }).config);
      } catch (error) {
        ok(error instanceof ConfigError, `${JSON.stringify(overrides)}: ${(error as Error).stack}`);
      }
    }),
    { seed: 20260101, numRuns: 2_000 },
  );
  strictEqual(({} as { x?: unknown }).x, undefined);
});

Deno.test("ConfigLoader gives a config or a ConfigError for 600 random config trees", () => {
  const lines = [
    "defaults:",
    "- b",
    "- db: a",
    "- optional db: b",
    "- override db: b",
    "- _self_",
    "- db@_here_: a",
    "- a: ???",
    "x: 1",
    "x: ${y}",
    "  y: 2",
    "- 1",
    "hydra:",
    "  run: {dir: a}",
    "# @package q",
    "# @package",
    "{",
    "&a [*a]",
    "<<: 1",
    "\t",
  ];
  const text = fc.array(fc.constantFrom(...lines), { maxLength: 6 }).map((all) => all.join("\n"));
  fc.assert(
    fc.property(text, text, text, (config, b, a) => {
      using tree = configTree({ config, b, "db/a": a, "db/b": "z: 1\n" });
      const loader = new ConfigLoader({
        searchPath: [{ provider: "main", path: tree.folder }],
        warn: () => {},
      });
      try {
        toYaml(loader.compose({ configName: "config" }).config);
      } catch (error) {
        ok(error instanceof ConfigError, `${JSON.stringify([config, b, a])}: ${(error as Error).stack}`);
      }
    }),
    { seed: 20260101, numRuns: 600 },
  );
});

Deno.test("ConfigLoader refuses configs that bring in themselves", () => {
  using tree = configTree({ config: "defaults:\n- a\n", a: "defaults:\n- b\n", b: "defaults:\n- a\n" });
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: tree.folder }] });
  throws(
    () => loader.compose({ configName: "config" }),
    /Defaults lists nest deeper than 250 configs at '[ab]'/,
  );
});

Deno.test("ConfigLoader refuses defaults lists that double at every level", () => {
  const files: Record<string, string> = { config: "defaults:\n- a0\n- a0\n", a40: "x: 1\n" };
  for (let i = 0; i < 40; i++) files[`a${i}`] = `defaults:\n- a${i + 1}\n- a${i + 1}\n`;
  using tree = configTree(files);
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: tree.folder }] });
  throws(
    () => loader.compose({ configName: "config" }),
    /The defaults lists bring in more than 50000 configs/,
  );
});
