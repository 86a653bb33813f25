import { flag, list, optional, takeOptions, text } from "../options.ts";
import { type ComposeOptions, ConfigLoader, type ConfigLoaderOptions } from "./config_loader.ts";
import { GlobalHydra } from "./global_hydra.ts";
import type { DictNode } from "./node.ts";
import type { Resolvers } from "./resolvers.ts";

/** What {@linkcode compose} is asked for. */
export interface ComposeCall {
  /** The primary config, such as `train` or `train.yaml`; null composes the overrides alone. @default null */
  readonly configName?: string | null | undefined;
  /** Words as on a command line. @default none */
  readonly overrides?: readonly string[] | null | undefined;
  /** Whether the `hydra` node stays in. @default false */
  readonly returnHydraConfig?: boolean | undefined;
}

/**
 * Composes a config from where {@linkcode initialize} looks, or from where the app does that runs: Hydra's `compose`.
 *
 * Sweep values are refused: a call composes one job's config. `${hydra:…}` reads the job that runs
 * ({@linkcode HydraConfig}), and outside of jobs this config's own `hydra` node.
 *
 * @returns The config in struct mode, without `hydra` unless asked.
 * @throws {ConfigError} before `initialize`, and with file, line and column of what is at fault in a config.
 *
 * @example
 * ```ts
 * import { compose } from "./compose.ts";
 * import { ConfigStore } from "./config_store.ts";
 * import { initialize } from "./initialize.ts";
 * import { select } from "./select.ts";
 * const store = new ConfigStore().store("config", { lr: 0.1, half: "${lr}" });
 * using _ = initialize({ loader: { store } }); // or { configPath: "configs", base: import.meta.url }
 * const config = compose({ configName: "config", overrides: ["lr=0.2"] });
 * console.assert(select(config, "half") === 0.2);
 * ```
 */
export function compose(options: ComposeCall = {}): DictNode {
  const { configName, overrides, returnHydraConfig } = takeOptions<ComposeCall>("config.compose", options, {
    configName: optional(text("")),
    overrides: optional(list(text(""))),
    returnHydraConfig: flag(false),
  });
  const loader = GlobalHydra.instance().configLoader();
  const words = { configName: configName ?? undefined, overrides: overrides ?? [] };
  return composedBy(loader, words, returnHydraConfig);
}

/** What a composed config is made of, for {@linkcode composeConfig}. */
export interface ComposeConfigOptions extends ConfigLoaderOptions, Omit<ComposeOptions, "resolvers"> {
  /** Makes your own resolvers, to which Hydra's (`now`, `hydra`, `eval`, …) are added. @default OmegaConf's and Hydra's */
  readonly resolvers?: () => Resolvers;
  /** Whether the `hydra` node stays in. @default false */
  readonly returnHydraConfig?: boolean;
}

/**
 * Composes a config in one call, which says where configs are looked up: {@linkcode compose} without `initialize`.
 *
 * @returns The config in struct mode, without `hydra` unless asked.
 * @throws {ConfigError} with file, line and column of what is at fault.
 *
 * @example
 * ```ts
 * import { composeConfig } from "./compose.ts";
 * import { ConfigStore } from "./config_store.ts";
 * import { select } from "./select.ts";
 * const store = new ConfigStore().store("config", { lr: 0.1, steps: 10 });
 * const config = composeConfig({ searchPath: [], store, configName: "config", overrides: ["lr=1e-3"] });
 * console.assert(select(config, "lr") === 0.001);
 * ```
 */
export function composeConfig(options: ComposeConfigOptions): DictNode {
  return composedBy(
    new ConfigLoader(options),
    { ...options, resolvers: undefined },
    options.returnHydraConfig === true,
  );
}

function composedBy(loader: ConfigLoader, options: ComposeOptions, keepsHydra: boolean): DictNode {
  const { config } = loader.compose(options);
  if (!keepsHydra) config.removeChild("hydra");
  return config;
}
