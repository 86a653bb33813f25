import { DataError } from "../../errors.ts";
import type { Row } from "../dataset.ts";

/**
 * Rows of a JSON-lines text, one object a line, or of one JSON array of objects.
 *
 * @param file The file's name, for errors.
 * @throws {DataError} naming the line that is no JSON object.
 *
 * @example
 * ```ts
 * import { parseJsonLines } from "./jsonl.ts";
 * console.assert(parseJsonLines('{"x": 1}\n{"x": 2}\n', "example")[1]!.x === 2);
 * ```
 */
export function parseJsonLines(text: string, file: string): Row[] {
  if (/^\s*\[/.test(text)) {
    const rows = parse(text, file);
    return (rows as unknown[]).map((row, i) => checked(row, `${file}, element ${i}`));
  }
  const rows: Row[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const where = `${file}:${i + 1}`;
    rows.push(checked(parse(line, where), where));
  }
  return rows;
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError(`Not JSON: ${(cause as SyntaxError).message}`, {
      where,
      fix: "write one JSON object per line, or one array of objects",
      cause,
    });
  }
}

function checked(row: unknown, where: string): Row {
  if (typeof row === "object" && row !== null && !Array.isArray(row)) return row as Row;
  throw new DataError(`A row is ${Array.isArray(row) ? "a list" : JSON.stringify(row)}, not an object`, {
    where,
    fix: 'write rows as {"column": value, …}',
  });
}
