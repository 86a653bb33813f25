import { create } from "../../core/config/create.ts";
import { OmegaConfBaseException } from "../../core/config/config_errors.ts";
import { merge } from "../../core/config/merge.ts";
import type { ContainerNode } from "../../core/config/node.ts";
import { Float } from "../../core/config/scalar.ts";
import {
  any,
  dictOf,
  enumeration,
  field,
  floating,
  int,
  listOf,
  nested,
  nestedField,
  optional,
  schema,
  str,
  structured,
  unionOf,
} from "../../core/config/schema.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import type { Schema } from "../../core/config/type_ref.ts";

/** A case of `typed_merge.json`: configs, and what OmegaConf makes of merging them. */
export interface MergeCase {
  readonly configs: readonly unknown[];
  readonly yaml?: string;
  readonly resolved?: string;
  readonly resolveError?: string;
  readonly error?: string;
  readonly msg?: string;
}

const sub = schema("Sub", { a: field(int, 1), b: field(str, "x"), c: field(any, null) });
const sub2 = schema("Sub2", { d: field(floating, 0.5) }, { extends: sub });
const other = schema("Other", { z: field(int, 1) });
const deep = schema("Deep", {
  s: field(nested(sub), structured(sub2)),
  os: optional(nested(sub)),
  k: field(floating, new Float(1)),
});
const cfg = schema("Cfg", {
  sub: nested(sub),
  osub: field(optional(nested(sub)), null),
  dsub: nestedField(sub),
  lst: field(listOf(int), [1]),
  mlst: listOf(int),
  olst: field(optional(listOf(floating)), null),
  lsub: field(listOf(nested(sub)), []),
  m: field(dictOf(nested(sub)), {}),
  mi: field(dictOf(int), {}),
  mf: field(dictOf(floating), { p: new Float(1) }),
  omi: field(optional(dictOf(int)), null),
  mmi: dictOf(int),
  mu: field(dictOf(unionOf(int, str)), {}),
  n: int,
  u: field(unionOf(int, str), 1),
  anyv: field(any, null),
  e: field(enumeration("Color", { RED: 1, GREEN: 2 }), "RED"),
  t: field(optional(str), null),
  deep: nestedField(deep),
});
const cfg2 = schema("Cfg2", { more: field(dictOf(optional(int)), {}) }, { extends: cfg });
const schemas: Readonly<Record<string, Schema>> = {
  Sub: sub,
  Sub2: sub2,
  Other: other,
  Cfg: cfg,
  Cfg2: cfg2,
};

/** OmegaConf's own faults, in which this implementation knowingly does otherwise. */
const DIFFERENCES: readonly { readonly why: string; readonly is: (given: MergeCase) => boolean }[] = [
  { why: "OmegaConf crashes", is: ({ error }) => error === "AttributeError" || error === "AssertionError" },
  {
    why: "OmegaConf cannot set a value that has got a type from a later config",
    is: ({ error }) => error === "UnsupportedValueType",
  },
  {
    why: "OmegaConf says ??? where it means the value",
    is: ({ msg }) => msg?.startsWith("Value '???'") === true,
  },
  {
    why: "OmegaConf names its own class where the value's type is meant",
    is: ({ msg }) => /^Invalid value assigned: (?:Any|Union)Node/.test(msg ?? ""),
  },
  {
    why: "OmegaConf names the type where the slot's being optional is at fault",
    is: ({ msg }) => msg?.startsWith("Invalid type assigned: NoneType") === true,
  },
  {
    why: "OmegaConf lets dictionaries into slots of ints",
    is: ({ configs }) => /"deep":"\$\{mi\}"|"mi":\{"\w":\{/.test(JSON.stringify(configs)),
  },
];

/** What is wrong with a case, or `undefined`. */
export function checkMerge(given: MergeCase): string | undefined {
  if (DIFFERENCES.some(({ is }) => is(given))) return undefined;
  const made = outcome(given.configs);
  for (const key of ["error", "msg", "yaml", "resolved", "resolveError"] as const) {
    if (made[key] !== given[key]) return `${key} is ${made[key]}, not ${given[key]}`;
  }
  return undefined;
}

function outcome(configs: readonly unknown[]): Omit<MergeCase, "configs"> {
  let merged: ContainerNode;
  try {
    const [first, ...others] = configs.map((config) => built(config) as ContainerNode);
    merged = merge(first!, ...others);
  } catch (error) {
    if (!(error instanceof OmegaConfBaseException)) throw error;
    return { error: error.name, msg: error.msg.replaceAll("$$", "$") };
  }
  const yaml = toYaml(merged);
  try {
    const resolved = toYaml(merged, { resolve: true });
    return resolved === yaml ? { yaml } : { yaml, resolved };
  } catch (error) {
    if (!(error instanceof OmegaConfBaseException)) throw error;
    return { yaml, resolveError: error.name };
  }
}

function built(config: unknown): unknown {
  const data = dataOf(config);
  return config !== null && typeof config === "object" && "$schema" in config ? data : create(data);
}

function dataOf(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(dataOf);
  if (typeof data !== "object" || data === null) return data;
  if ("$schema" in data) return structured(schemas[data.$schema as string]!);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, dataOf(value)]));
}

if (import.meta.main) {
  const { cases } = JSON.parse(Deno.readTextFileSync(Deno.args[0]!)) as {
    readonly cases: readonly MergeCase[];
  };
  const wrong = cases.map((given) => ({ given, problem: checkMerge(given) })).filter(({ problem }) =>
    problem
  );
  for (const { given, problem } of wrong) console.log(JSON.stringify(given.configs), "\n ", problem);
  console.log(`${cases.length - wrong.length} passed, ${wrong.length} failed`);
  Deno.exit(wrong.length === 0 ? 0 : 1);
}
