/** The tables of Optuna's relational storage, as version 2.6 to 2.10 makes them. @module */
import type { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../../errors.ts";

/** What Optuna stamps its tables with. */
const REVISION = "v2.6.0.a";
const SCHEMA_VERSION = 12;
const LIBRARY_VERSION = "2.10.1";

const ATTRIBUTES = `"key" VARCHAR(512), value_json TEXT`;

const TABLES = `
CREATE TABLE IF NOT EXISTS studies (
  study_id INTEGER NOT NULL PRIMARY KEY, study_name VARCHAR(512) NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS ix_studies_study_name ON studies (study_name);
CREATE TABLE IF NOT EXISTS version_info (
  version_info_id INTEGER NOT NULL PRIMARY KEY CHECK (version_info_id=1),
  schema_version INTEGER, library_version VARCHAR(256));
CREATE TABLE IF NOT EXISTS study_directions (
  study_direction_id INTEGER NOT NULL PRIMARY KEY, direction VARCHAR(8) NOT NULL,
  study_id INTEGER NOT NULL REFERENCES studies (study_id), objective INTEGER NOT NULL,
  UNIQUE (study_id, objective));
CREATE TABLE IF NOT EXISTS study_user_attributes (
  study_user_attribute_id INTEGER NOT NULL PRIMARY KEY,
  study_id INTEGER REFERENCES studies (study_id), ${ATTRIBUTES}, UNIQUE (study_id, "key"));
CREATE TABLE IF NOT EXISTS study_system_attributes (
  study_system_attribute_id INTEGER NOT NULL PRIMARY KEY,
  study_id INTEGER REFERENCES studies (study_id), ${ATTRIBUTES}, UNIQUE (study_id, "key"));
CREATE TABLE IF NOT EXISTS trials (
  trial_id INTEGER NOT NULL PRIMARY KEY, number INTEGER, study_id INTEGER REFERENCES studies (study_id),
  state VARCHAR(8) NOT NULL, datetime_start DATETIME, datetime_complete DATETIME);
CREATE TABLE IF NOT EXISTS trial_user_attributes (
  trial_user_attribute_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id), ${ATTRIBUTES}, UNIQUE (trial_id, "key"));
CREATE TABLE IF NOT EXISTS trial_system_attributes (
  trial_system_attribute_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id), ${ATTRIBUTES}, UNIQUE (trial_id, "key"));
CREATE TABLE IF NOT EXISTS trial_params (
  param_id INTEGER NOT NULL PRIMARY KEY, trial_id INTEGER REFERENCES trials (trial_id),
  param_name VARCHAR(512), param_value FLOAT, distribution_json TEXT, UNIQUE (trial_id, param_name));
CREATE TABLE IF NOT EXISTS trial_values (
  trial_value_id INTEGER NOT NULL PRIMARY KEY, trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  objective INTEGER NOT NULL, value FLOAT NOT NULL, UNIQUE (trial_id, objective));
CREATE TABLE IF NOT EXISTS trial_intermediate_values (
  trial_intermediate_value_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id), step INTEGER NOT NULL,
  intermediate_value FLOAT NOT NULL, UNIQUE (trial_id, step));
CREATE TABLE IF NOT EXISTS trial_heartbeats (
  trial_heartbeat_id INTEGER NOT NULL PRIMARY KEY, trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  heartbeat DATETIME NOT NULL, UNIQUE (trial_id));
CREATE TABLE IF NOT EXISTS alembic_version (
  version_num VARCHAR(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY);
INSERT INTO version_info SELECT 1, ${SCHEMA_VERSION}, '${LIBRARY_VERSION}'
  WHERE NOT EXISTS (SELECT * FROM version_info);
INSERT INTO alembic_version SELECT '${REVISION}' WHERE NOT EXISTS (SELECT * FROM alembic_version);
`;

/**
 * Makes the tables where there are none.
 *
 * @throws {ConfigError} where the file belongs to another version of Optuna.
 */
export function prepareTables(database: DatabaseSync, path: string): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    const known = revision(database);
    if (known !== undefined && known !== REVISION) {
      throw new ConfigError(`The study file has the tables of another version of Optuna: ${known}`, {
        where: path,
        fix: `give another file; tables of Optuna 2.6 to 2.10 (${REVISION}) are read here`,
      });
    }
    database.exec(TABLES);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

function revision(database: DatabaseSync): string | undefined {
  const has = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").get();
  if (has === undefined) return undefined;
  return database.prepare("SELECT version_num FROM alembic_version").get()?.version_num as string | undefined;
}
