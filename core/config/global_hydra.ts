import { ConfigError } from "../errors.ts";
import type { ConfigLoader } from "./config_loader.ts";
import { PerApp } from "./per_app.ts";

/**
 * Where `compose` finds configs: what `initialize` and its kin set up, or the configs of the app that runs.
 *
 * Each app that `main` runs has one of its own; code outside of apps shares one.
 *
 * @example
 * ```ts
 * import { GlobalHydra } from "./global_hydra.ts";
 * import { initialize } from "./initialize.ts";
 * initialize({ configPath: "../../configs", base: import.meta.url });
 * console.assert(GlobalHydra.instance().isInitialized());
 * GlobalHydra.instance().clear();
 * console.assert(!GlobalHydra.instance().isInitialized());
 * ```
 */
export class GlobalHydra {
  static readonly #instances = new PerApp(new GlobalHydra());
  #loader: ConfigLoader | undefined;

  /** The one of the app that runs, or of the code outside of apps. */
  static instance(): GlobalHydra {
    return GlobalHydra.#instances.current();
  }

  /** Runs an app whose configs a loader finds. */
  static run<R>(loader: ConfigLoader, app: () => R): R {
    const instance = new GlobalHydra();
    instance.initialize(loader);
    return GlobalHydra.#instances.run(instance, app);
  }

  /**
   * Sets where configs are found.
   *
   * @throws {ConfigError} where that is set already.
   */
  initialize(loader: ConfigLoader): void {
    if (this.isInitialized()) {
      throw new ConfigError(
        "GlobalHydra is already initialized, call GlobalHydra.instance().clear() if you want to re-initialize",
        { fix: "or end the block of the `using` before it" },
      );
    }
    this.#loader = loader;
  }

  /** Whether it is set where configs are found. */
  isInitialized(): boolean {
    return this.#loader !== undefined;
  }

  /**
   * What finds and composes configs.
   *
   * @throws {ConfigError} before `initialize`.
   */
  configLoader(): ConfigLoader {
    if (this.#loader !== undefined) return this.#loader;
    throw new ConfigError(
      "GlobalHydra is not initialized, use @hydra.main() or call one of the hydra initialization methods first",
      { fix: 'using _ = initialize({ configPath: "configs", base: import.meta.url })' },
    );
  }

  /** Forgets it. */
  clear(): void {
    this.#loader = undefined;
  }
}
