import { YamlError } from "./config_errors.ts";
import { Origin, type Source } from "./origin.ts";
import { scanYaml, type Token, type TokenKind } from "./yaml_scanner.ts";

/** A scalar of a YAML text, not yet read as a type. */
export interface YamlScalar {
  readonly kind: "scalar";
  readonly text: string;
  /** Whether it stands without quotes, so that its text decides its type. */
  readonly isPlain: boolean;
  readonly tag: string | undefined;
  readonly offset: number;
  /** Whether aliases may name it. */
  readonly isAnchored?: true;
}

/** A sequence of a YAML text. */
export interface YamlSequence {
  readonly kind: "sequence";
  readonly items: readonly YamlNode[];
  readonly tag: string | undefined;
  readonly offset: number;
  readonly isAnchored?: true;
}

/** A mapping of a YAML text; duplicate keys and merge keys are still there. */
export interface YamlMapping {
  readonly kind: "mapping";
  readonly pairs: readonly (readonly [key: YamlNode, value: YamlNode])[];
  readonly tag: string | undefined;
  readonly offset: number;
  readonly isAnchored?: true;
}

/** A YAML node with the offset of its first character; an alias is the very node it names. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

/** How deep YAML collections may nest. */
export const MAX_DEPTH = 500;
const NO_TAG_PREFIX = /^$|[^0-9A-Za-z;/?:@&=+$,_.!~*'()[\]%-]|%(?![0-9A-Fa-f]{2})/;
const STANDARD = "tag:yaml.org,2002:";

/**
 * Parses a text that holds at most one YAML document, by the rules of PyYAML (YAML 1.1).
 *
 * @returns The document's root, or `undefined` for a text without one.
 * @throws {YamlError} with the position: malformed text, several documents, nesting beyond {@linkcode MAX_DEPTH}.
 */
export function parseYaml(source: Source): YamlNode | undefined {
  return new Parser(source).document();
}

class Parser {
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  readonly #anchors = new Map<string, YamlNode | "open">();
  #tagHandles = new Map([["!", "!"], ["!!", STANDARD]]);
  #at = 0;

  constructor(source: Source) {
    this.#source = source;
    this.#tokens = scanYaml(source);
  }

  document(): YamlNode | undefined {
    if (this.#is("stream end")) return undefined;
    const isExplicit = this.#is("directive") || this.#is("document start");
    if (isExplicit) this.#documentStart();
    const isEmpty = this.#is("directive") || this.#is("document start") || this.#is("document end") ||
      this.#is("stream end");
    const root = isExplicit && isEmpty ? this.#empty() : this.#node(true, 0);
    while (this.#take("document end"));
    if (this.#is("stream end")) return root;
    if (this.#is("document start") || this.#is("directive")) {
      this.#fail(
        "expected a single document in the stream, but found another document",
        "keep one document per file",
      );
    }
    return this.#fail(`expected '<document start>', but found ${this.#shown()}`);
  }

  #documentStart(): void {
    let hasVersion = false;
    const handles = new Set<string>();
    for (; this.#is("directive"); this.#at++) {
      const [name, first = "", second, ...more] = this.#token.text.split(/ +/);
      if (name === "%YAML") {
        if (hasVersion) this.#fail("found duplicate YAML directive");
        hasVersion = true;
        if (!/^1\.[0-9]+$/.test(first)) {
          this.#fail("found incompatible YAML document (version 1.* is required)");
        }
      } else if (name === "%TAG") {
        const isValid = /^!(?:[0-9A-Za-z_-]*!)?$/.test(first) && second !== undefined &&
          !NO_TAG_PREFIX.test(second);
        if (!isValid || more.length > 0) this.#fail("expected a handle and a prefix after %TAG");
        if (handles.has(first)) this.#fail(`duplicate tag handle '${first}'`);
        handles.add(first);
        this.#tagHandles.set(first, second);
      }
    }
    if (!this.#take("document start")) this.#fail(`expected '<document start>', but found ${this.#shown()}`);
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #is(kind: TokenKind): boolean {
    return this.#tokens[this.#at]!.kind === kind;
  }

  #take(kind: TokenKind): boolean {
    if (!this.#is(kind)) return false;
    this.#at++;
    return true;
  }

  #empty(): YamlScalar {
    return { kind: "scalar", text: "", isPlain: true, tag: undefined, offset: this.#token.offset };
  }

  /** @param mayBeIndentless Whether a list may stand at the indent of its key. */
  #node(isBlock: boolean, depth: number, mayBeIndentless = false): YamlNode {
    if (depth > MAX_DEPTH) this.#fail(`YAML nests deeper than ${MAX_DEPTH} levels`);
    if (this.#is("alias")) return this.#alias();
    const { offset } = this.#token;
    const { anchor, tag } = this.#properties();
    if (anchor === undefined) return this.#content(isBlock, depth, mayBeIndentless, offset, tag, false);
    this.#anchors.set(anchor, "open");
    const content = this.#content(isBlock, depth, mayBeIndentless, offset, tag, true);
    const node: YamlNode = { ...content, isAnchored: true };
    this.#anchors.set(anchor, node);
    return node;
  }

  #alias(): YamlNode {
    const name = this.#token.text;
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.#fail(
        `found undefined alias ${JSON.stringify(name)}`,
        `mark a value above with &${name}, or quote the text`,
      );
    }
    if (target === "open") this.#fail(`alias ${JSON.stringify(name)} stands inside its own anchor`);
    this.#at++;
    return target;
  }

  #properties(): { readonly anchor: string | undefined; readonly tag: string | undefined } {
    let anchor: string | undefined;
    let tag: string | undefined;
    for (;; this.#at++) {
      if (anchor === undefined && this.#is("anchor")) {
        anchor = this.#token.text;
        if (this.#anchors.has(anchor)) this.#fail(`found duplicate anchor ${JSON.stringify(anchor)}`);
      } else if (tag === undefined && this.#is("tag")) tag = this.#tag();
      else return { anchor, tag };
    }
  }

  #tag(): string {
    const { handle, text } = this.#token;
    if (handle === undefined) return text;
    const prefix = this.#tagHandles.get(handle) ?? this.#fail(`found undefined tag handle '${handle}'`);
    return prefix + text;
  }

  #content(
    isBlock: boolean,
    depth: number,
    mayBeIndentless: boolean,
    offset: number,
    tag: string | undefined,
    hasAnchor: boolean,
  ): YamlNode {
    const token = this.#token;
    if (mayBeIndentless && token.kind === "-") return this.#indentless(depth, tag, offset);
    if (token.kind === "scalar") {
      this.#at++;
      // A lone `!` leaves the type to the text, quoted or not.
      const isPlain = tag === "!" || (tag === undefined && token.isPlain === true);
      return { kind: "scalar", text: token.text, isPlain, tag: tag === "!" ? undefined : tag, offset };
    }
    if (token.kind === "[") return this.#flowSequence(depth, tag, offset);
    if (token.kind === "{") return this.#flowMapping(depth, tag, offset);
    if (isBlock && token.kind === "block sequence start") return this.#blockSequence(depth, tag, offset);
    if (isBlock && token.kind === "block mapping start") return this.#blockMapping(depth, tag, offset);
    if (!hasAnchor && tag === undefined) this.#fail(`expected the node content, but found ${this.#shown()}`);
    const isPlain = tag === undefined || tag === "!";
    return { kind: "scalar", text: "", isPlain, tag: isPlain ? undefined : tag, offset };
  }

  #indentless(depth: number, tag: string | undefined, offset: number): YamlNode {
    const items: YamlNode[] = [];
    while (this.#take("-")) {
      const isEmpty = this.#is("-") || this.#is("?") || this.#is(":") || this.#is("block end");
      items.push(isEmpty ? this.#empty() : this.#node(true, depth + 1));
    }
    return { kind: "sequence", items, tag, offset };
  }

  #blockSequence(depth: number, tag: string | undefined, offset: number): YamlNode {
    this.#at++;
    const items: YamlNode[] = [];
    while (this.#take("-")) {
      items.push(this.#is("-") || this.#is("block end") ? this.#empty() : this.#node(true, depth + 1));
    }
    this.#blockEnd();
    return { kind: "sequence", items, tag, offset };
  }

  #blockMapping(depth: number, tag: string | undefined, offset: number): YamlNode {
    this.#at++;
    const pairs: [YamlNode, YamlNode][] = [];
    const part = () => {
      const isEmpty = this.#is("?") || this.#is(":") || this.#is("block end");
      return isEmpty ? this.#empty() : this.#node(true, depth + 1, true);
    };
    while (this.#take("?")) {
      const key = part();
      pairs.push([key, this.#take(":") ? part() : this.#empty()]);
    }
    this.#blockEnd();
    return { kind: "mapping", pairs, tag, offset };
  }

  #blockEnd(): void {
    if (!this.#take("block end")) {
      this.#fail(
        `expected <block end>, but found ${this.#shown()}`,
        "check the indentation, or quote the text",
      );
    }
  }

  #flowSequence(depth: number, tag: string | undefined, offset: number): YamlNode {
    this.#at++;
    const items: YamlNode[] = [];
    while (!this.#take("]")) {
      if (items.length > 0) this.#comma("]");
      if (this.#take("]")) break;
      if (this.#is("?")) {
        const pairOffset = this.#token.offset;
        const pair = this.#flowPair("]", depth + 1);
        items.push({ kind: "mapping", pairs: [pair], tag: undefined, offset: pairOffset });
      } else items.push(this.#node(false, depth + 1));
    }
    return { kind: "sequence", items, tag, offset };
  }

  #flowMapping(depth: number, tag: string | undefined, offset: number): YamlNode {
    this.#at++;
    const pairs: (readonly [YamlNode, YamlNode])[] = [];
    while (!this.#take("}")) {
      if (pairs.length > 0) this.#comma("}");
      if (this.#take("}")) break;
      if (this.#is("?")) pairs.push(this.#flowPair("}", depth + 1));
      else pairs.push([this.#node(false, depth + 1), this.#empty()]);
    }
    return { kind: "mapping", pairs, tag, offset };
  }

  #flowPair(close: "]" | "}", depth: number): readonly [YamlNode, YamlNode] {
    this.#at++;
    const ends = () => this.#is(",") || this.#is(close);
    const key = this.#is(":") || ends() ? this.#empty() : this.#node(false, depth);
    const value = !this.#take(":") || ends() ? this.#empty() : this.#node(false, depth);
    return [key, value];
  }

  #comma(close: "]" | "}"): void {
    if (!this.#take(",")) {
      const isInterpolation = this.#is("{") && this.#source.text[this.#token.offset - 1] === "$";
      this.#fail(
        `expected ',' or '${close}', but found ${this.#shown()}`,
        isInterpolation
          ? "inside brackets an interpolation has to be quoted: '${…}'"
          : `close the bracket with ${close}, or quote a text with special characters`,
      );
    }
  }

  #shown(): string {
    const { kind } = this.#token;
    return kind.length === 1 ? `'${kind}'` : `<${kind}>`;
  }

  #fail(what: string, fix?: string): never {
    throw new YamlError(
      what,
      new Origin(this.#source, Math.min(this.#token.offset, this.#source.text.length)),
      { fix },
    );
  }
}
