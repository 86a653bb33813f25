import { ConfigError } from "../errors.ts";

/** The version whose defaults hold where none is named. */
export const VERSION_BASE = "1.3";

/**
 * The version of Hydra whose defaults an app asks for, as `hydra.runtime.version_base` has it: `1.3` for null, `1.2`
 * for `1.2.0`. From 1.2 on all versions behave alike.
 *
 * @throws {ConfigError} for 1.1 and older, whose defaults are not here, and for text that is no version.
 *
 * @example
 * ```ts
 * import { versionBase } from "./version_base.ts";
 * console.assert(versionBase("1.2.3") === "1.2" && versionBase(null) === "1.3");
 * ```
 */
export function versionBase(version: string | null | undefined): string {
  if (version === null || version === undefined) return VERSION_BASE;
  const [, major, minor = "0"] = /^\s*v?(\d+)(?:\.(\d+))?(?:[.+-]?\w+)*\s*$/i.exec(version) ?? [];
  if (major === undefined) {
    throw new ConfigError(`Invalid version: '${version}'`, { where: "version_base", fix: "give 1.2 or 1.3" });
  }
  const [high, low] = [Number(major), Number(minor)];
  if (high < 1 || (high === 1 && low < 1)) {
    throw new ConfigError('version_base must be >= "1.1"', {
      where: `version_base=${version}`,
      fix: "give 1.2 or 1.3",
    });
  }
  if (high === 1 && low === 1) {
    throw new ConfigError("Hydra 1.1's defaults are not supported", {
      where: `version_base=${version}`,
      fix:
        "give 1.2 or 1.3, name the folder in configPath, and set hydra.job.chdir=true where jobs rely on it",
    });
  }
  return `${high}.${low}`;
}
