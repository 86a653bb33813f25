import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { OverrideParseError } from "../../core/config/hydra_errors.ts";
import { MAX_DEPTH, parseOverrideText } from "../../core/config/override_parser.ts";
import { QuotedString } from "../../core/config/override_value.ts";
import { encode, texts } from "../support/hydra_golden.ts";

interface GrammarCase {
  readonly input: string;
  readonly error?: string;
  readonly message?: string;
  readonly type: "CHANGE" | "ADD" | "FORCE_ADD" | "DEL";
  readonly key: string;
  readonly package: string | null;
  readonly hasValue: boolean;
  readonly value: unknown;
  readonly texts: readonly string[] | { readonly error: string } | null;
}

const golden: { grammar: readonly GrammarCase[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/hydra.json", import.meta.url)),
);
const PREFIX = { CHANGE: "", ADD: "+", FORCE_ADD: "++", DEL: "~" };

for (const expected of golden.grammar) {
  Deno.test(`parseOverrideText() reads ${JSON.stringify(expected.input)} as Hydra does`, () => {
    if (expected.error !== undefined) {
      const message = expected.message!.replace(/\nSee https:[^\n]*$/, "");
      throws(() => parseOverrideText(expected.input), (error) => {
        ok(error instanceof OverrideParseError);
        equal(error.what, message);
        return true;
      });
      return;
    }
    const parsed = parseOverrideText(expected.input);
    equal(parsed.prefix, PREFIX[expected.type]);
    equal(parsed.key, expected.key);
    equal(parsed.package ?? null, expected.package);
    equal(parsed.value !== undefined, expected.hasValue);
    if (parsed.value === undefined) return;
    deepEqual(encode(parsed.value), expected.value);
    if (expected.texts !== null && "error" in expected.texts) throws(() => texts(parsed.value!));
    else deepEqual(texts(parsed.value), expected.texts);
  });
}

Deno.test("parseOverrideText() refuses nesting beyond its limit instead of overflowing the stack", () => {
  const deep = (depth: number) => `x=${"[".repeat(depth)}${"]".repeat(depth)}`;
  parseOverrideText(deep(MAX_DEPTH));
  throws(() => parseOverrideText(deep(10_000)), /nests deeper than 200 levels/);
});

Deno.test("parseOverrideText() puts the caret under the character that it cannot read", () => {
  throws(() => parseOverrideText("x=#a"), (error) => {
    ok(error instanceof OverrideParseError);
    equal(
      error.message,
      `LexerNoViableAltException: x=#a\n${" ".repeat(29)}^\n` +
        '  where: override "x=#a", column 3\n' +
        "  fix: \"#\" is not part of the override grammar here; quote the value: key='...'",
    );
    return true;
  });
});

Deno.test("QuotedString writes itself back so that the grammar reads the same text", () => {
  for (
    const text of ["", "a", "it's", 'say "hi"', "a\\", "a\\\\", "a\\'b", "\\'", "\\\\'", "a\\b", "'", "''\\"]
  ) {
    for (const quote of ["'", '"'] as const) {
      const parsed = parseOverrideText(`x=${new QuotedString(text, quote)}`).value;
      ok(parsed instanceof QuotedString);
      equal(parsed.text, text);
    }
  }
});
