import { ok, strictEqual, throws } from "node:assert/strict";
import { dirname } from "node:path";
import { at, openDict, set } from "../../core/config/access.ts";
import { compose } from "../../core/config/compose.ts";
import { ConfigStore } from "../../core/config/config_store.ts";
import { GlobalHydra } from "../../core/config/global_hydra.ts";
import { HydraConfig } from "../../core/config/hydra_config.ts";
import { initialize, initializeConfigDir, initializeConfigModule } from "../../core/config/initialize.ts";
import type { DictNode } from "../../core/config/node.ts";
import { Resolvers } from "../../core/config/resolvers.ts";
import { select, selectNode } from "../../core/config/select.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import { FulgurError } from "../../core/errors.ts";
import { type ApiCase, golden } from "../support/hydra_api.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Runs the calls of one case as the recording did, in a folder of its own. */
class Script {
  readonly #folder: string;
  readonly #blocks: Disposable[] = [];
  #config: DictNode | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  call(step: string, given: Readonly<Record<string, unknown>>): unknown {
    // Options may be spelt as in Python.
    const args = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, this.#filled(value)]));
    switch (step) {
      case "initialize":
        return this.#begin(initialize({ base: `file://${this.#folder}/caller.ts`, ...args }));
      case "initialize_config_dir":
        return this.#begin(initializeConfigDir(args as { configDir: string }));
      case "initialize_config_module": {
        const bundles = new Map([["pack.conf", `${this.#folder}/pack/conf`]]);
        return this.#begin(
          initializeConfigModule({ ...args as { configModule: string }, loader: { bundles } }),
        );
      }
      case "exit":
        this.#blocks.pop()![Symbol.dispose]();
        return null;
      case "clear":
        GlobalHydra.instance().clear();
        return null;
      case "is_initialized":
        return GlobalHydra.instance().isInitialized();
      case "compose":
        this.#config = compose(args);
        return toYaml(this.#config);
      case "read":
        return at(this.#config!, args.key as string);
      case "write":
        set(this.#config!, args.key as string, 1);
        return null;
      case "set_hydra_config":
        HydraConfig.instance().setConfig(this.#config!);
        return null;
      case "hydra_config_set":
        return HydraConfig.initialized();
      case "hydra_config":
        return select(HydraConfig.get(), args.key as string);
      case "write_hydra":
        set(HydraConfig.get(), args.key as string, 1);
        return null;
      default:
        throw new RangeError(`no step is called ${step}`);
    }
  }

  #begin(block: Disposable): null {
    this.#blocks.push(block);
    return null;
  }

  #filled(value: unknown): unknown {
    if (typeof value !== "string") return value;
    return value.replaceAll("<folder>", this.#folder).replaceAll("<name>", this.#folder.split("/").at(-1)!);
  }
}

async function check({ steps, outcomes }: ApiCase): Promise<void> {
  const folder = await Deno.realPath(await tempFolder());
  for (const [path, text] of Object.entries(golden.apiFiles)) {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  const before = Deno.cwd();
  Deno.chdir(folder);
  const script = new Script(folder);
  try {
    for (const [i, [step, given]] of steps.entries()) {
      const { gives = null, message } = outcomes[i]!;
      let said: string | undefined;
      let gave: unknown = null;
      try {
        gave = script.call(step, given);
      } catch (error) {
        ok(error instanceof FulgurError, String(error));
        // OmegaConf's error, which Hydra keeps as the cause of its own, stands below it.
        said = error.what.replaceAll(folder, "<folder>").replace(
          /\nKey '\w+' is not in struct\n[^]*/,
          (end) => {
            return message!.includes("is not in struct") ? end : "";
          },
        );
      }
      strictEqual(said, message, step);
      strictEqual(typeof gave === "string" ? gave.replaceAll(folder, "<folder>") : gave, gives, step);
    }
  } finally {
    GlobalHydra.instance().clear();
    HydraConfig.instance().clear();
    Deno.chdir(before);
  }
}

for (const expected of golden.api) {
  Deno.test(`compose() and its kin equal Hydra: ${expected.label}`, () => check(expected));
}

Deno.test("initialize() holds until the block ends, also by an error", () => {
  throws(() => {
    using _ = initialize({ jobName: "test" });
    ok(GlobalHydra.instance().isInitialized());
    throw new RangeError("boom");
  }, RangeError);
  ok(!GlobalHydra.instance().isInitialized());
});

/** The whole text of what a call throws. */
function text(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    ok(error instanceof FulgurError, String(error));
    return error.message;
  }
  throw new TypeError("nothing was thrown");
}

Deno.test("compose() and initialize() say where and how to mend", () => {
  strictEqual(
    text(() => compose()),
    `GlobalHydra is not initialized, use @hydra.main() or call one of the hydra initialization methods first
  fix: using _ = initialize({ configPath: "configs", base: import.meta.url })`,
  );
  strictEqual(
    text(() => initialize({ configPath: "/configs" })),
    `config_path in initialize() must be relative
  where: config_path=/configs
  fix: name it relative to base, or call initializeConfigDir()`,
  );
  strictEqual(
    text(() => initializeConfigDir({ configDir: "configs" })),
    `initialize_config_dir() requires an absolute config_dir as input
  where: config_dir=configs
  fix: give an absolute folder, or call initialize(), whose folder is relative to a file`,
  );
  strictEqual(
    text(() => initialize({ versionBase: "1.1" })),
    `Hydra 1.1's defaults are not supported
  where: version_base=1.1
  fix: give 1.2 or 1.3, name the folder in configPath, and set hydra.job.chdir=true where jobs rely on it`,
  );
  strictEqual(
    text(() => HydraConfig.get()),
    `HydraConfig was not set
  fix: read it while a job runs, or call HydraConfig.instance().setConfig(config) first`,
  );
  using _ = initialize();
  strictEqual(
    text(() => initialize()),
    `GlobalHydra is already initialized, call GlobalHydra.instance().clear() if you want to re-initialize
  fix: or end the block of the \`using\` before it`,
  );
  strictEqual(
    text(() => HydraConfig.instance().setConfig(compose())),
    `The config has no hydra node
  fix: compose it with returnHydraConfig: true`,
  );
});

Deno.test("compose() and initialize() refuse options that they do not have, also of the loader", () => {
  const strict: object = { strict: false };
  ok(text(() => compose(strict)).startsWith('config.compose has no option "strict"'));
  const stores: object = { loader: { stor: new ConfigStore() } };
  ok(
    text(() => initialize(stores)).startsWith('The loader of config.initialize has no option "stor"'),
    text(() => initialize(stores)),
  );
  ok(!GlobalHydra.instance().isInitialized());
});

Deno.test("compose() finds configs of a store, with resolvers of one's own", () => {
  const store = new ConfigStore().store("config", { twice: "${double:4}" });
  const resolvers = () => new Resolvers().register("double", ([x]) => Number(x) * 2);
  using _ = initialize({ loader: { store, resolvers } });
  strictEqual(select(compose({ configName: "config" }), "twice"), 8);
});

Deno.test("compose() and HydraConfig serve a test as the Python templates write it", () => {
  using _ = initialize({ configPath: "../../configs", base: import.meta.url, versionBase: "1.3" });
  const config = compose({ configName: "train.yaml", returnHydraConfig: true, overrides: [] }).clone();
  openDict(config, () => {
    set(selectNode(config, "hydra.runtime") as DictNode, "output_dir", "/runs/one");
    set(selectNode(config, "trainer") as DictNode, "max_epochs", 1);
  });
  try {
    HydraConfig.instance().setConfig(config);
    strictEqual(select(config, "paths.output_dir"), "/runs/one");
    strictEqual(select(HydraConfig.get(), "runtime.output_dir"), "/runs/one");
  } finally {
    HydraConfig.instance().clear();
  }
});
