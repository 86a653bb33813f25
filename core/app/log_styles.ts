import { ConfigError } from "../errors.ts";
import { pythonRepr } from "../config/python_text.ts";
import { pieces, written as writtenField } from "../config/python_templates.ts";

/** One part of a format: text, or a field and how it is written. */
export type Part = string | { readonly field: string; readonly write: (value: string | number) => string };

/** Throws what is wrong with a format, and how to mend it. */
export type Refuse = (why: string, fix?: string) => never;

/**
 * The parts of a log format in one of Python's styles: `%(name)s`, `{name}` or `$name`.
 *
 * @throws {ConfigError} through `refuse`, in Python's words.
 */
export function formatParts(format: unknown, style: unknown, refuse: Refuse): Part[] {
  const text = format === undefined || format === null ? undefined : String(format);
  switch (style) {
    case "%":
      return percentParts(text ?? "%(message)s", refuse);
    case "{":
      return braceParts(text ?? "{message}", refuse);
    case "$":
      return dollarParts(text ?? "${message}", refuse);
    default:
      return refuse("Style must be one of: %,{,$");
  }
}

function braceParts(format: string, refuse: Refuse): Part[] {
  try {
    const parts = pieces(format, "ValueError").map((piece): Part => {
      if (typeof piece === "string") return piece;
      const { field, conversion, spec } = piece;
      if (!/^\w+$/.test(field)) refuse(`invalid format: invalid field name/expression: ${pythonRepr(field)}`);
      // Tried out once, so that a wrong one is told at the start and not with each line.
      const write = (value: string | number): string => writtenField(value, conversion, spec);
      const isNumber = /^(?:levelno|lineno|msecs|created|relativeCreated|process)$/.test(field);
      write(isNumber ? 1 : "");
      return { field, write };
    });
    if (parts.every((part) => typeof part === "string")) refuse("invalid format: no fields", "{message}");
    return parts;
  } catch (error) {
    if (!(error instanceof ConfigError) || error.what.startsWith("Unable to configure")) throw error;
    return refuse(`invalid format: ${error.what}`);
  }
}

function dollarParts(format: string, refuse: Refuse): Part[] {
  const parts: Part[] = [];
  let end = 0;
  const text = (part: string): void => {
    if (part.includes("$")) refuse("invalid format: bare '$' not allowed", "write $ as $$");
    if (part !== "") parts.push(part);
  };
  for (const match of format.matchAll(/\$(?:\$|(\w+)|\{(\w+)\})/g)) {
    text(format.slice(end, match.index));
    end = match.index + match[0].length;
    const field = match[1] ?? match[2];
    parts.push(field === undefined ? "$" : { field, write: String });
  }
  text(format.slice(end));
  if (parts.every((part) => typeof part === "string")) refuse("invalid format: no fields", "$message");
  return parts;
}

/** Divides a format of Python's `%` operator into text and fields. */
function percentParts(format: string, refuse: Refuse): Part[] {
  const hasField = /%\(\w+\)[#0+ -]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[diouxefgcrsa%]/i.test(format);
  if (!hasField) refuse(`Invalid format '${format}' for '%' style`, "name at least one field: %(message)s");
  const parts: Part[] = [];
  const pattern = /%(?:%|\((\w+)\)([#0+ -]*)(\d*)(?:\.(\d*))?([a-z]))/gi;
  let end = 0;
  const text = (part: string): void => {
    if (part.includes("%")) refuse(`unsupported format character in '${part}'`, "write % as %%");
    if (part !== "") parts.push(part);
  };
  for (const match of format.matchAll(pattern)) {
    const [whole, field, flags = "", width = "", precision, type] = match;
    text(format.slice(end, match.index));
    end = match.index + whole.length;
    if (field === undefined) parts.push("%");
    else {
      if (!/[sradif]/.test(type!)) refuse(`'${whole}' is not supported`, `write %(${field})s`);
      const digits = precision === undefined ? undefined : Number(precision);
      parts.push({ field, write: (value) => pad(written(value, type!, digits), flags, Number(width)) });
    }
  }
  text(format.slice(end));
  return parts;
}

function written(value: string | number, type: string, precision: number | undefined): string {
  if (type === "d" || type === "i") return String(Math.trunc(Number(value)));
  if (type === "f") return Number(value).toFixed(precision ?? 6);
  const text = type === "s" ? String(value) : pythonRepr(value);
  return precision === undefined ? text : [...text].slice(0, precision).join("");
}

function pad(text: string, flags: string, width: number): string {
  if (flags.includes("-")) return text.padEnd(width);
  const isNumber = flags.includes("0") && /^-?[\d.]+$/.test(text);
  return text.padStart(width, isNumber ? "0" : " ");
}
