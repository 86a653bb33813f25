import { deepStrictEqual } from "node:assert/strict";
import {
  at,
  attribute,
  get,
  has,
  items,
  openDict,
  pop,
  push,
  remove,
  set,
} from "../../core/config/access.ts";
import { ConfigError } from "../../core/errors.ts";
import { OmegaConfBaseException } from "../../core/config/config_errors.ts";
import { create } from "../../core/config/create.ts";
import { loadNode, loadText } from "../../core/config/load.ts";
import { merge } from "../../core/config/merge.ts";
import {
  type ConfigNode,
  type ContainerNode,
  type DictNode,
  isContainer,
  type ListNode,
  ValueNode,
} from "../../core/config/node.ts";
import { Source } from "../../core/config/origin.ts";
import { evaluatePython } from "../../core/config/python_expression.ts";
import { Resolvers } from "../../core/config/resolvers.ts";
import { EnumMember, Float, type Key } from "../../core/config/scalar.ts";
import { structured } from "../../core/config/schema.ts";
import { selectNode } from "../../core/config/select.ts";
import { isNode, toData } from "../../core/config/to_container.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import { fromDotlist, maskedCopy, missingKeys, resolveInPlace, update } from "../../core/config/update.ts";
import { schemas } from "./omegaconf_schemas.ts";

/** A case of `omegaconf.json`: an operation, its inputs, and OmegaConf's result or error. */
export interface Case {
  readonly name: string;
  readonly op: string;
  readonly result?: unknown;
  readonly error?: string;
  readonly msg?: string;
  readonly full_key?: string;
  readonly [input: string]: unknown;
}

/** The whole file. */
export interface Golden {
  readonly env: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

type Coded = null | boolean | string | readonly Coded[] | { readonly [kind: string]: unknown };

/** Config data in the file's form. */
export function encode(value: unknown): Coded {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (value instanceof Float) return { f: String(value) };
  if (typeof value === "bigint") return { i: String(value) };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { i: String(value) } : { f: String(new Float(value)) };
  }
  if (value instanceof EnumMember) return { e: String(value) };
  if (value instanceof Uint8Array) {
    return { b: Array.from(value, (x) => x.toString(16).padStart(2, "0")).join("") };
  }
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof Map) return { d: [...value].map(([k, v]) => [encode(k), encode(v)]) };
  if (isNode(value)) return encode(toData(value));
  throw new TypeError(`cannot encode ${String(value)}`);
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null) return value;
  const [kind, inner] = Object.entries(value)[0]!;
  if (kind === "i") return Number.isSafeInteger(Number(inner)) ? Number(inner) : BigInt(inner as string);
  if (kind === "f") return new Float(pythonFloat(inner as string));
  if (kind === "b") return Uint8Array.from((inner as string).match(/../g) ?? [], (x) => parseInt(x, 16));
  return new Map((inner as [unknown, unknown][]).map(([k, v]) => [decode(k), decode(v)]));
}

function pythonFloat(text: string): number {
  return text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text);
}

/** The resolvers that `make_omegaconf.py` registers. */
function resolvers(env: Readonly<Record<string, string>>): Resolvers {
  return new Resolvers({ env: (name) => Object.hasOwn(env, name) ? env[name] : undefined, warn: () => {} })
    .register("echo", (args) => args.length === 0 ? "default" : args.length > 1 ? tooMany() : args[0])
    .register("many", (args) => [...args])
    .register("ns.f", (args) => args.length === 1 ? [args[0]] : tooMany())
    .register("dict", () => new Map<string, unknown>([["a", 1], ["b", [new Float(1)]]]))
    .register("list", () => [1, new Map([["a", null]])])
    .register("inter", () => "${a}")
    .register("missing", () => "???")
    .register("parent", ([key], { parent }) => at(parent, key as Key))
    .register("root", ([key], { root }) => at(root, key as Key))
    .register("node", (_, { node }) => node.fullKey());
}

function tooMany(): never {
  throw new TypeError("wrong number of arguments");
}

function value(node: ConfigNode | undefined): unknown {
  if (node === undefined || node.isMissing) return undefined;
  return node instanceof ValueNode ? node.raw : node.isNone ? null : node;
}

function parsed(text: string, config?: ContainerNode, key?: string): unknown {
  const node = loadNode(new Source("value", text), config, key);
  return node === undefined ? null : toData(node);
}

function flagged(case_: Case, env: Readonly<Record<string, string>>): ContainerNode {
  const config = typeof case_.yaml === "string"
    ? loadText(case_.yaml, "case.yaml")
    : create(decode(case_.data));
  (config as ContainerNode).scope = resolvers(env);
  for (const [path, flags] of Object.entries(case_.flags ?? {})) {
    const node = path === "" ? config : selectNode(config as ContainerNode, path)!;
    for (const [name, set] of Object.entries(flags as Record<"struct" | "readonly", boolean>)) {
      node.setFlag(name as "struct", set);
    }
  }
  return config as ContainerNode;
}

/** What this implementation makes of a case. */
export function perform(case_: Case, env: Readonly<Record<string, string>>): unknown {
  const c = case_ as Case & { readonly key: string; readonly yaml: string; readonly yamls: string[] };
  const resolve = c.resolve === true;
  switch (c.op) {
    case "load":
      return loadText(c.yaml, "case.yaml");
    case "scalar":
      return parsed(c.yaml);
    case "merge": {
      const [first, ...others] = c.yamls;
      const target = flagged({ ...c, yaml: first! }, env);
      return toData(merge(target, ...others.map((text, index) => loadText(text, `${index}.yaml`))), {
        resolve,
      });
    }
    case "container":
      return toData(flagged(c, env), { resolve, throwOnMissing: c.throw === true });
    case "resolve": {
      const config = flagged(c, env);
      resolveInPlace(config);
      return config;
    }
    case "select":
      return selected(c, env);
    case "update": {
      const config = flagged(c, env);
      const options = { merge: c.merge !== false, forceAdd: c.force_add === true };
      update(config, c.key, parsed(c.value as string, config, c.key), options);
      return config;
    }
    case "dotlist":
      return fromDotlist(c.words as string[]);
    case "missing":
      return [...missingKeys(flagged(c, env))].sort((a, b) => (a < b ? -1 : 1));
    case "masked":
      return maskedCopy(flagged(c, env), c.keys as string[]);
    case "yaml":
      return toYaml(flagged(c, env), { resolve, sortKeys: c.sort === true });
    case "typed":
      return typed(c, env, resolve);
    case "typed_yaml":
      return toYaml(structured(schemas[c.schema as string]!));
    case "eval":
      return evaluatePython(c.text as string);
    case "access":
      return accessed(c, env);
    default:
      throw new TypeError(`unknown operation ${c.op}`);
  }
}

function selected(c: Case & { readonly key: string }, env: Readonly<Record<string, string>>): unknown {
  let config = flagged(c, env);
  if (typeof c.from === "string") config = selectNode(config, c.from) as ContainerNode;
  const node = selectNode(config, c.key, {
    throwOnMissing: c.throw_missing === true,
    throwOnResolutionFailure: c.throw_resolution !== false,
  });
  const found = value(node);
  return found === undefined ? ("default" in c ? decode(c.default) : null) : found;
}

function typed(c: Case, env: Readonly<Record<string, string>>, resolve: boolean): unknown {
  let config: ContainerNode = structured(schemas[c.schema as string]!);
  config.scope = resolvers(env);
  for (const text of (c.merge ?? []) as string[]) config = merge(config, loadText(text, "merged.yaml"));
  for (const name of (c.merge_schema ?? []) as string[]) config = merge(config, structured(schemas[name]!));
  for (const [path, text] of (c.update ?? []) as [string, string][]) {
    update(config, path, parsed(text, config, path));
  }
  return toData(config, { resolve });
}

function accessed(c: Case, env: Readonly<Record<string, string>>): unknown {
  const config = flagged(c, env);
  const node = (typeof c.at === "string" ? selectNode(config, c.at)! : config) as ContainerNode;
  const key = decode(c.key) as Key;
  const dict = node as DictNode;
  const given = decode(c.value);
  switch (c.what) {
    case "item":
      return at(node, key);
    case "attribute":
      return attribute(dict, key as string);
    case "get":
      return get(node, key, "default" in c ? decode(c.default) : null);
    case "in":
      return has(dict, key);
    case "set":
      set(node, key, given);
      return config;
    case "setattr":
      set(node, key, given, { as: "attribute" });
      return config;
    case "open":
      openDict(node, () => set(node, key, given));
      return config;
    case "del":
      remove(node, key);
      return config;
    case "pop":
      return pop(dict, key, "default" in c ? decode(c.default) : undefined);
    case "append":
      push(node as ListNode, given);
      return config;
    case "items":
      return [...items(dict)].map(([k, v]) => [k, v]);
    default:
      throw new TypeError(`unknown access ${String(c.what)}`);
  }
}

/** Cases in which this implementation knowingly does otherwise, and why. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  "typed App merges matrix: [[1, 2.5], ['3']]":
    "OmegaConf converts 1 to a float in a list but not in a list of lists",
  "typed App merges matrix: [[x]]": "the same",
  "typed App updates matrix=[[1]]": "the same",
  "typed App merges dbs: [null]": "OmegaConf names the type where the slot's being optional is at fault",
  "typed App updates opt_db={port: 1}": "OmegaConf crashes with an AttributeError",
  "typed App updates opt_db.port=1": "OmegaConf crashes with an AssertionError",
};

/** What is wrong with a case, or `undefined`. */
export function check(case_: Case, env: Readonly<Record<string, string>>): string | undefined {
  if (Object.hasOwn(DIFFERENCES, case_.name)) return undefined;
  // Python ran out of stack; that this ends at all is what matters.
  if (case_.msg?.startsWith("RecursionError") === true) return endsAtAll(case_, env);
  let result: Coded;
  try {
    const made = perform(case_, env);
    result = encode(isContainer(made as ConfigNode) ? toData(made as ConfigNode) : made);
  } catch (error) {
    return checkError(case_, error);
  }
  if (case_.error !== undefined) return `gives ${show(result)}, not ${case_.error}: ${case_.msg ?? ""}`;
  try {
    deepStrictEqual(result, case_.result);
    return undefined;
  } catch {
    return `gives ${show(result)}, not ${show(case_.result)}`;
  }
}

function endsAtAll(case_: Case, env: Readonly<Record<string, string>>): string | undefined {
  try {
    perform(case_, env);
    return undefined;
  } catch (error) {
    return error instanceof ConfigError ? undefined : `throws ${String(error)}, which is no ConfigError`;
  }
}

function show(result: unknown): string {
  return typeof result === "string" ? `\n${result}` : JSON.stringify(result);
}

// The texts of Python's own errors and of its parsers differ by nature; their kind has to agree.
const FOREIGN =
  /^(?:Type|Attribute|ConfigAttribute|GrammarParse|Assertion|Recursion|Parser|Scanner|Composer|Constructor)Error raised/;

function checkError(case_: Case, error: unknown): string | undefined {
  if (!(error instanceof ConfigError)) return `throws ${String(error)}, which is no ConfigError`;
  if (case_.error === undefined) return `throws ${error.name}: ${error.message}, not ${show(case_.result)}`;
  if (case_.op === "eval") {
    return error.name === case_.error
      ? undefined
      : `throws ${error.name}: ${error.message}, not ${case_.error}`;
  }
  // Where OmegaConf or PyYAML crash with a bare Python exception, any typed error is right.
  // A document with two faults may be refused for either.
  if (case_.msg === undefined) return undefined;
  if (error.name !== case_.error) {
    return `throws ${error.name} (${error.what}), not ${case_.error} (${case_.msg ?? ""})`;
  }
  if (case_.msg === undefined || !(error instanceof OmegaConfBaseException)) return undefined;
  // OmegaConf leaves the key, or an end of it, out now and then; we name it whole.
  if (!covers(error.fullKey, case_.full_key ?? "")) {
    return `names the key "${error.fullKey}", not "${case_.full_key}"`;
  }
  if (error.name === "GrammarParseError" || FOREIGN.test(case_.msg)) return undefined;
  // OmegaConf names its own class AnyNode where the value's type is meant.
  const msg = case_.msg.startsWith("Invalid value assigned: AnyNode")
    ? error.msg.replace(/: \w+/, ": AnyNode")
    : error.msg;
  // OmegaConf runs its texts through a template, in which two dollar signs are one.
  return msg.replaceAll("$$", "$") === case_.msg ? undefined : `says "${error.msg}", not "${case_.msg}"`;
}

function covers(fullKey: string, part: string): boolean {
  const bare = (key: string) => key.replace(/[[\].]/g, "");
  return bare(fullKey).endsWith(bare(part)) || bare(fullKey).startsWith(bare(part));
}

if (import.meta.main) {
  const golden = JSON.parse(Deno.readTextFileSync(Deno.args[0]!)) as Golden;
  let failed = 0;
  for (const case_ of golden.cases) {
    const wrong = check(case_, golden.env);
    if (wrong === undefined) continue;
    failed++;
    console.log(`${case_.name}: ${wrong}`);
  }
  console.log(`${golden.cases.length - failed} passed, ${failed} failed`);
  Deno.exit(failed === 0 ? 0 : 1);
}
