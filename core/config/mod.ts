/**
 * Configuration as Hydra and OmegaConf have it: load, compose, override, interpolate, instantiate. Needs no tensors.
 *
 * @example
 * ```ts
 * import { composeConfig, ConfigStore, toYaml } from "./mod.ts";
 * const store = new ConfigStore()
 *   .store("config", { defaults: ["_self_", { db: "pg" }], lr: 0.1, half: "${lr}" })
 *   .store("pg", { port: 5432 }, { group: "db" });
 * const config = composeConfig({ searchPath: [], store, configName: "config", overrides: ["db.port=1", "+seed=7"] });
 * console.assert(toYaml(config) === "lr: 0.1\nhalf: ${lr}\ndb:\n  port: 1\nseed: 7\n");
 * ```
 *
 * @module
 */
export { ConfigError, type ErrorDetails, FulgurError } from "../errors.ts";
export {
  at,
  attribute,
  get,
  has,
  items,
  openDict,
  pop,
  push,
  readWrite,
  remove,
  set,
  withFlag,
} from "./access.ts";
export type { AssignOptions } from "./assign.ts";
export { type CheckOptions, checkSchemas } from "./check_schema.ts";
export * from "./config_errors.ts";
export { compose, type ComposeCall, composeConfig, type ComposeConfigOptions } from "./compose.ts";
export {
  type ComposeOptions,
  type Composition,
  ConfigLoader,
  type ConfigLoaderOptions,
  type RunMode,
} from "./config_loader.ts";
export { ConfigStore, type StoredConfig, type StoreOptions } from "./config_store.ts";
export { create, type CreateOptions } from "./create.ts";
export { DefaultEntry, type EntryOptions } from "./default_entry.ts";
export type { DefaultsList, DefaultsTree, ResultDefault } from "./defaults.ts";
export { GlobalHydra } from "./global_hydra.ts";
export { HydraConfig } from "./hydra_config.ts";
export {
  CommandLineError,
  CompositionError,
  InstantiationError,
  MissingConfigError,
  OverrideParseError,
} from "./hydra_errors.ts";
export { addHydraResolvers, type HydraState } from "./hydra_resolvers.ts";
export {
  initialize,
  initializeConfigDir,
  type InitializeConfigDirOptions,
  initializeConfigModule,
  type InitializeConfigModuleOptions,
  type InitializedWith,
  type InitializeOptions,
  type LoaderParts,
} from "./initialize.ts";
export { type ConvertMode, instantiate, type InstantiateOptions } from "./instantiate.ts";
export { instantiate as call } from "./instantiate.ts";
export { dereference } from "./interpolate.ts";
export { loadNode, loadText } from "./load.ts";
export { getClass, getMethod, getObject, type LookupScope } from "./lookup.ts";
export { merge, mergeInto } from "./merge.ts";
export { type Library, libraryPaths, type TargetName, targetTable } from "./names.ts";
export {
  ConfigNode,
  type ContainerNode,
  DictNode,
  type Flag,
  isContainer,
  ListNode,
  type MapKey,
  MISSING,
  type NodeOptions,
  type Special,
  ValueNode,
} from "./node.ts";
export { codeFrame, Origin, Source } from "./origin.ts";
export { getOriginalCwd, toAbsolutePath } from "./original_cwd.ts";
export { type ParsedOverride, parseOverrideText } from "./override_parser.ts";
export {
  type ChoiceSweep,
  type Element,
  type GlobSweep,
  type IntervalSweep,
  type Num,
  type OverrideValue,
  QuotedString,
  type RangeSweep,
  type Sweep,
} from "./override_value.ts";
export { Override, parseOverrides } from "./overrides.ts";
export { evalResolver, evaluatePython } from "./python_expression.ts";
export { type LoadedConfig, Repository } from "./repository.ts";
export type { Resolver, ResolverFunction, ResolverNodes, ResolverScope } from "./resolver_scope.ts";
export { type RegisterOptions, Resolvers, resolversOf, type ScopeOptions } from "./resolvers.ts";
export type { JobLogger, RunContext, TaskFunction } from "./run_context.ts";
export { EnumMember, Float, type Key, type Scalar } from "./scalar.ts";
export {
  any,
  bool,
  bytes,
  type ConfigClass,
  dictOf,
  enumeration,
  field,
  floating,
  int,
  listOf,
  literal,
  nested,
  nestedField,
  optional,
  schema,
  schemaOf,
  type SchemaOptions,
  str,
  structured,
  unionOf,
} from "./schema.ts";
export type { Bundle, ConfigSource, ObjectKind, SearchPathEntry, SourceConfig } from "./search_path.ts";
export { select, selectNode, type SelectOptions } from "./select.ts";
export { fromStandard, type StandardOptions, type StandardSchema } from "./standard_schema.ts";
export type { StandardIssue, StandardResult } from "./standard_schema.ts";
export type { TargetScope } from "./targets.ts";
export { type ContainerOptions, plainData, toContainer, toData } from "./to_container.ts";
export { toObject } from "./to_object.ts";
export { dataToYaml, toYaml, type YamlOptions } from "./to_yaml.ts";
export type { EnumType, ScalarKind, Schema, SchemaField, SchemaIssue, TypeRef } from "./type_ref.ts";
export {
  fromDotlist,
  maskedCopy,
  mergeDotlist,
  missingKeys,
  resolveInPlace,
  update,
  type UpdateOptions,
} from "./update.ts";
