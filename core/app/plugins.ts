import { basename } from "node:path";

/** A plugin of Hydra's, as it is here. */
export interface Plugin {
  /** Its name in the library that targets are looked up in. */
  readonly path: string;
  /** The logger that it writes to in Python. */
  readonly logger: string;
}

const CORE = "hydra._internal.core_plugins";
const SUBMITIT = "hydra_plugins.hydra_submitit_launcher.submitit_launcher";

/** Plugins under the names that Hydra's configs give them. */
export const PLUGINS: ReadonlyMap<string, Plugin> = new Map(Object.entries({
  [`${CORE}.basic_sweeper.BasicSweeper`]: { path: "sweep.BasicSweeper", logger: `${CORE}.basic_sweeper` },
  [`${CORE}.basic_launcher.BasicLauncher`]: { path: "sweep.BasicLauncher", logger: `${CORE}.basic_launcher` },
  "hydra_plugins.hydra_optuna_sweeper.optuna_sweeper.OptunaSweeper": {
    path: "sweep.OptunaSweeper",
    logger: "hydra_plugins.hydra_optuna_sweeper._impl",
  },
  "hydra_plugins.hydra_joblib_launcher.joblib_launcher.JoblibLauncher": {
    path: "sweep.JoblibLauncher",
    logger: "hydra_plugins.hydra_joblib_launcher._core",
  },
  [`${SUBMITIT}.LocalLauncher`]: { path: "sweep.SubmititLocalLauncher", logger: SUBMITIT },
  [`${SUBMITIT}.SlurmLauncher`]: { path: "sweep.SubmititSlurmLauncher", logger: SUBMITIT },
  "hydra.experimental.callbacks.LogJobReturnCallback": {
    path: "app.LogJobReturnCallback",
    logger: "hydra.experimental.callbacks.LogJobReturnCallback",
  },
  "hydra.experimental.callbacks.PickleJobInfoCallback": {
    path: "app.PickleJobInfoCallback",
    logger: "hydra.experimental.callbacks.PickleJobInfoCallback",
  },
}));

/** What `--info plugins` lists, by kind, under Hydra's names. */
export function installedPlugins(): ReadonlyMap<string, readonly string[]> {
  const names = [...PLUGINS.keys()].map((name) => name.slice(name.lastIndexOf(".") + 1));
  return new Map([
    ["ConfigSource", ["FileConfigSource", "ImportlibResourcesConfigSource", "StructuredConfigSource"]],
    ["CompletionPlugin", ["BashCompletion", "FishCompletion", "ZshCompletion"]],
    ["Launcher", names.filter((name) => name.endsWith("Launcher"))],
    ["Sweeper", names.filter((name) => name.endsWith("Sweeper"))],
  ]);
}

/** The logger of a plugin; one of your own has its module's name, as in Python: `./queue.ts#Queue` logs as `queue`. */
export function pluginLogger(target: string): string {
  const known = PLUGINS.get(target)?.logger;
  if (known !== undefined) return known;
  const module = target.includes("#")
    ? basename(target.slice(0, target.lastIndexOf("#"))).replace(/\.[^.]*$/, "")
    : target.slice(0, Math.max(0, target.lastIndexOf(".")));
  return module === "" ? target : module;
}
