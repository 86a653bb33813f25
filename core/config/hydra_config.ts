import { ConfigError } from "../errors.ts";
import { DictNode } from "./node.ts";
import { PerApp } from "./per_app.ts";

/**
 * The `hydra` node of the job that runs: its name and number, its folder, its overrides.
 *
 * @example
 * ```ts
 * import { compose } from "./compose.ts";
 * import { HydraConfig } from "./hydra_config.ts";
 * import { initialize } from "./initialize.ts";
 * import { select } from "./select.ts";
 * using _ = initialize({ jobName: "test" });
 * HydraConfig.instance().setConfig(compose({ returnHydraConfig: true })); // a job does this by itself
 * console.assert(select(HydraConfig.get(), "job.name") === "test");
 * HydraConfig.instance().clear();
 * ```
 */
export class HydraConfig {
  static readonly #instances = new PerApp(new HydraConfig());
  #hydra: DictNode | undefined;

  /** The one of the job that runs, or of the code outside of jobs. */
  static instance(): HydraConfig {
    return HydraConfig.#instances.current();
  }

  /** Runs a job with the `hydra` node of its config. */
  static run<R>(config: DictNode, job: () => R): R {
    const instance = new HydraConfig();
    instance.setConfig(config);
    return HydraConfig.#instances.run(instance, job);
  }

  /**
   * The `hydra` node.
   *
   * @throws {ConfigError} where no job runs and none was set.
   */
  static get(): DictNode {
    const hydra = HydraConfig.instance().#hydra;
    if (hydra !== undefined) return hydra;
    throw new ConfigError("HydraConfig was not set", {
      fix: "read it while a job runs, or call HydraConfig.instance().setConfig(config) first",
    });
  }

  /** Whether there is a `hydra` node. */
  static initialized(): boolean {
    return HydraConfig.instance().#hydra !== undefined;
  }

  /**
   * Makes a config's `hydra` node the one that `get` and `${hydra:…}` read, and read-only.
   *
   * @param config A config as it is composed, with `hydra` in it.
   * @throws {ConfigError} for a config without it.
   */
  setConfig(config: DictNode): void {
    const hydra = config.child("hydra");
    if (!(hydra instanceof DictNode)) {
      throw new ConfigError("The config has no hydra node", {
        fix: "compose it with returnHydraConfig: true",
      });
    }
    hydra.setFlag("readonly", true);
    this.#hydra = hydra;
  }

  /** Forgets it. */
  clear(): void {
    this.#hydra = undefined;
  }
}
