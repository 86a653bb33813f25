import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { ConfigError } from "../../core/errors.ts";
import { instantiate } from "../../core/config/instantiate.ts";
import { loadText } from "../../core/config/load.ts";
import { ConfigNode, DictNode, ListNode } from "../../core/config/node.ts";
import { nodeValue } from "../../core/config/to_container.ts";
import { selectNode } from "../../core/config/select.ts";
import { count, required, takeOptions } from "../../core/options.ts";

interface InstantiateCase {
  readonly label: string;
  readonly yaml: string;
  readonly key: string;
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly args: readonly unknown[];
  readonly error?: string;
  readonly message?: string;
  readonly value?: unknown;
}

function casesOf(file: string): readonly InstantiateCase[] {
  const golden: { instantiate: readonly InstantiateCase[] } = JSON.parse(
    Deno.readTextFileSync(new URL(`../golden/${file}`, import.meta.url)),
  );
  return golden.instantiate;
}

function split(given: readonly unknown[]): { args: unknown[]; kwargs: Record<string, unknown> } {
  const last = given.at(-1);
  const isOptions = typeof last === "object" && last !== null &&
    Object.getPrototypeOf(last) === Object.prototype;
  return isOptions
    ? { args: given.slice(0, -1), kwargs: last as Record<string, unknown> }
    : { args: [...given], kwargs: {} };
}

/** Records what it is built with, as the Python target does. */
class Point {
  static readonly positions = true;
  readonly given: ReturnType<typeof split>;

  constructor(...given: unknown[]) {
    this.given = split(given);
  }

  static make(...given: unknown[]): Point {
    return new Point("made", ...given);
  }
}

class Strict {
  readonly given: ReturnType<typeof split>;

  constructor(options: { a: number; b?: number }) {
    this.given = { args: [], kwargs: takeOptions("targets.Strict", options, { a: count(required), b: 2 }) };
  }
}

// A static method that is no class itself must stay callable without `new`.
const library = {
  targets: {
    Point,
    Strict,
    collect: (...given: unknown[]) => split(given),
    fail: () => {
      throw new RangeError("boom");
    },
    VALUE: 5,
  },
};

function encode(value: unknown): unknown {
  if (value instanceof Point || value instanceof Strict) {
    return {
      class: value.constructor.name,
      args: value.given.args.map(encode),
      kwargs: encode(value.given.kwargs),
    };
  }
  if (typeof value === "function") return { partial: encode(value({ z: 9 })) };
  if (value instanceof DictNode) {
    return { node: [...value.children()].map((child) => [String(child.key), encode(nodeValue(child))]) };
  }
  if (value instanceof ListNode) return { node: value.children().map((child) => encode(nodeValue(child))) };
  if (value instanceof ConfigNode) return encode(nodeValue(value));
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === "object" && value !== null) {
    return { dict: Object.entries(value).map(([key, item]) => [key, encode(item)]) };
  }
  return value;
}

for (const expected of [...casesOf("hydra.json"), ...casesOf("hydra_api.json")]) {
  Deno.test(`instantiate() equals Hydra: ${expected.label}`, async () => {
    const root = loadText(expected.yaml, "config.yaml");
    const node = expected.key === "" ? root : selectNode(root, expected.key);
    const built = () => instantiate(node, { library, kwargs: expected.kwargs, args: expected.args });
    if (expected.error === undefined) {
      deepStrictEqual(encode(await built()), expected.value);
      return;
    }
    await rejects(built, (error) => {
      ok(error instanceof ConfigError, String(error));
      const [first] = expected.message!.split("\n");
      const key = /\nfull_key: (.*)/.exec(expected.message!)?.[1];
      const start = first!;
      if (!expected.label.endsWith("option")) ok(error.what.startsWith(start), error.what);
      if (key !== undefined) ok(error.what.endsWith(`full_key: ${key}`), error.what);
      return true;
    });
  });
}
