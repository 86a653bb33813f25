import { ConfigError } from "../../errors.ts";
import type { Direction } from "./frozen_trial.ts";
import { MemoryStorage } from "./memory_storage.ts";
import { SqliteStorage } from "./sqlite_storage.ts";
import type { StudyStorage } from "./storage.ts";

const SQLITE = /^sqlite(?:\+pysqlite)?:\/\/(?:\/(?<path>.*))?$/s;
/** What Optuna puts for `{SCHEMA_VERSION}` in a URL. */
const SCHEMA_VERSION = "12";

/**
 * Opens a study in a storage, or makes it.
 *
 * @param url null for memory, or `sqlite:///relative.db`, `sqlite:////absolute.db`.
 * @throws {ConfigError} for another storage, {OptionError} where the study has other directions.
 *
 * @example
 * ```ts
 * import { openStorage } from "./open_storage.ts";
 * console.assert(openStorage("sqlite:///:memory:", "lr", ["minimize"]).studyName === "lr");
 * ```
 */
export function openStorage(
  url: string | null,
  studyName: string | null,
  directions: readonly Direction[],
): StudyStorage {
  if (url === null) return new MemoryStorage(studyName, directions);
  const path = SQLITE.exec(url)?.groups;
  if (path === undefined || path.path?.includes("?")) {
    throw new ConfigError(`The storage ${url} is not supported`, {
      where: "hydra.sweeper.storage",
      fix: "give null for memory, or a file: sqlite:///relative.db, sqlite:////absolute.db",
    });
  }
  const file = (path.path ?? "").replaceAll("{SCHEMA_VERSION}", SCHEMA_VERSION);
  return new SqliteStorage(file === "" ? ":memory:" : file, studyName, directions);
}
