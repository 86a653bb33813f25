import type { ComposeOptions, ConfigLoader } from "../config/config_loader.ts";
import { DefaultEntry } from "../config/default_entry.ts";
import type { DefaultsTree } from "../config/defaults.ts";
import { type ConfigNode, type DictNode, isContainer } from "../config/node.ts";
import { pythonStr } from "../config/python_text.ts";
import { describeSource } from "../config/search_path.ts";
import { selectNode } from "../config/select.ts";
import { toYaml } from "../config/to_yaml.ts";
import { resolveInPlace } from "../config/update.ts";
import { CommandLineError } from "../config/hydra_errors.ts";
import { installedPlugins } from "./plugins.ts";

/** Which part of a composed config to show. */
export type ConfigPart = "job" | "hydra" | "all";

/** The composed config without what the part leaves out. */
export function partOf(config: DictNode, part: ConfigPart): DictNode {
  const copy = config.clone();
  if (part === "job") copy.removeChild("hydra");
  if (part === "hydra") {
    for (const child of [...copy.children()]) if (child.key !== "hydra") copy.removeChild(child.key!);
    const hydra = copy.child("hydra") as DictNode;
    hydra.removeChild("help");
    hydra.removeChild("hydra_help");
  }
  return copy;
}

/**
 * The text of `--cfg`: YAML of the config or of one package of it.
 *
 * @throws {CommandLineError} for a package that is absent, null or `???`.
 */
export function configText(
  loader: ConfigLoader,
  options: ComposeOptions,
  part: ConfigPart,
  packagePath?: string,
  resolve = false,
): string {
  const { config } = loader.compose(options);
  const shown = partOf(config, part);
  if (packagePath === undefined || packagePath === "_global_") {
    if (resolve) resolveInPlace(shown);
    return toYaml(shown);
  }
  const node: ConfigNode | undefined = selectNode(shown, packagePath);
  if (node === undefined || node.isNone || node.isMissing) {
    throw new CommandLineError(`package '${packagePath}' not found in config`, { saysAll: true });
  }
  if (!isContainer(node)) return `${pythonStr(node)}\n`;
  if (resolve) resolveInPlace(node);
  return `# @package ${packagePath}\n${toYaml(node)}`;
}

/** What `--info` may show. */
export type InfoKind = "all" | "config" | "defaults" | "defaults-tree" | "plugins" | "searchpath";

/** The text of `--info`. */
export function infoText(
  loader: ConfigLoader,
  options: ComposeOptions,
  kind: InfoKind,
): string {
  const sections: Record<Exclude<InfoKind, "all">, () => string> = {
    plugins: pluginsText,
    searchpath: () => searchPathText(loader, options),
    "defaults-tree": () => treeText(loader, options),
    defaults: () => defaultsText(loader, options),
    config: () => {
      const parts = [
        searchPathText(loader, options),
        treeText(loader, options),
        defaultsText(loader, options),
        `${header("Config", "*")}${configText(loader, options, "job")}\n`,
      ];
      return parts.join("");
    },
  };
  if (kind !== "all") return sections[kind]();
  return `${header("Hydra 1.3.5", "=")}${sections.plugins()}${sections.config()}`;
}

/** The text of `--info all` as it is logged: line by line, then the config as one entry. */
export function infoLines(
  loader: ConfigLoader,
  options: ComposeOptions,
): readonly [lines: readonly string[], config: string] {
  const config = configText(loader, options, "job");
  const text = infoText(loader, options, "all");
  return [text.slice(0, text.length - config.length - 2).split("\n"), config];
}

function header(title: string, filler: string): string {
  return `${title}\n${filler.repeat(title.length)}\n`;
}

function table(title: string, rows: readonly (readonly string[])[], end: string): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row, n) => {
    return `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |${n === 0 ? end : ""}`;
  });
  const rule = "-".repeat(lines[0]!.length);
  return `\n${header(title, "*")}${lines[0]}\n${rule}\n${
    lines.slice(1).map((line) => `${line}\n`).join("")
  }${rule}\n`;
}

function pluginsText(): string {
  const kinds = [...installedPlugins()].map(([kind, names]) => {
    return `\t${kind}:\n\t${"-".repeat(kind.length + 1)}\n${names.map((name) => `\t\t${name}\n`).join("")}`;
  });
  return header("Installed Hydra Plugins", "*") + kinds.join("");
}

function searchPathText(loader: ConfigLoader, options: ComposeOptions): string {
  const { repository } = loader.compose(options);
  const rows = repository.sources.map((source) => {
    return [source.provider, describeSource(source).replace(/^.*?path=/, "")];
  });
  return table("Config search path", [["Provider", "Search path"], ...rows], "");
}

function defaultsText(loader: ConfigLoader, options: ComposeOptions): string {
  const { defaults } = loader.defaultsList(options);
  const rows = defaults.map((row) => {
    return [row.configPath, row.package, row.isSelf ? "True" : "False", row.parent ?? ""];
  });
  return table("Defaults List", [["Config path", "Package", "_self_", "Parent"], ...rows], " ");
}

function treeText(loader: ConfigLoader, options: ComposeOptions): string {
  const lines: string[] = [];
  const label = (entry: DefaultEntry): string => {
    return entry.group === undefined ? entry.configPath : `${entry.overrideKey}: ${entry.name ?? "null"}`;
  };
  const walk = (node: DefaultsTree | DefaultEntry, depth: number): void => {
    const pad = "  ".repeat(depth);
    if (node instanceof DefaultEntry) lines.push(pad + label(node));
    else {
      const children = node.children ?? [];
      const name = node.entry === undefined ? "<root>" : label(node.entry);
      lines.push(`${pad}${name}${children.length > 0 ? ":" : ""}`);
      for (const child of children) walk(child, depth + 1);
    }
  };
  walk(loader.defaultsList(options).tree, 0);
  return `\n${header("Defaults Tree", "*")}${lines.map((line) => `${line}\n`).join("")}`;
}
