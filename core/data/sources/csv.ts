import { DataError } from "../../errors.ts";
/**
 * Columns of a CSV text with a header line; quoted fields may hold commas, quotes (doubled) and line ends.
 *
 * Whole columns of integers and fractions become numbers, columns of `True`/`False` booleans; empty fields are `null`.
 *
 * @param file The file's name, for errors.
 * @throws {DataError} where a line has more or fewer fields than the header, or a quote is not closed.
 *
 * @example
 * ```ts
 * import { parseCsv } from "./csv.ts";
 * const columns = parseCsv('x,name\n1,"a, b"\n2,c\n', "example");
 * console.assert(columns.x![1] === 2 && columns.name![0] === "a, b");
 * ```
 */
export function parseCsv(text: string, file: string, separator = ","): Record<string, ArrayLike<unknown>> {
  const [header, ...lines] = fields(text.replace(/^\uFEFF/, ""), file, separator);
  if (header === undefined) {
    throw new DataError("CSV file is empty", { where: file, fix: "give a header line" });
  }
  for (const [i, line] of lines.entries()) {
    if (line.length === header.length) continue;
    throw new DataError(`CSV record has ${line.length} fields, but the header has ${header.length}`, {
      where: `${file}, record ${i + 2}`,
      fix: `the header says ${header.join(", ")}; quote fields that hold "${separator}"`,
    });
  }
  return Object.fromEntries(header.map((name, c) => [name, typed(lines.map((line) => line[c]!))]));
}

const NUMBER = /^\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?)\s*$/;

function typed(values: readonly string[]): ArrayLike<unknown> {
  const present = values.filter((value) => value !== "");
  if (present.length > 0 && present.every((value) => NUMBER.test(value))) {
    // a column with a decimal point anywhere is one of fractions, even where their values are whole
    if (present.length === values.length && values.some((value) => /[.eE]/.test(value))) {
      return Float64Array.from(values, Number);
    }
    return values.map((value) => value === "" ? null : Number(value));
  }
  if (present.length > 0 && present.every((value) => /^(True|False|true|false)$/.test(value))) {
    return values.map((value) => value === "" ? null : value.toLowerCase() === "true");
  }
  return values.map((value) => value === "" ? null : value);
}

function fields(text: string, file: string, separator: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  const end = (): void => {
    if (record.length > 1 || record[0] !== "") records.push(record);
    record = [];
  };
  while (at < text.length) {
    let value = "";
    if (text[at] === '"') {
      for (;;) {
        const close = text.indexOf('"', at + 1);
        if (close < 0) {
          throw new DataError("CSV file ends within a quoted field", {
            where: `${file}, record ${records.length + 1}`,
            fix: "close the quote, or double it where it belongs to the text",
          });
        }
        value += text.slice(at + 1, close);
        at = close + 1;
        if (text[at] !== '"') break;
        value += '"';
      }
    }
    const from = at;
    while (at < text.length && text[at] !== separator && text[at] !== "\n" && text[at] !== "\r") at++;
    record.push(value + text.slice(from, at));
    if (text[at] === separator) {
      at++;
      if (at === text.length) record.push("");
      continue;
    }
    end();
    if (text[at] === "\r" && text[at + 1] === "\n") at++;
    at++;
  }
  if (record.length > 0) end();
  return records;
}
