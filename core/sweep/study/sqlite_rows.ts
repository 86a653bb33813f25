/** Trials from the rows of Optuna's tables. @module */
import type { SQLInputValue } from "node:sqlite";
import { toExternal } from "./distribution.ts";
import { parseDistribution } from "./distribution_json.ts";
import type { TrialState } from "./frozen_trial.ts";
import { newRecord, type TrialRecord } from "./memory_storage.ts";
import { parsePythonJson, plainJson } from "./python_json.ts";

/** A row by column. */
export type Row = Readonly<Record<string, SQLInputValue>>;

/** The trial of a row of `trials`, with what other tables say of it. */
export function readTrial(row: Row, all: (sql: string, id: number) => Row[]): TrialRecord {
  const id = row.trial_id as number;
  const trial: TrialRecord = {
    ...newRecord(id, row.number as number, "waiting"),
    state: (row.state as string).toLowerCase() as TrialState,
    datetimeStart: parseTime(row.datetime_start),
    datetimeComplete: parseTime(row.datetime_complete),
  };
  const of = (table: string, order: string): Row[] => {
    return all(`SELECT * FROM ${table} WHERE trial_id = ? ORDER BY ${order}`, id);
  };
  for (const param of of("trial_params", "param_name")) {
    const distribution = parseDistribution(param.distribution_json as string);
    const name = param.param_name as string;
    trial.distributions.set(name, distribution);
    trial.params.set(name, toExternal(distribution, param.param_value as number));
  }
  const values = of("trial_values", "objective").map(({ value }) => value as number);
  if (values.length > 0) trial.values = values;
  for (const { step, intermediate_value: value } of of("trial_intermediate_values", "step")) {
    trial.intermediateValues.set(step as number, value as number);
  }
  for (const kind of ["user", "system"] as const) {
    const attributes = kind === "user" ? trial.userAttrs : trial.systemAttrs;
    for (const row of of(`trial_${kind}_attributes`, '"key"')) attributes.set(...readAttribute(row));
  }
  return trial;
}

/** Key and value of a row of attributes. */
export function readAttribute({ key, value_json }: Row): [key: string, value: unknown] {
  return [key as string, plainJson(parsePythonJson(value_json as string))];
}

/** A moment as SQLAlchemy writes it: local time, without a zone. */
export function timeText(time: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${day} ${clock}.${String(time.getMilliseconds()).padStart(3, "0")}000`;
}

function parseTime(text: SQLInputValue | undefined): Date | null {
  return typeof text === "string" ? new Date(text.replace(" ", "T")) : null;
}
