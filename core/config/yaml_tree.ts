import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node as YamlLibNode,
  parseAllDocuments,
  type ParsedNode,
} from "yaml";
import { YamlError } from "./config_errors.ts";
import { Origin, type Source } from "./origin.ts";

/** A scalar of a YAML text, not yet read as a type. */
export interface YamlScalar {
  readonly kind: "scalar";
  readonly text: string;
  /** Whether it stands without quotes, so that its text decides its type. */
  readonly isPlain: boolean;
  readonly tag: string | undefined;
  readonly offset: number;
}

/** A sequence of a YAML text. */
export interface YamlSequence {
  readonly kind: "sequence";
  readonly items: readonly YamlNode[];
  readonly tag: string | undefined;
  readonly offset: number;
}

/** A mapping of a YAML text; duplicate keys and merge keys are still there. */
export interface YamlMapping {
  readonly kind: "mapping";
  readonly pairs: readonly (readonly [key: YamlNode, value: YamlNode])[];
  readonly tag: string | undefined;
  readonly offset: number;
}

/** A YAML node with the offset of its first character; an alias is the very node it names. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

/** How deep YAML collections may nest. */
export const MAX_DEPTH = 500;

/**
 * Parses a text that holds at most one YAML document.
 *
 * @returns The document's root, or `undefined` for a text without one.
 * @throws {YamlError} with the position, for malformed text, several documents, or nesting beyond {@linkcode MAX_DEPTH}.
 */
export function parseYaml(source: Source): YamlNode | undefined {
  const documents = parseAllDocuments(source.text, {
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  if (!Array.isArray(documents)) return undefined;
  for (const document of documents) {
    const error = document.errors[0];
    if (error !== undefined) {
      throw new YamlError(`YAML is malformed: ${error.message}`, new Origin(source, error.pos[0]));
    }
  }
  const [first, second] = documents;
  if (second !== undefined) {
    throw new YamlError("YAML holds more than one document", new Origin(source, second.range[0]), {
      fix: "keep one document per file",
    });
  }
  if (first === undefined || first.contents === null) return undefined;
  return new Converter(source).convert(first.contents, 0);
}

class Converter {
  readonly #source: Source;
  readonly #anchors = new Map<string, YamlNode>();

  constructor(source: Source) {
    this.#source = source;
  }

  convert(node: ParsedNode | YamlLibNode | null, offset: number, depth = 0): YamlNode {
    if (node === null) return { kind: "scalar", text: "", isPlain: true, tag: undefined, offset };
    const at = node.range?.[0] ?? offset;
    if (depth > MAX_DEPTH) {
      throw new YamlError(`YAML nests deeper than ${MAX_DEPTH} levels`, new Origin(this.#source, at));
    }
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) {
        throw new YamlError(`YAML alias "${node.source}" names no anchor`, new Origin(this.#source, at));
      }
      return target;
    }
    const converted = this.#collection(node, at, depth);
    if (!isAlias(node) && "anchor" in node && node.anchor) this.#anchors.set(node.anchor, converted);
    return converted;
  }

  #collection(node: YamlLibNode, offset: number, depth: number): YamlNode {
    const tag = node.tag;
    if (isScalar(node)) {
      const isPlain = node.type === "PLAIN" || node.type === undefined;
      const text = typeof node.value === "string" ? node.value : node.source ?? "";
      return { kind: "scalar", text, isPlain, tag, offset };
    }
    if (isSeq(node)) {
      const items: YamlNode[] = [];
      for (const item of node.items) items.push(this.convert(item as ParsedNode | null, offset, depth + 1));
      return { kind: "sequence", items, tag, offset };
    }
    if (isMap(node)) {
      const pairs: [YamlNode, YamlNode][] = [];
      for (const pair of node.items) {
        const key = this.convert(pair.key as ParsedNode | null, offset, depth + 1);
        pairs.push([key, this.convert(pair.value as ParsedNode | null, key.offset, depth + 1)]);
      }
      return { kind: "mapping", pairs, tag, offset };
    }
    throw new YamlError("YAML holds a node of an unknown kind", new Origin(this.#source, offset));
  }
}
