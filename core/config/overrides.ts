import { Origin, Source } from "./origin.ts";
import { type ParsedOverride, parseOverrideText } from "./override_parser.ts";
import { elementText, isSweep, type OverrideValue, type Sweep, unquote } from "./override_value.ts";

/** One word of the command line that changes the config. */
export class Override {
  /** `` changes, `+` adds, `++` does either, `~` deletes. */
  readonly prefix: ParsedOverride["prefix"];
  /** The config key (`a.b`) or group (`db/engine`). */
  readonly key: string;
  /** The package after `@`, if any. */
  readonly package: string | undefined;
  /** The value with its quotes; `undefined` where there is no `=`. */
  readonly raw: OverrideValue | undefined;
  /** The word as it was typed. */
  readonly text: string;
  /** Where the value stands on the command line. */
  readonly origin: Origin;

  constructor(parsed: ParsedOverride, text: string) {
    this.prefix = parsed.prefix;
    this.key = parsed.key;
    this.package = parsed.package;
    this.raw = parsed.value;
    this.text = text;
    this.origin = new Origin(new Source("command line", text), text.indexOf("=") + 1);
  }

  /** The sweep, or `undefined` for a single value. */
  get sweep(): Sweep | undefined {
    return this.raw !== undefined && isSweep(this.raw) ? this.raw : undefined;
  }

  /** The value as config data: quotes dropped; `null` where there is none. */
  get value(): unknown {
    return this.raw === undefined ? null : unquote(this.raw);
  }

  /** Prefix, key and package: what two overrides of the same thing share. */
  get keyElement(): string {
    return `${this.prefix}${this.key}${this.package === undefined ? "" : `@${this.package}`}`;
  }

  /** Whether it concerns Hydra itself: `hydra.run.dir`, `hydra/launcher`. */
  get isHydra(): boolean {
    return this.key.startsWith("hydra.") || this.key.startsWith("hydra/");
  }

  /** The value as override text, for a sweeper to hand on. */
  get valueText(): string {
    return this.raw === undefined ? "null" : elementText(this.raw);
  }
}

/**
 * Parses overrides in the order they were typed.
 *
 * @throws {OverrideParseError} for the first one that does not follow the grammar.
 *
 * @example
 * ```ts
 * import { parseOverrides } from "./overrides.ts";
 * const [lr, db] = parseOverrides(["model.lr=1e-3", "db=pg"]);
 * console.assert(lr!.value === 0.001 && db!.value === "pg");
 * ```
 */
export function parseOverrides(texts: readonly string[]): Override[] {
  return texts.map((text) => new Override(parseOverrideText(text), text));
}
