import {
  GrammarParseError,
  KeyValidationError,
  place,
  UnsupportedValueType,
  YamlError,
} from "./config_errors.ts";
import { type InterpolationText, parseInterpolation } from "./interpolation_parser.ts";
import { type ContainerNode, DictNode, isContainer, ListNode, ValueNode } from "./node.ts";
import { Origin, Source } from "./origin.ts";
import type { Key, Scalar } from "./scalar.ts";
import { decodeBase64, implicitTag, yamlBool, yamlFloat, yamlInt } from "./yaml_scalar.ts";
import {
  parseYaml,
  type YamlMapping,
  type YamlNode,
  type YamlScalar,
  type YamlSequence,
} from "./yaml_tree.ts";

/** How many values the aliases and merge keys of one text may add. */
const MAX_NODES = 500_000;
const STANDARD = "tag:yaml.org,2002:";

/**
 * Loads a YAML text as OmegaConf does: an empty text is an empty dictionary, a lone string a key without value.
 *
 * @param name How errors call the text, usually the file's path.
 * @throws {YamlError} for malformed YAML, duplicate keys, or a text beyond the limits.
 * @throws {GrammarParseError} for a malformed interpolation. Both carry the position.
 *
 * @example
 * ```ts
 * import { loadText } from "./load.ts";
 * const config = loadText("lr: 1e-3\nname: net", "conf/config.yaml");
 * console.assert(String(config.child("name" as never)?.origin) === "conf/config.yaml:2:7");
 * ```
 */
export function loadText(text: string, name: string): ContainerNode {
  const source = new Source(name, text);
  return document(source, parseYaml(source));
}

/**
 * {@linkcode loadText} for what a file holds: a lone string in it, however quoted, is read as YAML once more, as
 * `OmegaConf.load` does.
 *
 * @throws {YamlError} and {GrammarParseError} as {@linkcode loadText}.
 */
export function loadFileText(text: string, name: string): ContainerNode {
  const source = new Source(name, text);
  const root = parseYaml(source);
  const isText = root?.kind === "scalar" && scalarTag(root) === "str";
  return isText ? loadText(root.text, name) : document(source, root);
}

function document(source: Source, root: YamlNode | undefined): ContainerNode {
  const origin = new Origin(source, root?.offset ?? 0);
  const dict = new DictNode({ origin });
  if (root === undefined) return dict;
  if (root.kind === "scalar" && scalarTag(root) === "str") {
    dict.setChild(root.text, new ValueNode(null, { origin }));
    return dict;
  }
  const loaded = new Loader(source).node(root);
  if (isContainer(loaded)) return loaded;
  if (loaded.isNone) return dict;
  throw new YamlError(`Top level is neither a dictionary nor a list: ${String(loaded.raw)}`, origin, {
    fix: "write `key: value` lines",
  });
}

/**
 * Reads one YAML value, such as the right-hand side of `key=value` in a dot list.
 *
 * @param parent Where the value will be put, with `key`, so that errors name the path.
 * @returns A container, a value node, or `undefined` for a text without a document.
 * @throws {YamlError} and {GrammarParseError} as {@linkcode loadText}.
 */
export function loadNode(
  source: Source,
  parent?: ContainerNode,
  key?: Key,
): ContainerNode | ValueNode | undefined {
  const root = parseYaml(source);
  if (root === undefined) return undefined;
  const node = new Loader(source).node(root, parent, key);
  node.parent = undefined;
  node.key = undefined;
  return node;
}

/** A key and its value. */
type Pair = readonly [YamlNode, YamlNode];

class Loader {
  readonly #source: Source;
  /** Anchored nodes that have been read; each further time is a copy. */
  readonly #read = new Set<YamlNode>();
  #isCopy = false;
  #count = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** @param parent Where the node will hang, so that errors below it know their path. */
  node(yaml: YamlNode, parent?: ContainerNode, key?: Key): ContainerNode | ValueNode {
    if (yaml.isAnchored !== true || this.#isCopy) return this.#node(yaml, parent, key);
    this.#isCopy = this.#read.has(yaml);
    this.#read.add(yaml);
    const node = this.#node(yaml, parent, key);
    this.#isCopy = false;
    return node;
  }

  #node(yaml: YamlNode, parent: ContainerNode | undefined, key: Key | undefined): ContainerNode | ValueNode {
    const origin = new Origin(this.#source, yaml.offset);
    if (this.#isCopy && ++this.#count > MAX_NODES) {
      throw new YamlError(`YAML aliases expand to more than ${MAX_NODES} values`, origin, {
        fix: "repeat less, or share by interpolation: ${key}",
      });
    }
    if (yaml.kind === "scalar") return this.#value(this.#scalar(yaml, parent, key), origin, parent, key);
    if (yaml.kind === "sequence") {
      if (yaml.tag === `${STANDARD}omap` || yaml.tag === `${STANDARD}pairs`) yaml = this.#pairList(yaml);
      this.#allowTag(yaml, "seq");
      const list = hung(new ListNode({ origin }), parent, key);
      for (const item of yaml.items) list.append(this.node(item, list, list.size));
      return list;
    }
    this.#allowTag(yaml, "map");
    const dict = hung(new DictNode({ origin }), parent, key);
    const { merged, own } = this.#pairs(yaml);
    const wasCopy = this.#isCopy;
    this.#isCopy = true;
    for (const pair of merged) this.#setPair(dict, pair);
    this.#isCopy = wasCopy;
    for (const pair of own) this.#setPair(dict, pair);
    return dict;
  }

  #setPair(dict: DictNode, [keyYaml, value]: Pair): void {
    const key = this.#key(keyYaml, dict);
    dict.setChild(key, this.node(value, dict, key));
  }

  #value(raw: Scalar, origin: Origin, parent?: ContainerNode, key?: Key): ValueNode {
    const node = new ValueNode(raw, { origin });
    if (node.isInterpolation) node.parsed = this.#interpolation(node.text, origin, parent, key);
    return node;
  }

  #interpolation(text: string, origin: Origin, parent?: ContainerNode, key?: Key): InterpolationText {
    try {
      return parseInterpolation(text);
    } catch (error) {
      if (!(error instanceof GrammarParseError)) throw error;
      // In a plain one-line scalar the fault's own column is known.
      const exact = this.#source.text.startsWith(text, origin.offset)
        ? new Origin(this.#source, origin.offset + error.offset)
        : origin;
      throw new GrammarParseError(error.msg, {
        offset: error.offset,
        parent,
        key,
        origin: exact,
        where: place(exact),
        fix: error.fix,
        value: text,
      });
    }
  }

  /** Own pairs, and those that merge keys bring in; PyYAML puts the latter first. */
  #pairs(yaml: YamlMapping, depth = 0): { readonly merged: readonly Pair[]; readonly own: readonly Pair[] } {
    const seen = new Map<string, YamlNode>();
    const own: Pair[] = [];
    const merged: Pair[] = [];
    for (const pair of yaml.pairs) {
      const [key, value] = pair;
      if (key.kind === "scalar") {
        const tag = scalarTag(key);
        if (tag === "merge") {
          for (const brought of this.#merged(value, depth)) merged.push(brought);
          continue;
        }
        // Like PyYAML: what a merge key brings in is not looked at.
        if (tag === "str" && depth === 0) this.#refuseDuplicate(seen, key);
      }
      own.push(pair);
    }
    return { merged, own };
  }

  #refuseDuplicate(seen: Map<string, YamlNode>, key: YamlScalar): void {
    const first = seen.get(key.text);
    if (first !== undefined) {
      const origin = new Origin(this.#source, first.offset);
      throw new YamlError(`found duplicate key ${key.text}`, new Origin(this.#source, key.offset), {
        fix: `keep one of the two; the first is at ${origin}`,
      });
    }
    seen.set(key.text, key);
  }

  #merged(value: YamlNode, depth: number): readonly Pair[] {
    const sources = value.kind === "sequence" ? value.items : [value];
    const pairs: Pair[] = [];
    for (const mapping of [...sources].reverse()) {
      if (mapping.kind !== "mapping" || depth > 100) {
        const what = mapping.kind === "mapping"
          ? "merge keys nest deeper than 100 levels"
          : `expected a mapping or list of mappings for merging, but found ${mapping.kind}`;
        throw new YamlError(what, new Origin(this.#source, mapping.offset));
      }
      const { merged, own } = this.#pairs(mapping, depth + 1);
      if ((this.#count += merged.length + own.length) > MAX_NODES) {
        throw new YamlError("YAML merge keys expand too far", new Origin(this.#source, mapping.offset));
      }
      for (const pair of merged) pairs.push(pair);
      for (const pair of own) pairs.push(pair);
    }
    return pairs;
  }

  #key(yaml: YamlNode, parent: DictNode): Key {
    const origin = new Origin(this.#source, yaml.offset);
    if (yaml.kind !== "scalar") {
      throw new YamlError(`found unhashable key: a ${yaml.kind}`, origin, { fix: "use a string as the key" });
    }
    if (scalarTag(yaml) === "value") return yaml.text;
    const key = this.#scalar(yaml);
    if (key !== null) return key;
    throw new KeyValidationError("Incompatible key type 'NoneType'", {
      parent,
      origin,
      fix: `quote the key: '${yaml.text || "null"}'`,
    });
  }

  #scalar(yaml: YamlScalar, parent?: ContainerNode, key?: Key): Scalar {
    const { text } = yaml;
    switch (scalarTag(yaml)) {
      case "str":
        return text;
      case "null":
        return null;
      case "bool":
        return yamlBool(text) ?? this.#unreadable(yaml, "a boolean");
      case "int":
        return yamlInt(text) ?? this.#unreadable(yaml, "an integer");
      case "float":
        return yamlFloat(text) ?? this.#unreadable(yaml, "a float");
      case "binary":
        return decodeBase64(text) ?? this.#unreadable(yaml, "base64 data");
      case "timestamp":
        throw new UnsupportedValueType(`Value '${timestampType(text)}' is not a supported primitive type`, {
          parent,
          key,
          origin: new Origin(this.#source, yaml.offset),
          fix: "leave the tag out: dates are strings",
        });
      default:
        // PyYAML reads a lone `=` or `<<` as a type of its own, for which its safe loader has no value.
        if (yaml.isPlain && yaml.tag === undefined) return this.#unreadable(yaml, "a value");
        throw this.#unknownTag(yaml);
    }
  }

  #unreadable(yaml: YamlScalar, what: string): never {
    const shown = shortened(yaml.text);
    throw new YamlError(`Cannot read '${shown}' as ${what}`, new Origin(this.#source, yaml.offset), {
      fix: `quote it: '${shown}'`,
    });
  }

  /** `!!omap` and `!!pairs`: a list of one-pair mappings becomes a list of two-item lists. */
  #pairList(yaml: YamlSequence): YamlSequence {
    const items = yaml.items.map((item): YamlNode => {
      if (item.kind === "mapping" && item.pairs.length === 1) {
        return { kind: "sequence", items: item.pairs[0]!, tag: undefined, offset: item.offset };
      }
      throw new YamlError("expected a mapping of length 1", new Origin(this.#source, item.offset));
    });
    return { ...yaml, items, tag: undefined };
  }

  #allowTag(yaml: YamlNode, name: string): void {
    if (yaml.tag !== undefined && yaml.tag !== "!" && yaml.tag !== STANDARD + name) {
      throw this.#unknownTag(yaml);
    }
  }

  #unknownTag(yaml: YamlNode): YamlError {
    return new YamlError(
      `could not determine a constructor for the tag '${shortened(yaml.tag ?? "", 200)}'`,
      new Origin(this.#source, yaml.offset),
      { fix: "leave the tag out" },
    );
  }
}

function shortened(text: string, length = 40): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function timestampType(text: string): string {
  return /^[0-9-]+$/.test(text) ? "date" : "datetime";
}

function hung<N extends ContainerNode>(node: N, parent: ContainerNode | undefined, key: Key | undefined): N {
  node.parent = parent;
  node.key = key;
  return node;
}

/** A scalar's type: its tag without the standard prefix, or what its text says. */
function scalarTag(yaml: YamlScalar): string {
  if (yaml.tag === undefined) return yaml.isPlain ? implicitTag(yaml.text) : "str";
  return yaml.tag.startsWith(STANDARD) ? yaml.tag.slice(STANDARD.length) : yaml.tag;
}
