/** A target, and what Hydra says of it; `message` is null where it may be built. */
export interface BlocklistCase {
  readonly target: string;
  readonly fullKey: string;
  readonly allowed: string | null;
  readonly message: string | null;
}

/** What a call gave, or what it said. */
export interface Outcome {
  readonly gives?: unknown;
  readonly error?: string;
  readonly message?: string;
}

/** Calls of the compose API, one after another. */
export interface ApiCase {
  readonly label: string;
  readonly steps: readonly (readonly [call: string, given: Readonly<Record<string, unknown>>])[];
  readonly outcomes: readonly Outcome[];
}

/** What an app printed. */
export interface HelpCase {
  readonly args: readonly string[];
  readonly code: number;
  readonly stdout: string;
  /** All of it, or the last line of an error that Hydra does not explain. */
  readonly stderr: string;
}

/** What an app did. */
export interface RunCase {
  readonly args: readonly string[];
  readonly code: number;
  /** Without times. */
  readonly stdout: string;
  /** The error or the warnings, without where in Python. */
  readonly stderr: string;
  /** Folders that it made. */
  readonly folders: readonly string[];
}

/** A name that is looked up; `message` is null where something is found. */
export interface LookupCase {
  readonly find: "get_class" | "get_method" | "get_object";
  readonly name: string;
  readonly message: string | null;
  readonly log: readonly (readonly [logger: string, level: string, text: string])[];
}

/** What `make_hydra_api.py` recorded of Hydra. */
export interface ApiGolden {
  readonly blocklist: readonly BlocklistCase[];
  readonly apiFiles: Readonly<Record<string, string>>;
  readonly api: readonly ApiCase[];
  readonly helpFiles: Readonly<Record<string, string>>;
  readonly help: readonly HelpCase[];
  /** Command lines that argparse refuses. */
  readonly usage: readonly HelpCase[];
  readonly lookup: readonly LookupCase[];
  readonly runFiles: Readonly<Record<string, string>>;
  readonly run: readonly RunCase[];
  /** Words that do not parse, and what the parser says. */
  readonly syntax: readonly { readonly text: string; readonly message: string }[];
}

/** The recorded cases. */
export const golden: ApiGolden = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/hydra_api.json", import.meta.url)),
);
