import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { ConfigError, OptionError } from "../../errors.ts";
import type { Distribution } from "./distribution.ts";
import { checkCompatible, distributionJson, parseDistribution } from "./distribution_json.ts";
import { type Direction, type FrozenTrial, isFinished, type TrialState } from "./frozen_trial.ts";
import { MemoryStorage, newRecord, newStudyName } from "./memory_storage.ts";
import { pythonJson } from "./python_json.ts";
import { readAttribute, readTrial, type Row, timeText } from "./sqlite_rows.ts";
import { prepareTables } from "./sqlite_schema.ts";
import type { StudyStorage } from "./storage.ts";

/** How long another process may hold the file. */
const BUSY_TIMEOUT_MS = 30_000;

/**
 * Keeps a study in an SQLite file that Optuna 2.10 reads and goes on with, and the other way round. Several processes
 * may work on one study.
 *
 * Parameters of trials that were read from the file come in the order of their names, as Optuna gets them.
 */
export class SqliteStorage implements StudyStorage {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #studyId: number;
  /** What is in the file, as far as it has been read. */
  readonly #memory: MemoryStorage;
  /** Trials that nobody else changes: those of this process, and finished ones. */
  readonly #settled = new Set<number>();

  /**
   * Opens the study of that name, or makes it.
   *
   * @throws {ConfigError} where the file cannot be used, {OptionError} where the study has other directions.
   */
  constructor(path: string, studyName: string | null, directions: readonly Direction[]) {
    this.#database = open(path);
    prepareTables(this.#database, path);
    const name = studyName ?? newStudyName();
    this.#studyId = this.#transaction(() => this.#openStudy(name, directions, path));
    this.#memory = new MemoryStorage(name, directions);
    this.sync();
  }

  get studyName(): string {
    return this.#memory.studyName;
  }

  get directions(): readonly Direction[] {
    return this.#memory.directions;
  }

  get trials(): readonly FrozenTrial[] {
    return this.#memory.trials;
  }

  get systemAttrs(): ReadonlyMap<string, unknown> {
    return this.#memory.systemAttrs;
  }

  get userAttrs(): ReadonlyMap<string, unknown> {
    return this.#memory.userAttrs;
  }

  /** Reads new trials, and those that other processes may have changed. */
  sync(): void {
    const rows = this.#all("SELECT * FROM trials WHERE study_id = ? ORDER BY trial_id", this.#studyId);
    for (const row of rows) {
      if (this.#settled.has(row.trial_id as number)) continue;
      const trial = this.#memory.adopt(readTrial(row, (sql, id) => this.#all(sql, id)));
      if (isFinished(trial)) this.#settled.add(trial.id);
    }
    for (const kind of ["user", "system"] as const) {
      const attributes = this.#all(
        `SELECT * FROM study_${kind}_attributes WHERE study_id = ?`,
        this.#studyId,
      );
      for (const row of attributes) {
        this.#memory[kind === "user" ? "setStudyUserAttr" : "setStudySystemAttr"](...readAttribute(row));
      }
    }
  }

  createTrial(state: "running" | "waiting"): FrozenTrial {
    return this.#transaction(() => {
      const trial = newRecord(0, this.#count(), state);
      const { lastInsertRowid } = this.#run(
        "INSERT INTO trials (number, study_id, state, datetime_start) VALUES (?, ?, ?, ?)",
        trial.number,
        this.#studyId,
        state.toUpperCase(),
        trial.datetimeStart === null ? null : timeText(trial.datetimeStart),
      );
      const id = Number(lastInsertRowid);
      if (state === "running") this.#settled.add(id);
      return this.#memory.adopt({ ...trial, id });
    });
  }

  start(trial: FrozenTrial): boolean {
    const time = new Date();
    const { changes } = this.#run(
      "UPDATE trials SET state = 'RUNNING', datetime_start = ? WHERE trial_id = ? AND state = 'WAITING'",
      timeText(time),
      trial.id,
    );
    if (Number(changes) === 0) return false;
    this.#settled.add(trial.id);
    return this.#memory.start(trial, time);
  }

  setParam(trial: FrozenTrial, name: string, internal: number, distribution: Distribution): void {
    if (this.#memory.kindOf(name) === undefined) this.#checkKind(name, distribution);
    this.#memory.setParam(trial, name, internal, distribution);
    this.#run(
      "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)",
      trial.id,
      name,
      internal,
      distributionJson(distribution),
    );
  }

  setIntermediateValue(trial: FrozenTrial, step: number, value: number): void {
    this.#memory.setIntermediateValue(trial, step, value);
    this.#run(
      "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value) VALUES (?, ?, ?) " +
        "ON CONFLICT (trial_id, step) DO UPDATE SET intermediate_value = excluded.intermediate_value",
      trial.id,
      step,
      value,
    );
  }

  setUserAttr(trial: FrozenTrial, key: string, value: unknown): void {
    this.#memory.setUserAttr(trial, key, value);
    this.#setAttribute("trial_user_attributes", trial.id, key, value);
  }

  setSystemAttr(trial: FrozenTrial, key: string, value: unknown): void {
    this.#memory.setSystemAttr(trial, key, value);
    this.#setAttribute("trial_system_attributes", trial.id, key, value);
  }

  finish(trial: FrozenTrial, state: TrialState, values: readonly number[] | null): void {
    this.#memory.finish(trial, state, values);
    this.#transaction(() => {
      for (const [objective, value] of (values ?? []).entries()) {
        this.#run(
          "INSERT INTO trial_values (trial_id, objective, value) VALUES (?, ?, ?)",
          trial.id,
          objective,
          value,
        );
      }
      this.#run(
        "UPDATE trials SET state = ?, datetime_complete = ? WHERE trial_id = ?",
        state.toUpperCase(),
        timeText(trial.datetimeComplete!),
        trial.id,
      );
    });
  }

  setStudyUserAttr(key: string, value: unknown): void {
    this.#memory.setStudyUserAttr(key, value);
    this.#setAttribute("study_user_attributes", this.#studyId, key, value);
  }

  setStudySystemAttr(key: string, value: unknown): void {
    this.#memory.setStudySystemAttr(key, value);
    this.#setAttribute("study_system_attributes", this.#studyId, key, value);
  }

  bestTrial(): FrozenTrial | undefined {
    const order = this.directions[0] === "maximize" ? "DESC" : "ASC";
    const row = this.#all(
      "SELECT trials.* FROM trials JOIN trial_values ON trials.trial_id = trial_values.trial_id " +
        "WHERE trials.study_id = ? AND trials.state = 'COMPLETE' AND trial_values.objective = 0 " +
        `ORDER BY trial_values.value ${order} LIMIT 1`,
      this.#studyId,
    )[0];
    return row === undefined ? undefined : readTrial(row, (sql, id) => this.#all(sql, id));
  }

  close(): void {
    this.#database.close();
  }

  #openStudy(name: string, directions: readonly Direction[], path: string): number {
    const wanted = directions.map((direction) => direction.toUpperCase());
    const known = this.#all("SELECT study_id FROM studies WHERE study_name = ?", name)[0]?.study_id;
    const id = known ??
      Number(this.#run("INSERT INTO studies (study_name) VALUES (?)", name).lastInsertRowid);
    const set = this.#all("SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective", id)
      .map((row) => row.direction as string);
    if (set.length > 0 && set[0] !== "NOT_SET" && set.join() !== wanted.join()) {
      throw new OptionError(
        `Cannot overwrite study direction from ${set.join(", ")} to ${wanted.join(", ")}`,
        {
          where: `study "${name}" in ${path}`,
          fix: "give the directions that it has, or another study_name",
        },
      );
    }
    for (const [objective, direction] of wanted.entries()) {
      this.#run(
        "INSERT INTO study_directions (study_id, objective, direction) VALUES (?, ?, ?) " +
          "ON CONFLICT (study_id, objective) DO UPDATE SET direction = excluded.direction",
        id,
        objective,
        direction,
      );
    }
    return Number(id);
  }

  /** Another process may have drawn the parameter, with another kind of distribution. */
  #checkKind(name: string, distribution: Distribution): void {
    const row = this.#all(
      "SELECT distribution_json FROM trial_params JOIN trials ON trials.trial_id = trial_params.trial_id " +
        "WHERE trials.study_id = ? AND trial_params.param_name = ? LIMIT 1",
      this.#studyId,
      name,
    )[0];
    if (row === undefined) return;
    checkCompatible(name, parseDistribution(row.distribution_json as string), distribution);
  }

  #setAttribute(table: string, owner: number, key: string, value: unknown): void {
    const id = table.startsWith("study") ? "study_id" : "trial_id";
    this.#run(
      `INSERT INTO ${table} (${id}, "key", value_json) VALUES (?, ?, ?) ` +
        `ON CONFLICT (${id}, "key") DO UPDATE SET value_json = excluded.value_json`,
      owner,
      key,
      pythonJson(value),
    );
  }

  #count(): number {
    return this.#all("SELECT count(*) AS n FROM trials WHERE study_id = ?", this.#studyId)[0]!.n as number;
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#database.prepare(sql));
    return statement;
  }

  #run(sql: string, ...values: SQLInputValue[]): ReturnType<StatementSync["run"]> {
    return this.#prepared(sql).run(...values);
  }

  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[];
  }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    throw new ConfigError(`Cannot open the study file ${path}: ${(cause as Error).message}`, {
      where: "hydra.sweeper.storage",
      fix: "give a file in a folder that exists and may be written: sqlite:///<file>.db",
      cause,
    });
  }
}
