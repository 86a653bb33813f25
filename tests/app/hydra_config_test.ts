import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { main } from "../../core/app/mod.ts";
import { set } from "../../core/config/access.ts";
import { compose } from "../../core/config/compose.ts";
import { ConfigStore } from "../../core/config/config_store.ts";
import { GlobalHydra } from "../../core/config/global_hydra.ts";
import { HydraConfig } from "../../core/config/hydra_config.ts";
import { initialize } from "../../core/config/initialize.ts";
import { getOriginalCwd, toAbsolutePath } from "../../core/config/original_cwd.ts";
import { select } from "../../core/config/select.ts";
import { runApp } from "../support/hydra_app.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("HydraConfig.get() is the job's hydra node, read-only, while the job runs", async () => {
  const seen: unknown[] = [];
  const task = () => {
    seen.push(HydraConfig.initialized(), select(HydraConfig.get(), "job.name"));
    set(HydraConfig.get(), "verbose", true);
  };
  await runApp(["hydra.run.dir=o", "hydra.job.name=mine"], (run) => {
    deepStrictEqual(seen, [true, "mine"]);
    ok(run.stderr.includes("Cannot change read-only config container\n    full_key: hydra.verbose\n"));
    ok(!HydraConfig.initialized());
  }, { task });
});

Deno.test("HydraConfig.get() knows each job of a sweep", async () => {
  const seen: unknown[] = [];
  const task = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    seen.push(select(HydraConfig.get(), "job.num"));
  };
  await runApp(["-m", "x=1,2", "hydra.sweep.dir=o"], () => deepStrictEqual(seen, [0, 1]), { task });
});

Deno.test("HydraConfig.get() tells apps apart that run at the same time", async () => {
  const seen: unknown[] = [];
  const store = new ConfigStore().store("config", { name: "${hydra:job.name}" });
  const app = async (jobName: string) => {
    const folder = await tempFolder();
    return await main(async (config) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push([jobName, select(HydraConfig.get(), "job.name"), select(config, "name")].join());
    }, {
      args: [`hydra.run.dir=${folder}`],
      configName: "config",
      jobName,
      loader: { store },
      handleInterrupt: false,
      streams: { stdout: () => {}, stderr: console.error, color: false },
    });
  };
  deepStrictEqual(await Promise.all([app("a"), app("b")]), [0, 0]);
  deepStrictEqual(seen.sort(), ["a,a,a", "b,b,b"]);
});

Deno.test("compose() in a task finds the app's configs and reads the job's hydra node", async () => {
  const seen: unknown[] = [];
  const task = () => {
    const other = compose({
      configName: "db/pg",
      overrides: ["+n=${hydra:job.name}", "+d=${hydra:runtime.output_dir}"],
    });
    seen.push(select(other, "db.port"), select(other, "n"), select(other, "d"));
  };
  await runApp(["hydra.run.dir=o", "hydra.job.name=j"], (run) => {
    deepStrictEqual(seen, [5432, "j", `${run.folder}/o`], run.stderr);
    ok(!GlobalHydra.instance().isInitialized());
  }, { task });
});

Deno.test("initialize() in a task needs GlobalHydra.instance().clear() first", async () => {
  const seen: unknown[] = [];
  const task = () => {
    GlobalHydra.instance().clear();
    using _ = initialize({ configPath: "conf/db" });
    seen.push(select(compose({ configName: "pg" }), "driver"));
    initialize();
  };
  await runApp(["hydra.run.dir=o"], (run) => {
    deepStrictEqual(seen, ["pg"]);
    ok(run.stderr.includes("\nGlobalHydra is already initialized, call GlobalHydra.instance().clear() if"));
  }, { task });
});

Deno.test("HydraConfig.get() is the recorded node in a job that runs again", async () => {
  const seen: unknown[] = [];
  const task = () =>
    void seen.push(select(HydraConfig.get(), "job.name"), select(HydraConfig.get(), "run.dir"));
  await runApp(["hydra.run.dir=o/${x}"], async () => {
    const streams = { stdout: () => {}, stderr: () => {}, color: false };
    strictEqual(await main(task, { args: ["--experimental-rerun", "o/1/.hydra"], streams }), 0);
    deepStrictEqual(seen, ["app", "o/1", "app", "o/1"]);
  }, { task });
});

Deno.test("getOriginalCwd() and toAbsolutePath() know the job that runs", async () => {
  const seen: unknown[] = [];
  const task = () => void seen.push(getOriginalCwd(), toAbsolutePath("a"));
  await runApp(["hydra.run.dir=o", "hydra.job.chdir=true"], (run) => {
    deepStrictEqual(seen, [run.folder, `${run.folder}/a`]);
    strictEqual(toAbsolutePath("a"), `${Deno.cwd()}/a`);
  }, { task });
});

Deno.test("main() records the version_base it is given", async () => {
  await runApp(["--cfg", "hydra", "-p", "hydra.runtime.version_base"], (run) => {
    strictEqual(run.stdout, "1.2\n");
  }, { options: { versionBase: "1.2" } });
  await runApp([], (run) => {
    strictEqual(run.code, 1);
    ok(run.stderr.startsWith('version_base must be >= "1.1"\n  where: version_base=1.0\n'), run.stderr);
  }, { options: { versionBase: "1.0" } });
});
