import { place } from "./config_errors.ts";
import { DefaultEntry } from "./default_entry.ts";
import { CompositionError } from "./hydra_errors.ts";
import { typeName } from "./override_value.ts";
import type { Origin } from "./origin.ts";
import type { Override } from "./overrides.ts";
import type { Repository } from "./repository.ts";

interface Choice {
  readonly value: string | null | readonly string[];
  /** The config whose list overrides; `undefined` for the command line. */
  readonly config: string | undefined;
  readonly origin: Origin | undefined;
  used: boolean;
}

/** Which options are chosen, deleted or appended: by the command line, and by `override` entries as they are met. */
export class DefaultOverrides {
  /** Overrides of values. */
  readonly configOverrides: Override[] = [];
  /** Entries for the end of the primary config's list. */
  readonly appended: DefaultEntry[] = [];
  /** What each entry met so far has chosen, by override key. */
  readonly choices = new Map<string, string | null>();
  readonly #chosenAt = new Map<string, Origin | undefined>();
  readonly #keysOfGroup = new Map<string, Set<string>>();
  readonly #overrides = new Map<string, Choice>();
  readonly #deletions = new Map<
    string,
    { readonly option: string | null; used: boolean; readonly where: string }
  >();

  constructor(repository: Repository, overrides: readonly Override[]) {
    for (const override of overrides) {
      if (override.sweep === undefined) this.#sort(repository, override);
    }
  }

  #sort(repository: Repository, override: Override): void {
    const { value, prefix, key, text } = override;
    if (value instanceof Map || !repository.hasGroup(key)) {
      this.configOverrides.push(override);
      return;
    }
    const where = place(override.origin);
    if (key === "") {
      throw new CompositionError(`Override '${text}' has no key`, {
        where,
        fix: "write what it sets before the =, as in a.b=1 or db=pg",
      });
    }
    if (prefix === "++") {
      throw new CompositionError(`force-add of config groups is not supported: '${text}'`, {
        where,
        fix: `write ${text.slice(1)}`,
      });
    }
    if (prefix === "~") {
      if (value !== null && typeof value !== "string") {
        throw new CompositionError(`Config group override deletion value must be a string : ${text}`, {
          where,
        });
      }
      this.#deletions.set(override.keyElement.slice(1), { option: value, used: false, where });
      return;
    }
    // Hydra 1.3 refuses null as well; taking it as "none of them" lets `logger=null` say what it means.
    if (value !== null && typeof value !== "string" && !Array.isArray(value)) {
      throw new CompositionError(
        `Config group override must be a string or a list. Got ${typeName(value)}`,
        { where, fix: `choose one of ${repository.options(key).join(", ")}` },
      );
    }
    if (prefix === "+") {
      const { package: pack, origin } = override;
      this.appended.push(new DefaultEntry({ group: key, package: pack, value, appended: true, origin }));
    } else {this.#overrides.set(override.keyElement, {
        value,
        config: undefined,
        origin: override.origin,
        used: false,
      });}
  }

  /** Notes an `override` entry; who was there first wins. */
  addOverride(config: string, entry: DefaultEntry): void {
    const key = entry.overrideKey;
    if (this.#overrides.has(key)) return;
    this.#overrides.set(key, { value: entry.value, config, origin: entry.origin, used: false });
  }

  /** Puts the overriding choice into an entry, if there is one. */
  applyTo(entry: DefaultEntry): void {
    if (entry.group === undefined) return;
    const choice = this.#overrides.get(entry.overrideKey);
    if (choice === undefined) return;
    entry.value = choice.value;
    entry.origin = choice.origin;
    choice.used = true;
  }

  /**
   * Notes what an entry chose.
   *
   * @throws {CompositionError} when another entry of the same key chose something else.
   */
  setChoice(entry: DefaultEntry): void {
    if (entry.group === undefined) return;
    const key = entry.overrideKey;
    const before = this.choices.get(key);
    if (before === undefined) {
      this.choices.set(key, entry.name);
      this.#chosenAt.set(key, entry.origin);
    } else if (before !== entry.name) {
      throw new CompositionError(
        `Multiple values for ${key}. To override a value use 'override ${key}: ${before ?? "None"}'`,
        { where: laterPlace(this.#chosenAt.get(key), entry.origin) },
      );
    }
    const keys = this.#keysOfGroup.get(entry.groupPath) ?? new Set();
    this.#keysOfGroup.set(entry.groupPath, keys.add(key));
  }

  /** Whether `~group` deletes this entry; it is marked as deleted then. */
  takeDeletion(entry: DefaultEntry): boolean {
    if (entry.group === undefined) return false;
    const deletion = this.#deletions.get(entry.overrideKey);
    if (deletion === undefined || (deletion.option !== null && deletion.option !== entry.name)) return false;
    deletion.used = true;
    entry.deleted = true;
    return true;
  }

  /** @throws {CompositionError} for an override or deletion that matched no entry. */
  ensureUsed(): void {
    for (const [key, choice] of this.#overrides) {
      if (!choice.used) throw this.#unused(key, choice);
    }
    for (const [key, { option, used, where }] of this.#deletions) {
      if (used) continue;
      const shown = option === null ? key : `${key}=${option}`;
      throw new CompositionError(`Could not delete '${shown}'. No match in the defaults list`, { where });
    }
  }

  #unused(key: string, choice: Choice): CompositionError {
    const keys = [...this.#keysOfGroup.get(key.split("@")[0]!) ?? []].sort();
    if (choice.value === null && choice.config === undefined) {
      return new CompositionError("Config group override must be a string or a list. Got NoneType", {
        where: choice.origin === undefined ? undefined : place(choice.origin),
        fix: keys.length === 0
          ? `the defaults list has no ${key} that could be null: leave the word out`
          : `did you mean ${keys.map((known) => `${known}=null`).join(" or ")}?`,
      });
    }
    let message = `Could not override '${key}'.`;
    if (keys.length === 0) message += " No match in the defaults list.";
    else message += `\nDid you mean to override ${keys.length > 1 ? "one of " : ""}${keys.join(", ")}?`;
    if (choice.config !== undefined) message = `In '${choice.config}': ${message}`;
    else message += `\nTo append to your default list use +${key}=${valueText(choice.value)}`;
    return new CompositionError(message, {
      where: choice.origin === undefined ? undefined : place(choice.origin),
    });
  }
}

function valueText(value: Choice["value"]): string {
  if (value === null) return "null";
  if (typeof value === "string") return value;
  return `[${value.map((item) => `'${item}'`).join(", ")}]`;
}

/** The place of the choice that was one too many: the user's own line, and of two in a file the second. */
function laterPlace(one: Origin | undefined, other: Origin | undefined): string | undefined {
  const rank = (origin: Origin) =>
    origin.file.startsWith("pkg://") ? 0 : origin.file === "command line" ? 2 : 1;
  if (one === undefined || other === undefined) return one === other ? undefined : place((one ?? other)!);
  const isFirst = rank(one) === rank(other)
    ? one.file === other.file && one.offset > other.offset
    : rank(one) > rank(other);
  return place(isFirst ? one : other);
}
