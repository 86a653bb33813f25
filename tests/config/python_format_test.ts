import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { evaluatePython } from "../../core/config/python_expression.ts";
import { ExpressionError } from "../../core/config/python_operators.ts";
import { plainData } from "../../core/config/to_container.ts";

interface Case {
  readonly text: string;
  readonly result?: unknown;
  readonly error?: string;
}

const cases: readonly Case[] = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/python_format.json", import.meta.url)),
);

/** What an expression gives, or the name of its error. */
function outcome(text: string): Omit<Case, "text"> {
  try {
    return { result: plainData(evaluatePython(text)) };
  } catch (error) {
    ok(error instanceof ExpressionError, String(error));
    return { error: error.name };
  }
}

Deno.test("evaluatePython() formats and slices as Python does, or says that it cannot", () => {
  const wrong: unknown[] = [];
  let refused = 0;
  for (const { text, ...expected } of cases) {
    const found = outcome(text);
    if (found.error === "NotImplementedError") refused++;
    else if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push({ text, found, expected });
  }
  deepStrictEqual(wrong, []);
  // Few of them are beyond what it supports: `#` of floats, a precision of %d, lambda and the like.
  ok(refused < 40, String(refused));
});

Deno.test("evaluatePython() lets no format grow without bounds", () => {
  for (
    const text of [
      "'{:200000}'.format(1)",
      "'{:<99999}{:<99999}'.format(1, 2)",
      "f'{1:99999}{1:99999}'",
      "'%99999d%99999d' % (1, 2)",
      "'%200000d' % 1",
      "('a' * 99999).join(['b', 'c', 'd'])",
      "'a'.ljust(100000).ljust(99999) + 'b' * 2",
      "'{0}{0}'.format('a' * 99999)",
      "'{:0200000,}'.format(1)",
    ]
  ) {
    throws(() => evaluatePython(text), { name: "OverflowError" }, text);
  }
  strictEqual((evaluatePython("'{:098000,}'.format(1)") as string).length, 98_001);
});

Deno.test("evaluatePython() nests f-strings no deeper than anything else", () => {
  throws(() => evaluatePython(`f'{${"(".repeat(98)}f"{(((1)))}"${")".repeat(98)}}'`), {
    name: "MemoryError",
  });
});
