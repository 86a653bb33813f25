import { checkSchemas } from "./check_schema.ts";
import { OmegaConfBaseException, place } from "./config_errors.ts";
import { ConfigStore } from "./config_store.ts";
import { createDefaultsList, type DefaultsList, type ResultDefault } from "./defaults.ts";
import { embed } from "./embed.ts";
import { fillHydra, part } from "./hydra_node.ts";
import { CompositionError, MissingConfigError } from "./hydra_errors.ts";
import { addHydraResolvers, type HydraState } from "./hydra_resolvers.ts";
import { merge, mergeInto } from "./merge.ts";
import { type ContainerNode, DictNode, ListNode } from "./node.ts";
import { applyOverrides } from "./override_apply.ts";
import { type Override, parseOverrides } from "./overrides.ts";
import { pythonStr } from "./python_text.ts";
import { type LoadedConfig, Repository } from "./repository.ts";
import { earlyModules, type ResolverModule, resolverModules } from "./resolver_modules.ts";
import { Resolvers } from "./resolvers.ts";
import { type Bundle, type ObjectKind, openSource, type SearchPathEntry } from "./search_path.ts";
import { selectNode } from "./select.ts";
import { toData } from "./to_container.ts";
import { versionBase } from "./version_base.ts";

/** Whether one job is composed, or a sweep's master config. */
export type RunMode = "run" | "multirun";

/** What a {@linkcode ConfigLoader} is made with. */
export interface ConfigLoaderOptions {
  /** Directories and bundles in the order they are searched; Hydra's own configs come first, the store last. */
  readonly searchPath: readonly SearchPathEntry[];
  /** Configs made in code. @default none */
  readonly store?: ConfigStore;
  /** What `pkg://name` on the search path refers to. */
  readonly bundles?: ReadonlyMap<string, Bundle>;
  /** Makes the resolvers that interpolations may use; Hydra's are added. @default OmegaConf's and Hydra's */
  readonly resolvers?: () => Resolvers;
  /** The app's name, for `hydra.job.name`. @default "app" */
  readonly jobName?: string;
  /** The version whose defaults are asked for, for `hydra.runtime.version_base`. @default "1.3" */
  readonly versionBase?: string | null | undefined;
  /** Receives warnings. @default `console.warn` */
  readonly warn?: (message: string) => void;
}

/** How one config is composed. */
export interface ComposeOptions {
  /** The primary config, such as `train`; none composes Hydra's own config alone. */
  readonly configName?: string | undefined;
  readonly overrides?: readonly string[];
  readonly runMode?: RunMode;
  /** Whether hints show the quoting that a shell needs. @default false */
  readonly fromShell?: boolean;
  /** Whether sweep values are checked against the mode. @default true */
  readonly validateSweeps?: boolean;
  /** Whether validators of schemas judge the config, where it is one job's. @default true */
  readonly validateSchemas?: boolean;
  /** Values that cached resolvers gave before, as a sweep's jobs share them. */
  readonly resolvers?: Resolvers | undefined;
}

/** A composed config and how it came about. */
export interface Composition {
  /** The whole config, `hydra` first, in struct mode. */
  readonly config: DictNode;
  readonly defaults: DefaultsList;
  readonly overrides: readonly Override[];
  readonly repository: Repository;
  readonly resolvers: Resolvers;
  /** Where `${hydra:…}` reads; it is this config's `hydra` node. */
  readonly state: HydraState;
  /** Modules that `hydra.resolvers` names: each exported function is a resolver. */
  readonly resolverModules: readonly ResolverModule[];
}

/** Finds configs on a search path and composes them as Hydra does. */
export class ConfigLoader {
  readonly #options: ConfigLoaderOptions;
  readonly #store: ConfigStore;
  readonly #repository: Repository;
  readonly #warned = new Set<string>();
  readonly #versionBase: string;
  /** Entries of the search path. */
  readonly searchPath: readonly SearchPathEntry[];

  constructor(options: ConfigLoaderOptions) {
    this.#options = options;
    this.#versionBase = versionBase(options.versionBase);
    this.#store = options.store ?? new ConfigStore();
    this.searchPath = [
      { provider: "hydra", path: "pkg://hydra.conf" },
      ...options.searchPath,
      { provider: "schema", path: "structured://" },
    ];
    this.#repository = this.#open(this.searchPath);
  }

  /**
   * Composes a config: defaults lists, merges, overrides, and the `hydra` node.
   *
   * Validators of schemas see the finished config, once; a sweep's master config is left to its jobs.
   *
   * @throws {CompositionError}, {MissingConfigError}, {OverrideParseError}, {ValidationError}, each with the place that
   * is at fault.
   */
  compose(options: ComposeOptions = {}): Composition {
    const { configName, runMode = "run" } = options;
    const { overrides, repository, resolvers, state } = this.#prepare(options);
    if (options.validateSweeps !== false) checkSweeps(overrides, runMode, options.fromShell ?? false);
    const skipMissing = runMode === "multirun";
    const defaults = createDefaultsList(repository, { configName, overrides, scope: resolvers, skipMissing });
    for (const warning of defaults.warnings) this.#warn(warning);
    const config = new DictNode();
    config.scope = resolvers;
    config.setFlag("unchecked", true);
    for (const item of defaults.defaults) this.#mergeDefault(config, item, repository);
    config.setFlag("struct", true);
    part(config, "hydra").setFlag("readonly", false);
    applyOverrides(defaults.configOverrides, config, () => repository.options("", "group"));
    const hydra = part(config, "hydra");
    const modules = resolverModules(hydra);
    fillHydra(hydra, {
      overrides,
      choices: defaults.choices,
      sources: repository.sources,
      jobName: this.#options.jobName ?? "app",
      versionBase: this.#versionBase,
      configName,
      env: resolvers.env,
    });
    state.hydra = hydra;
    config.setFlag("unchecked", undefined);
    if (runMode === "run" && options.validateSchemas !== false) {
      checkSchemas(config, { resolve: true, isEarly: () => state.readEarly === true });
    }
    return { config, defaults, overrides, repository, resolvers, state, resolverModules: modules };
  }

  /** Resolvers as a composition gets them, with nothing in their cache. */
  resolvers(): Resolvers {
    return addHydraResolvers(this.#options.resolvers?.() ?? new Resolvers(), { hydra: undefined });
  }

  /** Modules with resolvers as far as they are known before the defaults list, which may use them. */
  resolverModules(options: ComposeOptions = {}): readonly ResolverModule[] {
    const { overrides, repository } = this.#prepare(options);
    const { configName } = options;
    return earlyModules(configName === undefined ? undefined : repository.load(configName)?.node, overrides);
  }

  /** The defaults list alone, without merging. */
  defaultsList(options: ComposeOptions = {}): DefaultsList {
    const { overrides, repository, resolvers } = this.#prepare(options);
    const { configName, runMode } = options;
    return createDefaultsList(repository, {
      configName,
      overrides,
      scope: resolvers,
      skipMissing: runMode === "multirun",
    });
  }

  /** Options or sub-groups of a group, as the search path of the primary config and the overrides has them. */
  groupOptions(group: string, kind: ObjectKind = "config", options: ComposeOptions = {}): string[] {
    return this.#prepare(options).repository.options(group, kind);
  }

  #prepare(options: ComposeOptions) {
    this.#checkMain();
    const overrides = parseOverrides(options.overrides ?? []);
    const state: HydraState = { hydra: undefined };
    const resolvers = addHydraResolvers(
      options.resolvers ?? this.#options.resolvers?.() ?? new Resolvers(),
      state,
    );
    return { overrides, repository: this.#withSearchPath(options.configName, overrides), resolvers, state };
  }

  /** Warns once: a run composes its config several times. */
  #warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    (this.#options.warn ?? console.warn)(message);
  }

  #open(entries: readonly SearchPathEntry[], known?: Repository): Repository {
    return new Repository(
      entries.map((entry) => openSource(entry, this.#store, this.#options.bundles)),
      known,
    );
  }

  #checkMain(): void {
    const main = this.#repository.sources.find((source) => source.provider === "main");
    if (main === undefined || main.available()) return;
    throw new MissingConfigError(
      main.scheme === "pkg"
        ? `Primary config module '${main.path}' not found.\nCheck that it's correct and contains an __init__.py file`
        : `Primary config directory not found.\nCheck that the config directory '${main.path}' exists and readable`,
    );
  }

  /** Adds what `hydra.searchpath` names in the primary config or on the command line. */
  #withSearchPath(configName: string | undefined, overrides: readonly Override[]): Repository {
    // A fresh repository per composition: files may change between two, and nothing may leak from one to the other.
    const base = new Repository(this.#repository.sources);
    const primary = configName === undefined ? undefined : base.load(configName)?.node;
    if (primary !== undefined && !(primary instanceof DictNode)) {
      throw new CompositionError(
        `primary config '${configName}' must be a DictConfig, got ${
          primary instanceof ListNode ? "ListConfig" : "null"
        }`,
        { where: primary.origin === undefined ? undefined : place(primary.origin) },
      );
    }
    const override = overrides.find((item) => item.keyElement === "hydra.searchpath");
    const node = primary === undefined ? undefined : selectNode(primary, "hydra.searchpath");
    const written = node === undefined || node.isMissing ? null : toData(node, { resolve: true });
    const paths = override === undefined ? written : override.value;
    if (paths === null || paths === undefined) return base;
    if (!Array.isArray(paths) || !paths.every((path) => typeof path === "string")) {
      throw new CompositionError(`hydra.searchpath must be a list of strings. Got: ${pythonStr(paths)}`, {
        where: (override ?? node)?.origin === undefined ? undefined : place((override ?? node)!.origin!),
      });
    }
    const provider = `hydra.searchpath in ${override === undefined ? "main" : "command-line"}`;
    const entries = paths.map((path) => ({ provider, path }));
    const grown = this.#open([...this.searchPath.slice(0, -1), ...entries, this.searchPath.at(-1)!], base);
    for (const source of grown.sources) {
      if (!source.available()) {
        this.#warn(`provider=${source.provider}, path=${source.path} is not available.`);
      }
    }
    return grown;
  }

  #mergeDefault(config: DictNode, item: ResultDefault, repository: Repository): void {
    const loaded = repository.load(item.configPath)!;
    const content = this.#withSchema(item, loaded);
    const embedded = embed(content, item.package);
    if (!item.primary && item.configPath !== "hydra/config" && embedded instanceof DictNode) {
      const path = embedded.child("hydra") instanceof DictNode
        ? selectNode(embedded, "hydra.searchpath")
        : undefined;
      if (path !== undefined && !path.isNone && !path.isMissing) {
        throw new CompositionError(
          `In '${item.configPath}': Overriding hydra.searchpath is only supported from the primary config`,
          { where: path.origin === undefined ? undefined : place(path.origin) },
        );
      }
    }
    try {
      mergeInto(config, embedded);
    } catch (error) {
      if (!(error instanceof OmegaConfBaseException)) throw error;
      throw new CompositionError(
        `In '${item.configPath}': ${error.name} raised while composing config:\n${error.what}`,
        { where: error.where, fix: error.fix, cause: error },
      );
    }
  }

  /** A file with a config of the same name in the store is checked against it. */
  #withSchema(item: ResultDefault, loaded: LoadedConfig): ContainerNode {
    const stored = loaded.source.scheme === "structured" ? undefined : this.#store.get(item.configPath);
    if (stored === undefined) return loaded.node;
    this.#warn(
      `'${item.configPath}' is validated against ConfigStore schema with the same name.\n` +
        "This behavior is deprecated in Hydra 1.1 and will be removed in Hydra 1.2.\n" +
        "See https://hydra.cc/docs/1.2/upgrades/1.0_to_1.1/automatic_schema_matching for migration instructions.",
    );
    const content = loaded.node.clone();
    let hydra: DictNode | undefined;
    // A primary config may set Hydra's keys without declaring them in its schema.
    if (item.primary && content instanceof DictNode && content.child("hydra") instanceof DictNode) {
      hydra = content.child("hydra") as DictNode;
      content.removeChild("hydra");
    }
    try {
      const typed = stored.node.clone();
      typed.setFlag("unchecked", true);
      const merged = merge(typed, content);
      merged.setFlag("unchecked", undefined);
      if (hydra !== undefined && merged instanceof DictNode) merged.setChild("hydra", hydra);
      return merged;
    } catch (error) {
      if (!(error instanceof OmegaConfBaseException)) throw error;
      throw new CompositionError(`Error merging '${item.configPath}' with schema\n${error.what}`, {
        where: error.where,
        fix: error.fix,
        cause: error,
      });
    }
  }
}

/** Sweep values need `--multirun`, and Hydra's own config cannot be swept over. */
function checkSweeps(overrides: readonly Override[], runMode: RunMode, fromShell: boolean): void {
  for (const override of overrides) {
    const { sweep, text } = override;
    if (sweep === undefined) continue;
    const where = place(override.origin);
    if (runMode === "multirun") {
      if (!override.isHydra) continue;
      throw new CompositionError(`Sweeping over Hydra's configuration is not supported : '${text}'`, {
        where,
      });
    }
    if (sweep.sweep !== "choice" || !sweep.simple) {
      throw new CompositionError(`Sweep parameters '${text}' requires --multirun`, { where });
    }
    const quote = fromShell ? "\\'" : "'";
    throw new CompositionError(
      `Ambiguous value for argument '${text}'\n1. To use it as a list, use key=[value1,value2]\n` +
        `2. To use it as string, quote the value: key=${quote}value1,value2${quote}\n` +
        "3. To sweep over it, add --multirun to your command line",
      { where },
    );
  }
}
