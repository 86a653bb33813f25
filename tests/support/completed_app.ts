import { main } from "../../core/app/mod.ts";
import { ConfigStore } from "../../core/config/config_store.ts";

// A program of a user's own, with values and groups that are hard to type.
const group = (name: string) => ({ group: name });
const store = new ConfigStore()
  .store("config", {
    defaults: [{ db: "mysql" }, { "db@backup": "pg" }, "_self_"],
    name: "two words",
    tricky: "it's, [so]",
    url: "http://host:80/a",
    flag: true,
    ratio: 0.5,
    shape: [8, [4, "a b"]],
    nest: { deep: { leaf: 1 }, other: null },
    ckpt_path: null,
  })
  .store("mysql", { port: 1 }, group("db"))
  .store("pg", { port: 2 }, group("db"))
  .store("sqlite", { port: 3 }, group("db"))
  .store("x", { y: 1 }, group("srv/inner"));

await main(() => {}, { loader: { store }, configName: "config", jobName: "app" });
