import { LAUNCHER_SCHEMAS } from "./launcher_schema.ts";
import { loadText } from "./load.ts";
import type { ContainerNode } from "./node.ts";
import { OPTUNA_SCHEMAS } from "./optuna_schema.ts";
import {
  any,
  dictOf,
  enumeration,
  field,
  int,
  listOf,
  nested,
  nestedField,
  optional,
  schema,
  str,
  structured,
} from "./schema.ts";

const STRINGS = dictOf(str);

const DIRNAME = schema("OverrideDirname", {
  kv_sep: field(str, "="),
  item_sep: field(str, ","),
  exclude_keys: field(listOf(str), []),
});

const JOB = schema("JobConf", {
  name: str,
  chdir: field(optional({ kind: "bool", optional: false }), null),
  override_dirname: str,
  id: str,
  num: int,
  config_name: optional(str),
  env_set: field(STRINGS, {}),
  env_copy: field(listOf(str), []),
  config: nestedField(schema("JobConfig", { override_dirname: nestedField(DIRNAME) })),
});

const SOURCE = schema("ConfigSourceInfo", { path: str, schema: str, provider: str });

const RUNTIME = schema("RuntimeConf", {
  version: str,
  version_base: str,
  cwd: str,
  config_sources: listOf(nested(SOURCE)),
  output_dir: str,
  choices: field(dictOf(any), {}),
});

const HYDRA = schema("HydraConf", {
  defaults: field(listOf(any), []),
  mode: field(optional(enumeration("RunMode", { RUN: 1, MULTIRUN: 2 })), null),
  searchpath: field(listOf(str), []),
  run: nestedField(schema("RunDir", { dir: str })),
  sweep: nestedField(schema("SweepDir", { dir: str, subdir: str })),
  hydra_logging: dictOf(any),
  job_logging: dictOf(any),
  sweeper: any,
  launcher: any,
  callbacks: field(dictOf(any), {}),
  help: nestedField(schema("HelpConf", { app_name: str, header: str, footer: str, template: str })),
  hydra_help: nestedField(schema("HydraHelpConf", { hydra_help: str, template: str })),
  output_subdir: field(optional(str), ".hydra"),
  overrides: nestedField(
    schema("OverridesConf", { hydra: field(listOf(str), []), task: field(listOf(str), []) }),
  ),
  job: nestedField(JOB),
  runtime: nestedField(RUNTIME),
  verbose: field(any, false),
});

const SWEEPER = schema("BasicSweeperConf", {
  _target_: field(str, "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"),
  max_batch_size: field(optional(int), null),
  params: field(optional(STRINGS), null),
});

const LAUNCHER = schema("BasicLauncherConf", {
  _target_: field(str, "hydra._internal.core_plugins.basic_launcher.BasicLauncher"),
});

const DEFAULTS = `- output: default
- launcher: basic
- sweeper: basic
- help: default
- hydra_help: default
- hydra_logging: default
- job_logging: default
- callbacks: null
- env: default
`;

/** Hydra's own typed configs by full name: what is merged over them is checked. */
export const HYDRA_SCHEMAS: ReadonlyMap<string, () => ContainerNode> = new Map([
  ["hydra/config", (): ContainerNode => {
    const node = structured(HYDRA);
    node.setChild("defaults", loadText(DEFAULTS, "pkg://hydra.conf/hydra/config.yaml"));
    return node;
  }],
  ["hydra/sweeper/basic", (): ContainerNode => structured(SWEEPER)],
  ["hydra/launcher/basic", (): ContainerNode => structured(LAUNCHER)],
  ...OPTUNA_SCHEMAS,
  ...LAUNCHER_SCHEMAS,
]);
