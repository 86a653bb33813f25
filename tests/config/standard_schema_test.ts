import { deepStrictEqual, doesNotThrow, strictEqual, throws } from "node:assert/strict";
import { main } from "../../core/app/mod.ts";
import { composeConfig } from "../../core/config/compose.ts";
import { ConfigLoader } from "../../core/config/config_loader.ts";
import { ConfigStore } from "../../core/config/config_store.ts";
import { int, structured } from "../../core/config/schema.ts";
import { select } from "../../core/config/select.ts";
import {
  fromStandard,
  type StandardIssue,
  type StandardOptions,
  type StandardSchema,
} from "../../core/config/standard_schema.ts";
import { toYaml } from "../../core/config/to_yaml.ts";

type Data = Readonly<Record<string, unknown>>;

/** A strict object with an integer port up to 65535 and two numbers in order, as a validation library has it. */
const strict: StandardSchema = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => {
      const { port, low, high, ...rest } = value as Data;
      const issues: StandardIssue[] = [];
      if (!Number.isInteger(port)) issues.push({ message: "expected a number", path: ["port"] });
      else if (Number(port) > 65535) issues.push({ message: "too big", path: ["port"] });
      for (const key of Object.keys(rest)) issues.push({ message: `unrecognized key: "${key}"`, path: [] });
      if (issues.length === 0 && !(Number(low) < Number(high))) {
        issues.push({ message: "low must be below high" });
      }
      return issues.length === 0 ? { value } : { issues };
    },
  },
};

const DEFAULTS = { port: 1, low: 1, high: 2 };

function compose(overrides: readonly string[], options: StandardOptions = { defaults: DEFAULTS }) {
  const store = new ConfigStore().store("config", structured(fromStandard("DB", strict, options)));
  return composeConfig({ searchPath: [], store, configName: "config", overrides });
}

Deno.test("fromStandard() as the primary config does not show Hydra's node to a strict validator", () => {
  strictEqual(toYaml(compose([])), "port: 1\nlow: 1\nhigh: 2\n");
});

Deno.test("fromStandard() judges what an interpolation gives, and names its place", () => {
  throws(() => compose(["port=${oc.decode:'70000'}"]), (error: Error) => {
    strictEqual(error.name, "ValidationError");
    strictEqual(error.message.split("\n")[0], "DB: too big");
    strictEqual(/where: .*port=/s.test(error.message), true, error.message);
    return true;
  });
  doesNotThrow(() => compose(["port=${oc.decode:'7000'}"]));
});

Deno.test("fromStandard() judges rules over several keys on the final values", () => {
  strictEqual(select(compose(["low=5", "high=6"]), "low"), 5);
  throws(() => compose(["low=5"]), /DB: low must be below high/);
});

Deno.test("fromStandard() catches a key that was deleted and one that was added", () => {
  throws(() => compose(["port=5", "~port"]), /DB: expected a number[^]*fix: set port/);
  throws(() => compose(["+prt=1"]), /DB: unrecognized key: "prt"/);
});

Deno.test("fromStandard() may be a base whose required keys a later file sets", () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/config.yaml`, "defaults: [base, _self_]\nport: 5\nlow: 3\nhigh: 70\n");
    Deno.writeTextFileSync(`${folder}/bad.yaml`, "defaults: [base, _self_]\nport: 70000\nlow: 3\nhigh: 70\n");
    const store = new ConfigStore().store("base", structured(fromStandard("DB", strict)));
    const of = (configName: string) =>
      composeConfig({ searchPath: [{ provider: "main", path: folder }], store, configName });
    strictEqual(toYaml(of("config")), "port: 5\nlow: 3\nhigh: 70\n");
    throws(() => of("bad"), /DB: too big[^]*bad\.yaml:2:7/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("fromStandard() keeps the order of the defaults, whichever keys have types", () => {
  deepStrictEqual([
    ...fromStandard("DB", strict, { defaults: DEFAULTS, types: { high: int, x: int } }).fields.keys(),
  ], [
    "port",
    "low",
    "high",
    "x",
  ]);
});

Deno.test("fromStandard() leaves a sweep's master config to its jobs", () => {
  const store = new ConfigStore().store(
    "config",
    structured(fromStandard("DB", strict, { defaults: { low: 1 } })),
  );
  const loader = new ConfigLoader({ searchPath: [], store });
  doesNotThrow(() => loader.compose({ configName: "config", runMode: "multirun" }));
  throws(() => loader.compose({ configName: "config" }), /DB: expected a number/);
});

Deno.test("main() shows --help of a config that a validator would refuse", async () => {
  const shown: string[] = [];
  const code = await main(() => {}, {
    loader: { store: new ConfigStore().store("config", structured(fromStandard("DB", strict))) },
    configName: "config",
    jobName: "app",
    args: ["--help"],
    streams: { stdout: (text: string) => void shown.push(text), stderr: () => {}, color: false },
  });
  strictEqual(code, 0);
  strictEqual(shown.join("").includes("Config"), true);
});

Deno.test("main() judges what only a job knows before the task runs", async () => {
  const inside: StandardSchema = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) =>
        String((value as Data).folder).endsWith("/good/x")
          ? { value }
          : { issues: [{ message: "must be the good folder", path: ["folder"] }] },
    },
  };
  const folder = Deno.makeTempDirSync();
  const ran: string[] = [];
  const errors: string[] = [];
  const run = (name: string) =>
    main((config) => void ran.push(String(select(config, "folder"))), {
      loader: {
        store: new ConfigStore().store(
          "config",
          structured(fromStandard("Job", inside, { defaults: { folder: "${hydra:runtime.output_dir}/x" } })),
        ),
      },
      configName: "config",
      jobName: "app",
      args: [`hydra.run.dir='${folder}/${name}'`],
      streams: { stdout: () => {}, stderr: (text: string) => void errors.push(text), color: false },
    });
  try {
    strictEqual(await run("good"), 0, errors.join(""));
    strictEqual(await run("bad"), 1);
    deepStrictEqual(ran, [`${folder}/good/x`]);
    strictEqual(/Job: must be the good folder/.test(errors.join("")), true, errors.join(""));
  } finally {
    Deno.exitCode = 0;
    Deno.removeSync(folder, { recursive: true });
  }
});
