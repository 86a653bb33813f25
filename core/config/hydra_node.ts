import { place } from "./config_errors.ts";
import { create } from "./create.ts";
import { type ConfigNode, DictNode, isContainer, keyText, ListNode, type MISSING } from "./node.ts";
import { CompositionError } from "./hydra_errors.ts";
import type { Override } from "./overrides.ts";
import { pythonStr } from "./python_text.ts";
import type { Key } from "./scalar.ts";
import type { ConfigSource } from "./search_path.ts";
import { selectNode } from "./select.ts";
import { nodeValue, toData } from "./to_container.ts";

/** The Hydra whose behaviour this is. */
export const HYDRA_VERSION = "1.3.5";

/** What is known once a config is composed. */
export interface HydraFacts {
  readonly overrides: readonly Override[];
  readonly choices: ReadonlyMap<string, string | null>;
  readonly sources: readonly ConfigSource[];
  readonly jobName: string;
  readonly versionBase: string;
  readonly configName: string | undefined;
  readonly env: (name: string) => string | undefined;
}

/** Puts what is known only after composing into the `hydra` node: overrides, choices, sources, the job's name. */
export function fillHydra(hydra: DictNode, facts: HydraFacts): void {
  const task: string[] = [];
  for (const override of facts.overrides) {
    const kind = override.isHydra ? "hydra" : "task";
    listAt(part(hydra, "overrides"), kind).append(value(override.text));
    if (kind === "task") task.push(override.text);
  }
  const runtime = part(hydra, "runtime");
  const choices = part(runtime, "choices");
  for (const [key, choice] of facts.choices) put(choices, key, choice);
  const job = part(hydra, "job");
  const environment = part(job, "env_set");
  for (const name of strings(hydra, "job.env_copy")) {
    const copied = facts.env(name);
    if (copied === undefined) {
      throw new CompositionError(`hydra.job.env_copy names "${name}", which is not set`, {
        fix: `set ${name}, or take it out of hydra.job.env_copy`,
      });
    }
    put(environment, name, copied);
  }
  put(runtime, "version", HYDRA_VERSION);
  put(runtime, "version_base", facts.versionBase);
  put(runtime, "cwd", Deno.cwd());
  const sources = facts.sources.map(({ path, scheme, provider }) => ({ path, schema: scheme, provider }));
  put(runtime, "config_sources", sources);
  const name = job.child("name");
  if (name === undefined || name.isMissing) put(job, "name", facts.jobName);
  put(
    job,
    "override_dirname",
    overrideDirname(hydra, facts.overrides.filter((override) => !override.isHydra)),
  );
  put(job, "config_name", facts.configName ?? null);
}

/** The dictionary under a key of the `hydra` node, which overrides may have replaced or deleted. */
export function part(node: DictNode, key: string): DictNode {
  const child = node.child(key);
  if (child instanceof DictNode && child.special === undefined) return child;
  throw new CompositionError(`${node.fullKey(key)} must stay a dictionary`, {
    where: child?.origin === undefined ? undefined : place(child.origin),
    fix: "Hydra writes into it; change single keys of it instead",
  });
}

function listAt(node: DictNode, key: string): ListNode {
  const child = node.child(key);
  if (child instanceof ListNode && child.special === undefined) return child;
  throw new CompositionError(`${node.fullKey(key)} must stay a list`, {
    where: child?.origin === undefined ? undefined : place(child.origin),
  });
}

/** Sets a child whatever the flags say: this is the framework's own bookkeeping. */
export function put(dict: DictNode, key: Key, data: unknown): void {
  const node = create(data);
  const before = dict.child(key);
  if (before !== undefined) node.type = before.type;
  dict.setChild(key, node);
}

/** Says which job of a sweep a composed config is for; `???` that nobody has said so yet. */
export function numberJob(config: DictNode, id: string, num: number | typeof MISSING): void {
  const job = part(part(config, "hydra"), "job");
  put(job, "id", id);
  put(job, "num", num);
}

function value(data: unknown): ConfigNode & ReturnType<typeof create> {
  return create(data);
}

function strings(hydra: DictNode, path: string): string[] {
  const node = selectNode(hydra, path);
  if (node === undefined || !isContainer(node)) return [];
  return (toData(node, { resolve: true }) as unknown[]).map((item) => String(item));
}

/** The job's overrides as one word for a folder name. */
function overrideDirname(hydra: DictNode, overrides: readonly Override[]): string {
  const text = (key: string): string => {
    const node = selectNode(hydra, `job.config.override_dirname.${key}`);
    return node === undefined ? "" : pythonStr(nodeValue(node));
  };
  const excluded = strings(hydra, "job.config.override_dirname.exclude_keys");
  const lines = overrides.filter((override) => !excluded.includes(override.key)).map((override) =>
    override.text
  );
  return lines.sort(byCodePoint).join(text("item_sep")).replaceAll("=", text("kv_sep"));
}

function byCodePoint(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Keys of a dictionary as text. */
export function keysOf(dict: DictNode): string[] {
  return [...dict.keys()].map(keyText);
}
