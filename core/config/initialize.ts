import { isAbsolute } from "node:path";
import { ConfigError } from "../errors.ts";
import { checkedLater, like, optional, required, type Taken, takeOptions, text } from "../options.ts";
import { jobName, mainEntry } from "./caller.ts";
import { ConfigLoader, type ConfigLoaderOptions } from "./config_loader.ts";
import { ConfigStore } from "./config_store.ts";
import { GlobalHydra } from "./global_hydra.ts";
import { Resolvers } from "./resolvers.ts";
import type { Bundle, SearchPathEntry } from "./search_path.ts";

/** What all ways to initialize take. */
export interface InitializedWith {
  /** The value of `hydra.job.name`. @default the name of `base` without its extension, else `app` */
  readonly jobName?: string | null | undefined;
  /** The version of Hydra whose defaults are asked for, 1.2 or later. @default "1.3" */
  readonly versionBase?: string | null | undefined;
  /** Configs made in code, bundles that `pkg://` names, and resolvers of your own. */
  readonly loader?: LoaderParts | undefined;
}

/** What a loader has beside its search path. */
export type LoaderParts = Pick<ConfigLoaderOptions, "store" | "bundles" | "resolvers" | "warn">;

/** Where {@linkcode initialize} looks. */
export interface InitializeOptions extends InitializedWith {
  /** A folder, relative to `base`; null searches no folder. @default null */
  readonly configPath?: string | null | undefined;
  /** The file that `configPath` is relative to: pass `import.meta.url`. @default the working directory */
  readonly base?: string | null | undefined;
}

/** Where {@linkcode initializeConfigDir} looks. */
export interface InitializeConfigDirOptions extends InitializedWith {
  /** An absolute folder. */
  readonly configDir: string;
}

/** Where {@linkcode initializeConfigModule} looks. */
export interface InitializeConfigModuleOptions extends InitializedWith {
  /** The name of a bundle in `loader`, such as `mine.configs`. */
  readonly configModule: string;
}

const SHARED = {
  jobName: optional(text("")),
  versionBase: optional(text("")),
  loader: checkedLater<LoaderParts>({}),
};

/**
 * Says where {@linkcode compose} finds configs: in a folder beside the caller's file.
 *
 * @returns What puts the state before back when it is disposed of: `using _ = initialize(…)` holds until the end of
 * the block. Without `using` it holds until `GlobalHydra.instance().clear()`.
 * @throws {ConfigError} for an absolute folder, for a version older than 1.2, and where it is said already.
 *
 * @example
 * ```ts
 * import { compose } from "./compose.ts";
 * import { initialize } from "./initialize.ts";
 * import { select } from "./select.ts";
 * using _ = initialize({ configPath: "../../configs", base: import.meta.url, versionBase: "1.3" });
 * const config = compose({ configName: "train", overrides: ["data.batch_size=32"] });
 * console.assert(select(config, "data.batch_size") === 32);
 * ```
 */
export function initialize(options: InitializeOptions = {}): Disposable {
  const { configPath, base, ...shared } = takeOptions<InitializeOptions>("config.initialize", options, {
    configPath: optional(text("")),
    base: optional(text("")),
    ...SHARED,
  });
  if (configPath !== null && (isAbsolute(configPath) || configPath.startsWith("file:"))) {
    throw new ConfigError("config_path in initialize() must be relative", {
      where: `config_path=${configPath}`,
      fix: "name it relative to base, or call initializeConfigDir()",
    });
  }
  const caller = { base: base ?? undefined, jobName: shared.jobName ?? undefined };
  const path = configPath === null ? [] : [mainEntry(configPath, caller)];
  return started(path, { ...shared, jobName: jobName(caller) });
}

/**
 * Says where {@linkcode compose} finds configs: in an absolute folder.
 *
 * @returns As {@linkcode initialize} does.
 * @throws {ConfigError} for a relative folder, for a version older than 1.2, and where it is said already.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { compose } from "./compose.ts";
 * import { initializeConfigDir } from "./initialize.ts";
 * import { select } from "./select.ts";
 * using _ = initializeConfigDir({ configDir: fileURLToPath(new URL("../../configs", import.meta.url)) });
 * console.assert(select(compose({ configName: "train" }), "data.batch_size") === 128);
 * ```
 */
export function initializeConfigDir(options: InitializeConfigDirOptions): Disposable {
  const owner = "config.initializeConfigDir";
  const { configDir, ...shared } = takeOptions<InitializeConfigDirOptions>(owner, options, {
    configDir: text(required),
    ...SHARED,
  });
  if (!isAbsolute(configDir)) {
    throw new ConfigError("initialize_config_dir() requires an absolute config_dir as input", {
      where: `config_dir=${configDir}`,
      fix: "give an absolute folder, or call initialize(), whose folder is relative to a file",
    });
  }
  return started([{ provider: "main", path: configDir }], shared);
}

/**
 * Says where {@linkcode compose} finds configs: in a bundle, which is here what a package with configs is in Python.
 *
 * @returns As {@linkcode initialize} does.
 * @throws {ConfigError} for a version older than 1.2, and where it is said already.
 *
 * @example
 * ```ts
 * import { compose } from "./compose.ts";
 * import { initializeConfigModule } from "./initialize.ts";
 * import { select } from "./select.ts";
 * const bundles = new Map([["mine.configs", new Map([["train", "lr: 0.1"]])]]);
 * using _ = initializeConfigModule({ configModule: "mine.configs", loader: { bundles } });
 * console.assert(select(compose({ configName: "train" }), "lr") === 0.1);
 * ```
 */
export function initializeConfigModule(options: InitializeConfigModuleOptions): Disposable {
  const owner = "config.initializeConfigModule";
  const { configModule, ...shared } = takeOptions<InitializeConfigModuleOptions>(owner, options, {
    configModule: text(required),
    ...SHARED,
  });
  return started([{ provider: "main", path: `pkg://${configModule}` }], shared);
}

function started(
  searchPath: readonly SearchPathEntry[],
  { jobName, versionBase, loader }: Taken<InitializedWith>,
): Disposable {
  takeOptions<LoaderParts>("The loader of config.initialize", loader, {
    store: like<ConfigStore>(
      "give a ConfigStore",
      (value) => value instanceof ConfigStore,
      new ConfigStore(),
    ),
    bundles: like<ReadonlyMap<string, Bundle>>("give a Map", (value) => value instanceof Map, new Map()),
    resolvers: like<() => Resolvers>("give a function", isFunction, () => new Resolvers()),
    warn: like<(message: string) => void>("give a function", isFunction, () => {}),
  });
  const hydra = GlobalHydra.instance();
  hydra.initialize(new ConfigLoader({ ...loader, searchPath, jobName: jobName ?? "app", versionBase }));
  // Nothing was set before, or initialize would have refused.
  return { [Symbol.dispose]: () => hydra.clear() };
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}
