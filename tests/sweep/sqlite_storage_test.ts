import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { ConfigError, OptionError, ValueError } from "../../core/errors.ts";
import { plain } from "../../core/config/scalar.ts";
import { CmaEsSampler } from "../../core/sweep/samplers/cmaes_sampler.ts";
import { NSGAIISampler } from "../../core/sweep/samplers/nsgaii_sampler.ts";
import { RandomSampler } from "../../core/sweep/samplers/random_sampler.ts";
import { TPESampler } from "../../core/sweep/samplers/tpe_sampler.ts";
import { parseDistribution } from "../../core/sweep/study/distribution_json.ts";
import { openStorage } from "../../core/sweep/study/open_storage.ts";
import { createStudy, type Study } from "../../core/sweep/study/study.ts";
import { type GoldenStored, isSameFloat, optunaGolden } from "../support/optuna_golden.ts";

const SAMPLERS = { CmaEsSampler, NSGAIISampler, TPESampler };

function withFolder(run: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A file with the real library's rows in tables that were made here. */
function fill(path: string, { statements, directions }: GoldenStored): void {
  openStorage(`sqlite:///${path}`, "made", directions).close();
  const database = new DatabaseSync(path);
  database.exec(
    "DELETE FROM study_directions; DELETE FROM studies; DELETE FROM version_info; DELETE FROM alembic_version",
  );
  database.exec("PRAGMA foreign_keys = OFF");
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** Draws and tells the golden trials from `from` on. */
function goOn(study: Study, golden: GoldenStored, from: number): void {
  const space = new Map(Object.entries(golden.space).map(([name, json]) => [name, parseDistribution(json)]));
  for (const wanted of golden.trials.slice(from)) {
    const trial = study.ask();
    strictEqual(trial.number, wanted.number);
    for (const [name, value] of Object.entries(wanted.params)) {
      trial.suggest(name, space.get(name)!);
      const drawn = trial.params[name];
      const isEqual = typeof value === "number" ? isSameFloat(Number(drawn), value) : drawn === value;
      ok(isEqual, `trial ${trial.number}, ${name}: ${drawn} instead of ${value}`);
    }
    study.tell(trial, wanted.values);
  }
}

for (const golden of optunaGolden.storage) {
  Deno.test(`SqliteStorage goes on with a study that Optuna wrote, as Optuna does: ${golden.name}`, () =>
    withFolder((folder) => {
      const path = `${folder}/study.db`;
      fill(path, golden);
      const sampler = new SAMPLERS[golden.sampler as keyof typeof SAMPLERS](golden.options);
      const study = createStudy({
        sampler,
        storage: `sqlite:///${path}`,
        studyName: "kept",
        directions: golden.directions,
      });
      const before = study.trials.length;
      for (const [i, trial] of study.trials.entries()) {
        const wanted = golden.trials[i]!;
        strictEqual(trial.state.toUpperCase(), wanted.state);
        deepStrictEqual(trial.values, wanted.values);
        const params = Object.fromEntries([...trial.params].map(([name, value]) => [name, plain(value)]));
        deepStrictEqual(params, { ...wanted.params });
        deepStrictEqual(trial.userAttrs.get("text"), "é");
        deepStrictEqual(trial.userAttrs.get("parts"), [1, 2, null]);
      }
      study.enqueueTrial(golden.enqueued);
      goOn(study, golden, before);
      if (golden.best !== null) {
        strictEqual(study.bestTrial.number, golden.best.number);
        deepStrictEqual([...study.bestTrial.params.keys()], golden.best.params);
      }
      study.storage.close();
    }));
}

Deno.test("SqliteStorage keeps everything of a study for the next process", () =>
  withFolder((folder) => {
    const open = () =>
      createStudy({
        sampler: new RandomSampler({ seed: 1 }),
        storage: `sqlite:///${folder}/s.db`,
        studyName: "s",
      });
    const study = open();
    const trial = study.ask();
    trial.suggestFloat("x", 0, 1);
    trial.suggestFloat("lr", 1e-5, 1, { log: true });
    trial.suggestInt("n", 1, 9, { step: 2 });
    trial.suggestInt("m", 1, 9, { log: true });
    trial.suggestFloat("q", 0, 1, { step: 0.25 });
    trial.suggestCategorical("c", ["é", 1, 2.5, true, null]);
    trial.report(0.5, 3);
    trial.setUserAttr("list", [1, 2.5, null, { a: "b" }]);
    study.storage.setStudyUserAttr("who", "me");
    study.tell(trial, [1 / 3]);
    study.tell(study.ask(), null, "fail");
    study.enqueueTrial({ x: 0.5 });
    study.ask();
    study.storage.close();

    const again = open();
    const [first, second, third] = again.trials;
    const byName = (entries: Iterable<[string, unknown]>) => Object.fromEntries(entries);
    deepStrictEqual(byName(first!.params), byName(trial.frozen.params));
    deepStrictEqual(byName(first!.distributions), byName(trial.frozen.distributions));
    deepStrictEqual(first!.values, [1 / 3]);
    deepStrictEqual(first!.intermediateValues, new Map([[3, 0.5]]));
    deepStrictEqual(first!.userAttrs, trial.frozen.userAttrs);
    strictEqual(first!.datetimeStart!.getTime(), trial.frozen.datetimeStart!.getTime());
    deepStrictEqual([second!.state, third!.state], ["fail", "running"]);
    strictEqual(again.storage.userAttrs.get("who"), "me");
    again.storage.close();
  }));

Deno.test("SqliteStorage lets two processes share a study", () =>
  withFolder((folder) => {
    const open = () => openStorage(`sqlite:///${folder}/s.db`, "s", ["minimize"]);
    const [a, b] = [open(), open()];
    const first = a.createTrial("running");
    const second = b.createTrial("running");
    deepStrictEqual([first.number, second.number], [0, 1]);
    b.setParam(second, "x", 2, { name: "IntUniformDistribution", low: 1, high: 3, step: 1 });
    throws(() => a.setParam(first, "x", 0.5, { name: "UniformDistribution", low: 0, high: 1 }), ValueError);
    b.finish(second, "complete", [0.25]);
    a.sync();
    deepStrictEqual(a.trials[1]!.values, [0.25]);
    const waiting = a.createTrial("waiting");
    b.sync();
    deepStrictEqual([a.start(waiting), b.start(b.trials[2]!)], [true, false]);
    a.close();
    b.close();
  }));

Deno.test("openStorage() refuses other directions, other tables, other storages and folders that are not there", () =>
  withFolder((folder) => {
    const url = `sqlite:///${folder}/s.db`;
    openStorage(url, "s", ["minimize"]).close();
    throws(() => openStorage(url, "s", ["maximize"]), OptionError);
    const database = new DatabaseSync(`${folder}/s.db`);
    database.exec("UPDATE alembic_version SET version_num = 'v3.2.0.a'");
    database.close();
    throws(() => openStorage(url, "s", ["minimize"]), /tables of another version of Optuna: v3\.2\.0\.a/);
    for (const wrong of ["redis://x", "s.db", "sqlite:///s.db?mode=ro", `sqlite:///${folder}/none/s.db`]) {
      throws(() => openStorage(wrong, null, ["minimize"]), ConfigError);
    }
    strictEqual(openStorage("sqlite://", null, ["minimize"]).trials.length, 0);
  }));

Deno.test("openStorage() gives a study without a name a new one", () => {
  const [a, b] = [openStorage(null, null, ["minimize"]), openStorage(null, null, ["minimize"])];
  ok(a.studyName.startsWith("no-name-") && a.studyName !== b.studyName);
});
