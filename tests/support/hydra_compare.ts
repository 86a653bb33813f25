import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { ConfigError } from "../../core/errors.ts";
import { ConfigLoader } from "../../core/config/config_loader.ts";
import type { DictNode, ValueNode } from "../../core/config/node.ts";
import { OverrideParseError } from "../../core/config/hydra_errors.ts";
import { parseOverrideText } from "../../core/config/override_parser.ts";
import { parseOverrides } from "../../core/config/overrides.ts";
import { selectNode } from "../../core/config/select.ts";
import { toContainer } from "../../core/config/to_container.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import { combinations } from "../../core/sweep/mod.ts";
import { configTree } from "./config_tree.ts";
import { encode, texts } from "./hydra_golden.ts";

/** What the generator writes for an override. */
export interface GrammarCase {
  readonly input: string;
  readonly error?: string;
  readonly message?: string;
  readonly type: keyof typeof PREFIX;
  readonly key: string;
  readonly package: string | null;
  readonly hasValue: boolean;
  readonly value: unknown;
  readonly texts: readonly string[] | { readonly error: string } | null;
}

/** What the generator writes for a config tree and a command line. */
export interface ComposeCase {
  readonly label: string;
  readonly files: Readonly<Record<string, string>>;
  readonly configName: string;
  readonly overrides: readonly string[];
  readonly mode: "RUN" | "MULTIRUN";
  readonly error?: string;
  readonly message?: string;
  readonly yaml?: string;
  readonly choices?: unknown;
  readonly dirname?: string;
  readonly defaults?: unknown;
  readonly hydraOwn?: string;
}

/** What the generator writes for a sweep. */
export interface SweepCase {
  readonly args: readonly string[];
  readonly batch: number | null;
  readonly error?: string;
  readonly message?: string;
  readonly batches?: readonly (readonly (readonly string[])[])[];
}

const PREFIX = { CHANGE: "", ADD: "+", FORCE_ADD: "++", DEL: "~" };

/** How ANTLR reports a syntax error; which of the four it is depends on its recovery. */
const REPORT =
  /LexerNoViableAltException|no viable alternative at input|mismatched input|extraneous input|missing \S+ at/;

/**
 * Asserts that an override is read as Hydra reads it, errors word for word.
 *
 * @param exact Whether syntax errors must be reported in the same form, too.
 */
export function checkGrammar(expected: GrammarCase, exact = true): void {
  if (expected.error !== undefined) {
    const message = expected.message!;
    throws(() => parseOverrideText(expected.input), (error) => {
      ok(error instanceof OverrideParseError);
      if (exact || !REPORT.test(message) || !REPORT.test(error.what)) strictEqual(error.what, message);
      return true;
    });
    return;
  }
  const parsed = parseOverrideText(expected.input);
  strictEqual(parsed.prefix, PREFIX[expected.type]);
  strictEqual(parsed.key, expected.key);
  strictEqual(parsed.package ?? null, expected.package);
  strictEqual(parsed.value !== undefined, expected.hasValue);
  if (parsed.value === undefined) return;
  deepStrictEqual(encode(parsed.value), expected.value);
  if (expected.texts !== null && "error" in expected.texts) throws(() => texts(parsed.value!), ConfigError);
  else deepStrictEqual(texts(parsed.value), expected.texts);
}

/** Options that plugins bring in Python and that we ship. */
const FROM_PLUGINS = /\t(?:colorlog|joblib|submitit_local|submitit_slurm)\n/g;

/** The error's own lines: without the details that OmegaConf indents, and the options that only we ship. */
export function head(message: string): string {
  const own = message.replace(/\nSee https:[^\n]*$/, "").replace(FROM_PLUGINS, "");
  return own.split("\n").filter((line) => !/^ {4}(?:full_key|object_type|reference_type)/.test(line)).join(
    "\n",
  );
}

/** Errors that Hydra raises by accident, from inside Python: only that there is an error can be compared. */
const ACCIDENTAL = /^(?:TypeError|AttributeError|AssertionError|IndexError|KeyError)$/;

/** Asserts that a command line composes to what Hydra composes, byte for byte, or fails with the same words. */
export function checkCompose(expected: ComposeCase): void {
  using tree = configTree(expected.files);
  const shown = (text: string): string => text.replaceAll(tree.folder, "<main>");
  const compose = () => {
    const loader = new ConfigLoader({
      searchPath: [{ provider: "main", path: tree.folder }],
      warn: () => {},
    });
    const runMode = expected.mode === "RUN" ? "run" : "multirun";
    return loader.compose({ configName: expected.configName, overrides: expected.overrides, runMode });
  };
  if (expected.error !== undefined) {
    throws(compose, (error) => {
      ok(error instanceof ConfigError, String(error));
      const accidental = ACCIDENTAL.test(expected.error!) || expected.message!.startsWith("invalid literal");
      if (!accidental) strictEqual(head(shown(error.what)), head(expected.message!));
      return true;
    });
    return;
  }
  const { config, defaults } = compose();
  const hydra = config.child("hydra") as DictNode;
  deepStrictEqual(
    JSON.parse(shown(JSON.stringify(defaults.defaults.map((row) => {
      return [row.configPath, row.package, row.isSelf, row.parent ?? null];
    })))),
    expected.defaults,
  );
  deepStrictEqual(
    Object.entries(toContainer(selectNode(hydra, "runtime.choices")!) as object),
    expected.choices,
  );
  const dirname = (hydra.child("job") as DictNode).child("override_dirname") as ValueNode;
  strictEqual(shown(String(dirname.raw)), expected.dirname);
  strictEqual(
    shown(toYaml(selectNode(hydra, "run")!) + toYaml(selectNode(hydra, "job_logging")!)),
    expected.hydraOwn,
  );
  config.removeChild("hydra");
  strictEqual(shown(toYaml(config)), expected.yaml);
}

/** Asserts that a command line sweeps over the jobs that Hydra makes of it. */
export function checkSweep(expected: SweepCase): void {
  using tree = configTree({ "db/mysql": "", "db/pg": "", "db/sqlite": "", "db/nested/deep": "" });
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: tree.folder }] });
  const jobs = () => combinations(parseOverrides(expected.args), (group) => loader.groupOptions(group));
  if (expected.error !== undefined) {
    throws(jobs, ConfigError);
    return;
  }
  deepStrictEqual(jobs(), expected.batches!.flat());
}

/** Where Fulgur differs from Hydra on purpose; docs/config.md says the same. */
const DIFFERENCES: readonly {
  readonly what: string;
  readonly covers: (expected: { readonly error?: string }, error: unknown, words: string) => boolean;
}[] = [
  {
    what:
      "a glob among other values (x=glob(a),b) is refused, where Hydra sweeps over its inner form as text",
    covers: (expected, error, words) =>
      expected.error === undefined && words.includes("glob(") && error instanceof ConfigError &&
      error.what.startsWith("A sweep stands inside another value"),
  },
];

/** The documented difference that explains why a case does not agree with Hydra; `undefined` for a fault. */
export function documentedDifference(
  expected: GrammarCase | ComposeCase | SweepCase,
  error: unknown,
): string | undefined {
  const words = "input" in expected
    ? expected.input
    : "args" in expected
    ? expected.args.join(" ")
    : expected.overrides.join(" ");
  return DIFFERENCES.find(({ covers }) => covers(expected, error, words))?.what;
}
