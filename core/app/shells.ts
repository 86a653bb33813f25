import { ConfigError, nearest } from "../errors.ts";

/** The shells that completion is written for. */
export const SHELLS = ["bash", "fish", "zsh"] as const;

/** A shell that completion is written for. */
export type Shell = typeof SHELLS[number];

/** Checks the name of a shell. @throws {ConfigError} naming those that are known. */
export function shellOf(name: string): Shell {
  const known = SHELLS.find((shell) => shell === name);
  if (known !== undefined) return known;
  const near = nearest(name, SHELLS);
  throw new ConfigError(
    `No completion plugin for '${name}' found, available : \n${
      SHELLS.map((shell) => `\t${shell}`).join("\n")
    }`,
    near === undefined ? {} : { fix: `did you mean "${near}"?` },
  );
}

/**
 * How completion is put into each shell, and out again, as `$FLAGS_HELP` shows it.
 *
 * @param start How the app is started in a shell.
 */
export function completionHelp(start: string): string {
  const lines = SHELLS.flatMap((shell) => {
    const title = shell.charAt(0).toUpperCase() + shell.slice(1);
    const steps = ["install", "uninstall"].flatMap((action) => {
      const words = `${start} -sc ${action}=${shell}`;
      const line = shell === "fish" ? `${words} | source` : `eval "$(${words})"`;
      return [`    ${title} - ${action.charAt(0).toUpperCase()}${action.slice(1)}:`, `    ${line}`];
    });
    return [...steps, ""];
  });
  return lines.join("\n");
}
