import { ok, strictEqual } from "node:assert/strict";
import fc from "npm:fast-check@^4.10.0";
import { ConfigError } from "../../core/errors.ts";
import { OmegaConfBaseException, YamlError } from "../../core/config/config_errors.ts";
import { create } from "../../core/config/create.ts";
import { parseElement, parseInterpolation } from "../../core/config/interpolation_parser.ts";
import { loadText } from "../../core/config/load.ts";
import { merge } from "../../core/config/merge.ts";
import { type ContainerNode, type DictNode, ListNode, type ValueNode } from "../../core/config/node.ts";
import { evaluatePython } from "../../core/config/python_expression.ts";
import { toContainer, toData } from "../../core/config/to_container.ts";
import { toObject } from "../../core/config/to_object.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import { resolveInPlace, update } from "../../core/config/update.ts";
import { encode } from "./omegaconf_cases.ts";

const SEED = 20261123;
const PIECES = [
  ..."\n|\n  | |: |:|- |-|? |[|]|{|}|, |#| #|'|\"|>|&a |*a|!!str |! |<<: |---\n|...|%|\t|\\|${|}|${a}|???|1|0|_|.5|e3"
    .split("|"),
  "|",
  "yes",
  "null",
  "key",
  "\r\n",
  "\u2028",
  "\ufeff",
  "é",
  "😀",
  "\0",
  "__proto__",
  "constructor",
  "\ud800",
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
);

function outcome(run: () => unknown): ConfigError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    ok(error instanceof ConfigError, `${String(error)} is no ConfigError`);
    return error;
  }
}

Deno.test("loadText() gives a value or a ConfigError with a position for 10,000 random texts", () => {
  fc.assert(
    fc.property(text, (yaml) => {
      const error = outcome(() => loadText(yaml, "fuzz.yaml"));
      if (error === undefined) return;
      ok(error instanceof YamlError || error instanceof OmegaConfBaseException, error.name);
      ok(error.origin !== undefined && error.origin.line >= 1 && error.origin.column >= 1, error.message);
    }),
    { seed: SEED, numRuns: 10_000 },
  );
});

Deno.test("parseInterpolation() and parseElement() give a value or a GrammarParseError for 10,000 random texts", () => {
  fc.assert(
    fc.property(text, (words) => {
      for (const parse of [parseInterpolation, parseElement]) {
        const error = outcome(() => parse(words));
        ok(error === undefined || error.name === "GrammarParseError", error?.name);
      }
    }),
    { seed: SEED, numRuns: 10_000 },
  );
});

Deno.test("evaluatePython() gives a value or a ConfigError for 10,000 random texts", () => {
  const pieces =
    "1|2.5|'a'|(|)|[|]|{|}|,|.|:| if | else | and | not | in |+|-|*|**|/|//|%|<|==|None|x|.upper()|len|int|f'{|}'|:>5|%s|'%s %d' % |'{}'.format(|a=|.get(|::-1"
      .split("|");
  const words = fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(words, text), (expression) => {
      outcome(() => evaluatePython(expression));
    }),
    { seed: SEED, numRuns: 10_000 },
  );
});

// PyYAML writes Unicode's line ends as they are and folds them when it reads; we write what it writes.
const FOREIGN = /\$\{|[\x85\u2028\u2029]/;

Deno.test("toYaml() of any data reads back as the same data", () => {
  const scalar = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 30 }).filter((word) => !FOREIGN.test(word)),
    fc.constantFrom(
      "a: b",
      "yes",
      "1e3",
      "multi\nline",
      " x",
      "x ",
      "long ".repeat(30),
      "\t",
      "\x01",
      "???",
      "<<",
      "=",
    ),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );
  const data = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, scalar, fc.array(tie("node"), { maxLength: 4 }), tie("dict")),
    dict: fc.dictionary(fc.string({ maxLength: 8 }).filter((key) => !FOREIGN.test(key)), tie("node"), {
      maxKeys: 4,
    }),
  })).dict;
  fc.assert(
    fc.property(data, (value) => {
      const node = create(value);
      const again = loadText(toYaml(node), "again.yaml");
      strictEqual(JSON.stringify(encode(toData(again))), JSON.stringify(encode(toData(node))));
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

const deep = (open: string, inner: string, close: string, depth = 10_000) =>
  open.repeat(depth) + inner + close.repeat(depth);

for (
  const [name, yaml] of Object.entries({
    "flow lists": deep("[", "", "]"),
    "flow dictionaries": deep("{a: ", "1", "}"),
    "unclosed flow lists": deep("[", "", ""),
    "block lists": deep("- ", "a", ""),
    "explicit keys": deep("? ", "a", ""),
    "indented dictionaries": Array.from({ length: 3_000 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
  })
) {
  Deno.test(`loadText() refuses ${name} nested 10,000 deep with a limit`, () => {
    const error = outcome(() => loadText(yaml, "deep.yaml"));
    ok(error instanceof YamlError);
    strictEqual(error.what, "YAML nests deeper than 500 levels");
  });
}

Deno.test("create() refuses data that holds itself", () => {
  const data: Record<string, unknown> = {};
  data.self = data;
  const error = outcome(() => create(data));
  strictEqual(error?.what, "Data nests deeper than 500 levels or holds itself");
});

Deno.test("update() refuses a path of 10,000 steps with a limit", () => {
  const error = outcome(() => update(create({}) as DictNode, deep("a.", "a", ""), 1));
  ok(error?.message.startsWith("Key has more than 500 steps"), error?.message);
});

Deno.test("parseInterpolation() refuses nesting 10,000 deep with a limit", () => {
  for (
    const words of [deep("${", "a", "}"), `\${f:${deep("[", "", "]")}}`, `\${f:${deep("{a:", "1", "}")}}`]
  ) {
    ok(outcome(() => parseInterpolation(words))?.what.startsWith("nested deeper than 200 levels"));
  }
});

Deno.test("parseInterpolation() and parseElement() read 2 million characters and refuse more", () => {
  const number = `\${f:${"1_".repeat(999_990)}1}`;
  for (const words of [number, `\${: ${"a,".repeat(999_990)}a}`, `\${f:${"\\=".repeat(999_990)}}`]) {
    for (const parse of [parseInterpolation, parseElement]) {
      const name = outcome(() => parse(words))?.name;
      ok(name === undefined || name === "GrammarParseError", name);
    }
  }
  const error = outcome(() => loadText(`a: ${"${b}".repeat(1e6)}`, "large.yaml"));
  ok(error?.message.startsWith("text with interpolations has more than 2000000 characters"), error?.message);
});

Deno.test("evaluatePython() refuses nesting 10,000 deep and huge results with a limit", () => {
  for (
    const [expression, name] of [
      [deep("(", "1", ")", 4_000), "MemoryError"],
      ["not ".repeat(2_000) + "1", undefined],
      ["-".repeat(9_000) + "1", undefined],
      [deep("[", "", "]", 4_000), "MemoryError"],
      ["1 if 1 else ".repeat(800) + "1", undefined],
      ["2 ** 2 ** 2 ** 2 ** 2 ** 2 ** 2", "OverflowError"],
      ["9 ** 9 ** 9", "OverflowError"],
      ["1 << 10 ** 9", "OverflowError"],
      ["'a' * 10 ** 9", "OverflowError"],
      ["[0] * 10 ** 9", "OverflowError"],
      ["('a' * 90000).replace('a', 'b' * 90000)", "OverflowError"],
      ["'a'.zfill(10 ** 9)", "TypeError"],
    ] as const
  ) {
    strictEqual(outcome(() => evaluatePython(expression))?.name, name, expression.slice(0, 40));
  }
});

const LARGE = {
  "one plain word of 20 million characters": `a: ${"x".repeat(2e7)}`,
  "a plain scalar of 10 million colons": `a: ${"x:".repeat(1e7)}y`,
  "a plain scalar of 5 million words in brackets": `a: [${"x ".repeat(5e6)}]`,
  "5 million comment lines": `${"# c\n".repeat(5e6)}a: 1`,
  "5 million empty and blank lines": `${"\n  \n".repeat(25e5)}a: 1`,
};
for (const [name, yaml] of Object.entries(LARGE)) {
  Deno.test(`loadText() reads ${name}`, () => {
    const config = loadText(yaml, "large.yaml") as DictNode;
    const child = config.child("a") as ValueNode | ListNode;
    const value = child instanceof ListNode ? (child.child(0) as ValueNode).raw : child.raw;
    strictEqual(value, value === 1 ? 1 : yaml.replace(/^a: \[?/, "").replace(/ \]$/, ""));
  });
}

Deno.test("loadText() refuses numbers, tags and files that are too large, with a position", () => {
  for (
    const [yaml, what] of [
      [`a: ${"1_".repeat(1e7)}1`, /^Cannot read '1_1_.*…' as an integer$/],
      [`a: 1${":1".repeat(1e7)}`, /^Cannot read '1:1:.*…' as an integer$/],
      [`a: !!${"%20".repeat(7e6)} b`, /^could not determine a constructor for the tag 'tag:.{190,200}…'$/],
      ["-\n".repeat(13e6), /^YAML text has more than 12000000 values, keys and marks$/],
    ] as const
  ) {
    const error = outcome(() => loadText(yaml, "large.yaml"));
    ok(error instanceof YamlError && what.test(error.what), error?.what);
  }
});

Deno.test("loadText() counts what aliases and merge keys add, not what stands in the text", () => {
  const items = "- 1\n".repeat(600_000);
  strictEqual((loadText(items, "large.yaml") as ListNode).size, 600_000);
  const once = loadText(`a: &a\n${"- 1\n".repeat(400_000)}b: *a\n`, "large.yaml") as DictNode;
  strictEqual((once.child("b") as ListNode).size, 400_000);
  const twice = outcome(() => loadText(`a: &a\n${"- 1\n".repeat(400_000)}b: *a\nc: *a\n`, "large.yaml"));
  strictEqual(twice?.what, "YAML aliases expand to more than 500000 values");
  const big = `a: &a\n  x: [${"1, ".repeat(10_000)}1]\n`;
  const merged = Array.from({ length: 60 }, (_, i) => `b${i}: {<<: *a}\n`).join("");
  const brought = outcome(() => loadText(big + merged, "large.yaml"));
  strictEqual(brought?.what, "YAML aliases expand to more than 500000 values");
});

Deno.test("loadText() reads a mapping that merges 200,000 keys", () => {
  const keys = Array.from({ length: 200_000 }, (_, i) => `  k${i}: 1\n`).join("");
  const config = loadText(`a: &a\n${keys}b:\n  <<: *a\n`, "large.yaml") as DictNode;
  strictEqual((config.child("b") as DictNode).size, 200_000);
});

Deno.test("loadText() refuses `!!bool foo` and `!<%ff>` as PyYAML does", () => {
  strictEqual(outcome(() => loadText("a: !!bool foo", "a.yaml"))?.what, "Cannot read 'foo' as a boolean");
  strictEqual((loadText("a: !!bool OfF", "a.yaml") as DictNode).child("a")?.special, undefined);
  ok(outcome(() => loadText("a: !<%ff> b", "a.yaml")) instanceof YamlError);
});

Deno.test("loadText() refuses anchors that double each other thirty times", () => {
  const doubled = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join("\n");
  const error = outcome(() => loadText(`a0: &a0 1\n${doubled}\n`, "bomb.yaml"));
  strictEqual(error?.what, "YAML aliases expand to more than 500000 values");
});

Deno.test("loadText() refuses merge keys that double each other thirty times", () => {
  const doubled = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} {<<: [*a${i}, *a${i}]}`).join(
    "\n",
  );
  const error = outcome(() => loadText(`a0: &a0 {x: 1}\n${doubled}\n`, "bomb.yaml"));
  strictEqual(error?.what, "YAML merge keys expand too far");
});

Deno.test("toContainer() refuses texts whose interpolations double each other forty times", () => {
  const doubled = Array.from({ length: 40 }, (_, i) => `a${i + 1}: \${a${i}}\${a${i}}`).join("\n");
  const error = outcome(() => toContainer(loadText(`a0: x\n${doubled}\n`, "bomb.yaml"), { resolve: true }));
  strictEqual(error?.name, "InterpolationResolutionError");
});

Deno.test("toContainer() refuses a text that grows tenfold nine times with a limit", () => {
  const grown = Array.from({ length: 9 }, (_, i) => `a${i + 1}: ${`\${a${i}}`.repeat(10)}`).join("\n");
  const yaml = `a0: ${"x".repeat(1000)}\n${grown}\n`;
  const error = outcome(() => toContainer(loadText(yaml, "bomb.yaml"), { resolve: true }));
  ok(
    error?.message.startsWith("Interpolation gives a text of more than 10000000 characters"),
    error?.message,
  );
});

Deno.test("toContainer() refuses lists whose interpolations double each other forty times", () => {
  const doubled = Array.from({ length: 40 }, (_, i) => `a${i + 1}: ['\${a${i}}', '\${a${i}}']`).join("\n");
  const error = outcome(() => toContainer(loadText(`a0: x\n${doubled}\n`, "bomb.yaml"), { resolve: true }));
  ok(error?.message.startsWith("Config resolves to more than 1000000 values"), error?.message);
});

/** Lists that name their predecessor several times each, first or last one first. */
function bomb(levels: number, times: number, isReversed = false): string {
  const lines = Array.from(
    { length: levels },
    (_, i) => `a${i + 1}: [${Array.from({ length: times }, () => `'\${a${i}}'`).join(", ")}]`,
  );
  return ["a0: [x]", ...(isReversed ? lines.reverse() : lines)].join("\n");
}

for (const isReversed of [false, true]) {
  const order = isReversed ? "that name their successor" : "that name their predecessor";
  Deno.test(`resolveInPlace() refuses lists ${order} ten times each with a limit`, () => {
    for (const [levels, times] of [[12, 10], [40, 2]] as const) {
      const config = loadText(bomb(levels, times, isReversed), "bomb.yaml");
      const error = outcome(() => resolveInPlace(config));
      ok(error instanceof OmegaConfBaseException);
      ok(error.what.startsWith("Config resolves to more than 1000000 values"), error.what);
      strictEqual(error.origin?.file, "bomb.yaml");
    }
  });
}

Deno.test("resolveInPlace() counts only what interpolations add", () => {
  const items = "- 1\n".repeat(400_000);
  const config = loadText(`b: \${a}\nc: \${a}\na:\n${items}`, "large.yaml") as DictNode;
  resolveInPlace(config);
  strictEqual((config.child("c") as ListNode).size, 400_000);
});

Deno.test("toObject() refuses lists that double each other forty times, and cycles", () => {
  const error = outcome(() => toObject(loadText(bomb(40, 2), "bomb.yaml")));
  ok(error?.what.startsWith("Config resolves to more than 1000000 values"), error?.what);
  const cycle = outcome(() => toObject(loadText("a: {x: '${b}'}\nb: {y: '${a}'}", "cycle.yaml")));
  ok(cycle?.what.startsWith("Recursive interpolation detected"), cycle?.what);
});

Deno.test("resolveInPlace(), toContainer() and toObject() refuse lists that hold one another 10,000 deep", () => {
  const chain = `${
    Array.from({ length: 10_000 }, (_, i) => `a${i}: ['\${a${i + 1}}']`).join("\n")
  }\na10000: 1`;
  for (
    const run of [resolveInPlace, toObject, (node: ContainerNode) => toContainer(node, { resolve: true })]
  ) {
    const error = outcome(() => run(loadText(chain, "chain.yaml")));
    ok(error?.what.startsWith("Config resolves to more than 1000 levels"), error?.what);
  }
});

Deno.test("toContainer() refuses a chain of 10,000 interpolations with a limit", () => {
  const chain = Array.from({ length: 10_000 }, (_, i) => `a${i}: \${a${i + 1}}`).join("\n");
  const error = outcome(() =>
    toContainer(loadText(`${chain}\na10000: 1\n`, "chain.yaml"), { resolve: true })
  );
  ok(error?.message.startsWith("Interpolations lead to one another more than 400 times"), error?.message);
});

Deno.test("merge() of dictionaries with __proto__ keys leaves Object.prototype alone", () => {
  const bad = (name: string) => loadText(`${name}: {polluted: 1, x: {polluted: 2}}\n`, "bad.yaml");
  const merged = merge(bad("__proto__"), bad("__proto__"), bad("constructor"));
  const data = toContainer(merged) as Record<string, unknown>;
  strictEqual(Object.hasOwn(data, "__proto__"), true);
  strictEqual(({} as { polluted?: number }).polluted, undefined);
});
