import { main } from "../../core/app/mod.ts";
import { ConfigStore } from "../../core/config/config_store.ts";
import { select } from "../../core/config/select.ts";

// A program whose jobs do what their config says. It is started as a process of its own, and starts itself for jobs.
const LOCAL = "hydra_plugins.hydra_submitit_launcher.submitit_launcher.LocalLauncher";
const SOON = `${new URL("./soon_slurm.ts", import.meta.url).pathname}#SoonSlurm`;
const FOLDER = { submitit_folder: "${hydra.sweep.dir}/.submitit/%j" };

const store = new ConfigStore()
  .store("config", {
    x: 1,
    does: "return",
    time: "${now:%f}",
    ckpt_path: null,
    hydra: { sweep: { dir: "s" } },
  })
  .store("quick", { _target_: LOCAL, timeout_min: 0.01, ...FOLDER }, { group: "hydra/launcher" })
  .store("soon", { _target_: SOON, ...FOLDER }, { group: "hydra/launcher" });

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class Paused extends Error {
  override name = "InterruptedError";
  readonly checkpointPath = "some where/last.ckpt";
}

// The first call of `main` is no sweep; the jobs of the second must not run it again.
if (Deno.args.some((word) => word.startsWith("x=twice"))) {
  await main(() => console.log("first main"), {
    args: ["hydra.run.dir=first"],
    loader: { store },
    configName: "config",
  });
}

await main(async (config, context) => {
  const x = select(config, "x");
  const record = (name: string, text: string): void =>
    Deno.writeTextFileSync(`${context.outputDir}/${name}`, text, { append: true });
  record("pid", `${Deno.pid}\n`);
  record("time", String(select(config, "time")));
  console.log(`job ${x} is ${select(context.hydra, "job.id")}`);
  context.logger("__main__").info(`hi ${x}`);
  switch (select(config, "does")) {
    case "return":
      return x;
    case "throw":
      throw new RangeError(`no ${x}`);
    case "live":
      return { model: new Map([["weights", new Uint8Array(3)]]) };
    case "diverge":
      return NaN;
    case "permissions": {
      const names = ["read", "write", "net", "env", "run", "ffi", "sys"] as const;
      const held = names.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
      console.log(`may ${held.join(" ")}`);
      return null;
    }
    case "record": {
      // How many run at the same time.
      Deno.mkdirSync(`${context.outputDir}/../running`, { recursive: true });
      Deno.writeTextFileSync(`${context.outputDir}/../running/${x}`, "");
      await wait(150);
      record("peers", String([...Deno.readDirSync(`${context.outputDir}/../running`)].length));
      Deno.removeSync(`${context.outputDir}/../running/${x}`);
      return x;
    }
    case "exit":
      return Deno.exit(7);
    case "pause":
      record("ckpt", `${select(config, "ckpt_path")}\n`);
      while (!context.signal.aborted) await wait(5);
      throw new Paused("paused");
    case "stop":
      console.log(`waiting ${x}`);
      while (!context.signal.aborted) await wait(5);
      record("saved", "yes");
      return x;
    default:
      console.log(`waiting ${x}`);
      for (;;) await wait(5);
  }
}, { loader: { store }, configName: "config", jobName: "app" });
console.log("after main");
