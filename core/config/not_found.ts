import { nearest } from "../errors.ts";
import { place } from "./config_errors.ts";
import type { DefaultEntry } from "./default_entry.ts";
import type { DefaultsTree } from "./defaults.ts";
import { MissingConfigError } from "./hydra_errors.ts";
import type { Repository } from "./repository.ts";
import { describeSource } from "./search_path.ts";

/** The error for a config that no source has: what exists instead, and where was looked. */
export function configNotFound(
  repository: Repository,
  tree: DefaultsTree,
  entry: DefaultEntry,
): MissingConfigError {
  const path = entry.configPath;
  const options = entry.group === undefined ? [] : repository.options(entry.groupPath);
  let message: string;
  if (entry.primary) {
    message = `Cannot find primary config '${path}'. Check that it's in your config search path.\n`;
  } else {
    message = entry.group === undefined ? `Could not load '${path}'.\n` : `Could not find '${path}'\n`;
    if (options.length > 0) {
      message += `\nAvailable options in '${entry.groupPath}':\n${
        options.map((option) => `\t${option}`).join("\n")
      }`;
    }
    const parent = tree.parent?.entry?.configPath ?? "<root>";
    message = `In '${parent}': ${message}`;
  }
  message += `\nConfig search path:\n${
    repository.sources.map((source) => `\t${describeSource(source)}`).join("\n")
  }`;
  const wanted = entry.name ?? "";
  const candidates = entry.group === undefined ? repository.options(entry.groupPath) : options;
  // A config that lists itself would be no help.
  const self = tree.parent?.entry?.configPath;
  const near = nearest(wanted, candidates.filter((name) => name !== self)) ??
    nearGroup(repository, entry, options);
  return new MissingConfigError(message, {
    config: path,
    options,
    where: entry.origin === undefined ? undefined : place(entry.origin),
    fix: near === undefined ? undefined : `did you mean "${near}"?`,
  });
}

/** The group that was meant where none has the name; its options say nothing then. */
function nearGroup(
  repository: Repository,
  entry: DefaultEntry,
  options: readonly string[],
): string | undefined {
  if (entry.group === undefined || options.length > 0) return undefined;
  const slash = entry.groupPath.lastIndexOf("/");
  const above = entry.groupPath.slice(0, Math.max(0, slash));
  const near = nearest(entry.groupPath.slice(slash + 1), repository.options(above, "group"));
  return near === undefined ? undefined : above === "" ? near : `${above}/${near}`;
}
