import { ok, strictEqual, throws } from "node:assert/strict";
import { OverrideParseError } from "../../core/config/hydra_errors.ts";
import { MAX_DEPTH, parseOverrideText } from "../../core/config/override_parser.ts";
import { QuotedString } from "../../core/config/override_value.ts";
import { checkGrammar, type GrammarCase } from "../support/hydra_compare.ts";

const golden: { grammar: readonly GrammarCase[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/hydra.json", import.meta.url)),
);

for (const expected of golden.grammar) {
  Deno.test(`parseOverrideText() reads ${JSON.stringify(expected.input)} as Hydra does`, () => {
    checkGrammar(expected);
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
    strictEqual(
      error.message,
      `LexerNoViableAltException: x=#a\n${" ".repeat(29)}^\n` +
        "See https://hydra.cc/docs/1.2/advanced/override_grammar/basic for details\n" +
        '  where: override "x=#a", column 3\n' +
        "  fix: \"#\" is not part of the override grammar here; quote the value: key='...', in a shell \"key='...'\"",
    );
    return true;
  });
});

Deno.test("parseOverrideText() says how a value with = is quoted in a shell", () => {
  throws(() => parseOverrideText("ckpt_path=a/epoch=2-step=12.ckpt"), (error) => {
    ok(error instanceof OverrideParseError);
    ok(error.fix!.startsWith("quote the value: key='...', in a shell \"key='...'\""), error.fix);
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
      strictEqual(parsed.text, text);
    }
  }
});
