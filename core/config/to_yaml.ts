import { flag, takeOptions } from "../options.ts";
import { UnsupportedValueType } from "./config_errors.ts";
import type { ConfigNode } from "./node.ts";
import { pythonTypeName } from "./python_text.ts";
import { EnumMember, Float, floatText, isInt, type Key } from "./scalar.ts";
import { toData } from "./to_container.ts";
import { deeper, isSimpleKey, YamlEmitter } from "./yaml_emitter.ts";

/** How {@linkcode toYaml} writes. */
export interface YamlOptions {
  /** Whether interpolations are resolved. @default false */
  readonly resolve?: boolean | undefined;
  /** Whether keys are sorted. @default false */
  readonly sortKeys?: boolean | undefined;
}

/**
 * A node as YAML, byte for byte as `OmegaConf.to_yaml` writes it.
 *
 * @throws {UnsupportedValueType} for a live object, and interpolation errors when resolving.
 *
 * @example
 * ```ts
 * import { loadText } from "./load.ts";
 * import { toYaml } from "./to_yaml.ts";
 * console.assert(toYaml(loadText("{b: 1e-5, a: ['y', 1]}", "c.yaml")) === "b: 1.0e-05\na:\n- 'y'\n- 1\n");
 * ```
 */
export function toYaml(node: ConfigNode, options: YamlOptions = {}): string {
  const { resolve, sortKeys } = takeOptions<YamlOptions>("config.toYaml", options, {
    resolve: flag(false),
    sortKeys: flag(false),
  });
  return dataToYaml(toData(node, { resolve, enumToStr: true }), { sortKeys });
}

/** Config data (arrays, `Map`s, scalars) as YAML; see {@linkcode toYaml}. */
export function dataToYaml(data: unknown, options: YamlOptions = {}): string {
  const writer = new Writer(options.sortKeys === true);
  writer.root(data);
  return writer.text;
}

class Writer {
  readonly #out = new YamlEmitter();
  readonly #sortKeys: boolean;

  constructor(sortKeys: boolean) {
    this.#sortKeys = sortKeys;
  }

  get text(): string {
    return this.#out.text;
  }

  root(data: unknown): void {
    this.#node(data, -2, false);
    this.#out.indent(0);
    if (!this.text.endsWith("\n")) this.#out.lineBreak();
    // A bare scalar needs its end marked, or a reader would wait for more.
    const isPlain = !Array.isArray(data) && !(data instanceof Map) && !/^['"]/.test(this.text);
    if (isPlain) this.#out.token("...\n");
  }

  /** @param indent The indent of the parent; -2 above the root. */
  #node(data: unknown, indent: number, isMappingValue: boolean): void {
    if (Array.isArray(data)) this.#list(data, indent, isMappingValue);
    else if (data instanceof Map) this.#map(data, indent);
    else this.#scalar(data, Math.max(deeper(indent), 2), false);
  }

  #list(items: readonly unknown[], indent: number, isMappingValue: boolean): void {
    if (items.length === 0) return this.#empty("[", "]");
    // A list under a key stands at the key's own indent.
    const own = isMappingValue ? indent : deeper(indent);
    for (const item of items) {
      this.#out.indent(own);
      this.#out.indicator("-", true, { indent: true });
      this.#node(item, own, false);
    }
  }

  #map(map: ReadonlyMap<unknown, unknown>, indent: number): void {
    if (map.size === 0) return this.#empty("{", "}");
    const own = deeper(indent);
    for (const [key, value] of this.#sortKeys ? sorted(map) : map) {
      this.#out.indent(own);
      if (isSimple(key as Key)) {
        this.#scalar(key, deeper(own), true);
        this.#out.indicator(":", false);
      } else {
        this.#out.indicator("?", true, { indent: true });
        this.#scalar(key, deeper(own), false);
        this.#out.indent(own);
        this.#out.indicator(":", true, { indent: true });
      }
      this.#node(value, own, isSimple(key as Key));
    }
  }

  #empty(open: string, close: string): void {
    this.#out.indicator(open, true, { blank: true });
    this.#out.indicator(close, false);
  }

  #scalar(value: unknown, indent: number, isKey: boolean): void {
    if (typeof value === "string") this.#out.string(value, indent, isKey);
    else if (value instanceof Uint8Array) this.#out.binary(value, indent);
    else this.#out.token(tokenText(value));
  }
}

function tokenText(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") return isInt(value) ? String(value) : yamlFloatText(value);
  if (value instanceof Float) return yamlFloatText(value.value);
  if (value instanceof EnumMember) return value.name;
  throw new UnsupportedValueType(`Value '${pythonTypeName(value)}' cannot be written as YAML`, {
    value,
    fix: "write the config before live objects are put into it",
  });
}

function yamlFloatText(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  const text = floatText(value);
  return text.includes(".") ? text : text.replace("e", ".0e");
}

function isSimple(key: Key): boolean {
  if (typeof key === "string") return isSimpleKey(key, "!!str".length);
  return !(key instanceof Uint8Array);
}

function sorted(map: ReadonlyMap<unknown, unknown>): [unknown, unknown][] {
  const rank = (key: unknown) => typeof key === "string" ? key : Number(key);
  return [...map].sort(([a], [b]) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}
