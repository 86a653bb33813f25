import { deepStrictEqual } from "node:assert/strict";
import { OverrideParseError } from "../../core/config/hydra_errors.ts";
import { parseOverrideText } from "../../core/config/override_parser.ts";
import { golden } from "../support/hydra_api.ts";

/** What Hydra's parser says, without the word that some of its messages begin with. */
function bare(message: string): string {
  return message.replace(/^Error parsing override '[^]*?'\n/, "");
}

function said(text: string): string {
  try {
    parseOverrideText(text);
    return "nothing";
  } catch (error) {
    if (error instanceof OverrideParseError) return bare(error.what);
    throw error;
  }
}

Deno.test(`parseOverrideText() says what Hydra's parser says of ${golden.syntax.length} faulty words`, () => {
  const wrong = golden.syntax.flatMap(({ text, message }) =>
    said(text).split("\nSee https")[0] === bare(message) ? [] : [[text, said(text), bare(message)]]
  );
  deepStrictEqual(wrong, []);
});
