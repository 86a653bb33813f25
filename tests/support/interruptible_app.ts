import { main } from "../../core/app/mod.ts";
import { ConfigStore } from "../../core/config/config_store.ts";

// Works until it is asked to stop, then saves; `+ignore=true` never stops.
await main(async (config, context) => {
  console.log("ready");
  const ignores = config.child("ignore") !== undefined;
  while (ignores || !context.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  Deno.writeTextFileSync(`${context.outputDir}/saved`, "yes");
}, {
  loader: { store: new ConfigStore().store("config", { x: 1, hydra: { run: { dir: "o" } } }) },
  configName: "config",
  jobName: "app",
});
