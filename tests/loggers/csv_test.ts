import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { loadText } from "../../core/config/load.ts";
import type { DictNode } from "../../core/config/node.ts";
import { CSVLogger, type CSVLoggerOptions } from "../../core/loggers/mod.ts";
import { hyperParameters } from "../../core/train/hyper_parameters.ts";
import { ToyModule } from "../support/toy.ts";
import { tempFolder } from "../support/temp_folder.ts";

async function loggerIn(options: Partial<CSVLoggerOptions> = {}): Promise<CSVLogger> {
  return new CSVLogger({ saveDir: await tempFolder(), ...options });
}

function textOf(logger: CSVLogger): string {
  return Deno.readTextFileSync(`${logger.logDir}/metrics.csv`);
}

Deno.test("CSVLogger sorts its columns, ends lines with CRLF and writes floats as Python does", async () => {
  const logger = await loggerIn();
  logger.logMetrics({ epoch: 0, "val/x": 1, "a": Math.fround(0.0966666666) }, 3);
  logger.save();
  strictEqual(textOf(logger), "a,epoch,step,val/x\r\n0.09666666388511658,0,3,1.0\r\n");
});

Deno.test("CSVLogger widens the header of the whole file for a new name", async () => {
  const logger = await loggerIn();
  logger.logMetrics({ b: 0.5 }, 0);
  logger.save();
  logger.logMetrics({ a: 1e-7 }, 1);
  logger.save();
  logger.logMetrics({ b: 2 }, 2);
  logger.finalize("success");
  strictEqual(textOf(logger), "a,b,step\r\n,0.5,0\r\n1e-07,,1\r\n,2.0,2\r\n");
});

Deno.test("CSVLogger counts versions up from the highest folder", async () => {
  const saveDir = await tempFolder();
  Deno.mkdirSync(`${saveDir}/csv/version_4`, { recursive: true });
  Deno.mkdirSync(`${saveDir}/csv/version_x`);
  strictEqual(new CSVLogger({ saveDir, name: "csv/" }).version, "version_5");
});

Deno.test("CSVLogger without a name has no level for it", async () => {
  const logger = await loggerIn({ name: null, version: "mine" });
  strictEqual(logger.logDir, `${logger.saveDir}/mine`);
});

Deno.test("CSVLogger puts its prefix before names with a dash", async () => {
  const logger = await loggerIn({ prefix: "p" });
  logger.logMetrics({ "train/loss": 1 }, 0);
  logger.save();
  strictEqual(textOf(logger).split("\r\n")[0], "p-train/loss,step");
});

Deno.test("CSVLogger replaces the metrics of an earlier run with the same version", async () => {
  const saveDir = await tempFolder();
  for (const value of [1, 2]) {
    const logger = new CSVLogger({ saveDir, version: 0 });
    logger.logMetrics({ x: value }, 0);
    logger.save();
    if (value === 2) strictEqual(textOf(logger), "step,x\r\n0,2.0\r\n");
  }
});

Deno.test("CSVLogger writes hyperparameters beside the metrics, sorted", async () => {
  const logger = await loggerIn();
  logger.logHyperparams({ seed: 1, model: { lr: 0.002, _target_: "x" } });
  deepStrictEqual(
    Deno.readTextFileSync(`${logger.logDir}/hparams.yaml`),
    "model:\n  _target_: x\n  lr: 0.002\nseed: 1\n",
  );
});

Deno.test("CSVLogger writes whole floats of a config as floats", async () => {
  const logger = await loggerIn();
  const config = loadText("callbacks: {es: {min_delta: 0.0, patience: 3}}", "c.yaml") as DictNode;
  logger.logHyperparams({ callbacks: hyperParameters(config, new ToyModule()).callbacks });
  deepStrictEqual(
    Deno.readTextFileSync(`${logger.logDir}/hparams.yaml`),
    "callbacks:\n  es:\n    min_delta: 0.0\n    patience: 3\n",
  );
});

Deno.test("CSVLogger makes no folder before it has something to write", async () => {
  const logger = await loggerIn();
  logger.save();
  deepStrictEqual([...Deno.readDirSync(logger.saveDir)], []);
});
