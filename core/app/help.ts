import { attribute } from "../config/access.ts";
import type { ComposeOptions, ConfigLoader } from "../config/config_loader.ts";
import { part } from "../config/hydra_node.ts";
import { CommandLineError } from "../config/hydra_errors.ts";
import type { DictNode } from "../config/node.ts";
import { pythonStr } from "../config/python_text.ts";
import { toYaml } from "../config/to_yaml.ts";
import { flagsHelp } from "./flags.ts";
import { type ConfigPart, partOf } from "./show.ts";

/** Config groups with their options, one a line: `db: mysql, pg`. */
function groupsText(loader: ConfigLoader, wanted: (group: string) => boolean): string {
  const groups = new Map<string, readonly string[]>();
  const walk = (parent: string): void => {
    for (const name of loader.groupOptions(parent, "group")) {
      const group = parent === "" ? name : `${parent}/${name}`;
      const options = loader.groupOptions(group);
      if (options.length > 0 && wanted(group)) groups.set(group, options);
      walk(group);
    }
  };
  walk("");
  return [...groups.keys()].sort().map((group) => `${group}: ${groups.get(group)!.join(", ")}\n`).join("");
}

/** The text of `--help`: `hydra.help.template` with its variables filled in. */
export function appHelp(
  loader: ConfigLoader,
  options: ComposeOptions,
  resolve: boolean,
  start: () => string,
): string {
  const { config } = loader.compose({ ...options, validateSchemas: false });
  return filled(config, "help", variables(loader, config, "job", resolve, start));
}

/** The text of `--hydra-help`; the job's config is not loaded. */
export function hydraHelp(loader: ConfigLoader, overrides: readonly string[], start: () => string): string {
  const { config } = loader.compose({ overrides, fromShell: true });
  return filled(config, "hydra_help", variables(loader, config, "hydra", false, start));
}

type Variables = Readonly<Record<string, () => string>>;

/**
 * What a template may name.
 *
 * @param start Says how the app is started in a shell.
 */
function variables(
  loader: ConfigLoader,
  config: DictNode,
  part: ConfigPart,
  resolve: boolean,
  start: () => string,
): Variables {
  const isHydra = (group: string) => group === "hydra" || group.startsWith("hydra/");
  return {
    FLAGS_HELP: () => flagsHelp(start()),
    HYDRA_CONFIG_GROUPS: () => groupsText(loader, isHydra),
    APP_CONFIG_GROUPS: () => groupsText(loader, (group) => !isHydra(group)),
    CONFIG: () => toYaml(partOf(config, part), { resolve }),
  };
}

/** Fills in `$NAME` and `${NAME}`, as Python's `string.Template` does; `$$` is a dollar. */
function filled(config: DictNode, section: "help" | "hydra_help", variables: Variables): string {
  const key = `hydra.${section}.template`;
  const template = pythonStr(attribute(part(part(config, "hydra"), section), "template"));
  const name = "[_a-z][_a-z0-9]*";
  const pattern = new RegExp(`\\$(?:(\\$)|(${name})|\\{(${name})\\}|)`, "gi");
  const may = `${Object.keys(variables).map((known) => `$${known}`).join(", ")}, and $$ for a dollar`;
  const text = template.replace(pattern, (whole, dollar?: string, bare?: string, braced?: string, at = 0) => {
    if (dollar !== undefined) return "$";
    const name = bare ?? braced;
    if (name === undefined) {
      const before = template.slice(0, at + 1).split("\n");
      throw new CommandLineError(
        `Invalid placeholder in string: line ${before.length}, col ${before.at(-1)!.length}`,
        { where: key, fix: `it may use ${may}` },
      );
    }
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value !== undefined) return value();
    throw new CommandLineError(`${key} uses the unknown variable ${whole}`, { fix: `it may use ${may}` });
  });
  return `${text}\n`;
}
