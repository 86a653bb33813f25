import { type Batch, callNamed, checkMapping, mapBatch, mappingRule, type NamedCallable } from "../batch.ts";
import { children, type Container } from "../children.ts";
import { DataError, OptionError } from "../errors.ts";
import {
  isCallable,
  like,
  optional,
  record,
  required,
  showValue,
  type Taken,
  takeOptions,
  text,
} from "../options.ts";

/** Takes a batch and gives a batch, or the part of one that it changes. */
export type Transform = ((batch: Batch) => Batch) | { forward(batch: Batch): Batch };

/**
 * Transforms one after the other, by name; what each gives is merged into the batch that the next one gets.
 *
 * Networks inside the parts belong to the module that holds this transform, under `transforms.<name>`.
 * Source: the Python template's `ComposeTransform`.
 *
 * @throws {OptionError} for a part that is no transform.
 *
 * @example
 * ```ts
 * import { ComposeTransform } from "./base.ts";
 * const transform = new ComposeTransform({
 *   double: (batch) => ({ y: 2 * (batch.x as number) }),
 *   next: (batch) => ({ z: (batch.y as number) + 1 }),
 * });
 * console.assert(transform.forward({ x: 3 }).z === 7);
 * ```
 */
export class ComposeTransform implements Container {
  /** Positions are its parts, not options. */
  static readonly positions = true;
  readonly #transforms: ReadonlyMap<string, Transform>;

  /** @param transforms Names to transforms, in the order in which they run. */
  constructor(transforms: Readonly<Record<string, Transform>>) {
    for (const [name, transform] of Object.entries(transforms)) {
      if (typeof transform === "function" || typeof transform?.forward === "function") continue;
      throw new OptionError(`transforms.ComposeTransform cannot use "${name}": it is no transform`, {
        fix: "give a function from batch to batch, or an object with forward(batch)",
        data: { owner: "transforms.ComposeTransform", option: name, known: Object.keys(transforms) },
      });
    }
    this.#transforms = new Map(Object.entries(transforms));
  }

  /** Names of the parts, in order. */
  get names(): string[] {
    return [...this.#transforms.keys()];
  }

  /**
   * The batch with what every part added or changed; the batch given stays as it is.
   *
   * @throws {DataError} of a part, with the part's name.
   */
  forward(batch: Batch): Batch {
    let result = { ...batch };
    for (const [name, transform] of this.#transforms) {
      try {
        result = {
          ...result,
          ...(typeof transform === "function" ? transform(result) : transform.forward(result)),
        };
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        const where = error.where === undefined ? name : `${name} (${error.where})`;
        throw new DataError(error.what, { where, fix: error.fix, cause: error });
      }
    }
    return result;
  }

  /** The parts, as a state dict names them. */
  *[children](): Iterable<readonly [name: string, part: unknown]> {
    for (const [name, transform] of this.#transforms) yield [`transforms.${name}`, transform];
  }
}

/** Options of {@linkcode WrapTransform}. */
export interface WrapTransformOptions {
  /** A function or an object with `forward`, such as a network. */
  readonly transform: NamedCallable;
  /** Where the result goes; `null` where the result is a dictionary itself. @default null */
  readonly newKey?: string | null;
  /** Batch key → argument name; `null` gives every batch key under its own name. @default null */
  readonly mapping?: Readonly<Record<string, string>> | null;
  /** More arguments, by name. @default none */
  readonly transformKwargs?: Readonly<Record<string, unknown>> | null;
}

/**
 * Calls a function or a network with values of the batch as named arguments, and adds its result to the batch.
 *
 * Source: the Python template's `WrapTransform`.
 *
 * @throws {DataError} where a mapped key is not in the batch, or a result without `newKey` is no dictionary.
 *
 * @example
 * ```ts
 * import { WrapTransform } from "./base.ts";
 * const minus = Object.assign((a: number, b: number) => a - b, { inputs: ["a", "b"] });
 * const wrap = new WrapTransform({ transform: minus, newKey: "c", mapping: { x: "a", y: "b" } });
 * console.assert(wrap.forward({ x: 3, y: 1 }).c === 2);
 * ```
 */
export class WrapTransform implements Container {
  readonly #options: Taken<WrapTransformOptions>;

  constructor(options: WrapTransformOptions) {
    const o = takeOptions<WrapTransformOptions>("transforms.WrapTransform", options, {
      transform: like<NamedCallable>("give a function, or an object with forward(…)", isCallable),
      newKey: optional(text(required)),
      mapping: optional(mappingRule(required)),
      transformKwargs: optional(record<unknown>("give arguments by name", () => true)),
    });
    const twice = Object.keys(o.transformKwargs ?? {}).find((name) =>
      Object.values(o.mapping ?? {}).includes(name)
    );
    if (twice !== undefined) {
      throw new OptionError(`transforms.WrapTransform is given the argument "${twice}" twice`, {
        fix: "name it in mapping or in transform_kwargs, not in both",
        data: { owner: "transforms.WrapTransform", option: "transformKwargs", known: Object.keys(o) },
      });
    }
    if (o.mapping !== null) {
      const kwargs = Object.keys(o.transformKwargs ?? {});
      checkMapping("transforms.WrapTransform", o.transform, o.mapping, undefined, kwargs);
    }
    this.#options = o;
  }

  /** The batch with the result. */
  forward(batch: Batch): Batch {
    const { transform, newKey, mapping, transformKwargs } = this.#options;
    const where = `transforms.WrapTransform${newKey === null ? "" : ` "${newKey}"`}`;
    const output = callNamed(transform, mapBatch(batch, mapping, where), where, transformKwargs ?? {});
    if (newKey !== null) return { ...batch, [newKey]: output };
    if (isDictionary(output)) return { ...batch, ...output };
    throw new DataError("A wrapped transform without new_key gave no dictionary", {
      where,
      fix: "set new_key, or return an object of batch values",
    });
  }

  /** The wrapped network, as a state dict names it. */
  [children](): Iterable<readonly [name: string, part: unknown]> {
    return [["transform", this.#options.transform]];
  }
}

function isDictionary(value: unknown): value is Batch {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Options of {@linkcode RenameTransform}. */
export interface RenameTransformOptions {
  /** Old key → new key. */
  readonly mapping: Readonly<Record<string, string>>;
}

/**
 * Gives the renamed keys of a batch, and no others. Source: the Python template's `RenameTransform`.
 *
 * @throws {DataError} where a key is not in the batch.
 *
 * @example
 * ```ts
 * import { RenameTransform } from "./base.ts";
 * console.assert(new RenameTransform({ old: "fresh" }).forward({ old: 1, rest: 2 }).fresh === 1);
 * ```
 */
export class RenameTransform {
  /** Positions are its parts, not options. */
  static readonly positions = true;
  readonly #mapping: Readonly<Record<string, string>>;

  /** @param options `{ mapping }`, or the mapping itself. */
  constructor(options: RenameTransformOptions | Readonly<Record<string, string>>) {
    const isOptions = typeof options.mapping === "object";
    this.#mapping = isOptions
      ? takeOptions<RenameTransformOptions>("transforms.RenameTransform", options as RenameTransformOptions, {
        mapping: mappingRule(required),
      }).mapping
      : options as Readonly<Record<string, string>>;
    const odd = Object.entries(this.#mapping).find(([, name]) => typeof name !== "string");
    if (odd !== undefined || Object.keys(this.#mapping).length === 0) {
      throw new OptionError(`transforms.RenameTransform cannot rename ${showValue(this.#mapping)}`, {
        fix: "give mapping: {old_key: new_key}",
        data: { owner: "transforms.RenameTransform", option: "mapping", known: ["mapping"] },
      });
    }
  }

  /** The renamed keys. */
  forward(batch: Batch): Batch {
    return mapBatch(batch, this.#mapping, "transforms.RenameTransform");
  }
}
