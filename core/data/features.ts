import { DataError, nearest } from "../errors.ts";
import { count, like, list, number, optional, required, takeOptions, text } from "../options.ts";

/** A column of plain values. */
export class Value {
  /** The dtype by its Hugging Face name: `int64`, `float32`, `string`, `bool`, … */
  readonly dtype: string;

  /** @param options `dtype`: a Hugging Face name, such as `int64`. */
  constructor(options: { readonly dtype: string }) {
    this.dtype = takeOptions<{ dtype: string }>("data.Value", options, { dtype: text(required) }).dtype;
  }

  /** As Hugging Face prints it: `Value('int64')`. */
  toString(): string {
    return `Value('${this.dtype}')`;
  }
}

/** Options of {@linkcode ClassLabel}; one of the two is needed. */
export interface ClassLabelOptions {
  /** Class names in the order of their numbers. */
  readonly names?: readonly string[] | null;
  /** Number of classes, for classes named `"0"`, `"1"`, … @default the number of names */
  readonly numClasses?: number | null;
}

/**
 * A column of class numbers that have names; -1 stands for no class.
 *
 * @example
 * ```ts
 * import { ClassLabel } from "./features.ts";
 * const label = new ClassLabel({ names: ["cat", "dog"] });
 * console.assert(label.str2int("dog") === 1 && label.int2str(0) === "cat");
 * ```
 */
export class ClassLabel {
  /** Class names in the order of their numbers. */
  readonly names: readonly string[];

  constructor(options: ClassLabelOptions) {
    const o = takeOptions<ClassLabelOptions>("data.ClassLabel", options, {
      names: optional(list(text(required))),
      numClasses: optional(count(required, 1)),
    });
    const names = o.names ?? Array.from({ length: o.numClasses ?? 0 }, (_, i) => String(i));
    if (names.length === 0 || (o.numClasses !== null && o.numClasses !== names.length)) {
      throw new DataError(`ClassLabel has ${names.length} names for numClasses = ${o.numClasses}`, {
        where: "data.ClassLabel",
        fix: "give names, or numClasses alone",
      });
    }
    this.names = names;
  }

  /** Number of classes. */
  get numClasses(): number {
    return this.names.length;
  }

  /**
   * The number of a class name.
   *
   * @throws {DataError} for a name that is not one.
   */
  str2int(name: string): number {
    const index = this.names.indexOf(name);
    if (index >= 0) return index;
    const near = nearest(name, this.names);
    throw new DataError(`Unknown class "${name}"`, {
      where: "data.ClassLabel",
      fix: `${near === undefined ? "" : `did you mean "${near}"? `}The classes are ${this.names.join(", ")}`,
    });
  }

  /**
   * The name of a class number.
   *
   * @throws {DataError} for a number outside the classes.
   */
  int2str(index: number): string {
    const name = this.names[index];
    if (name !== undefined) return name;
    throw new DataError(`Class ${index} is outside 0 … ${this.names.length - 1}`, {
      where: "data.ClassLabel",
      fix: `the classes are ${this.names.join(", ")}`,
    });
  }

  /** As Hugging Face prints it: `ClassLabel(names=['cat', 'dog'])`. */
  toString(): string {
    return `ClassLabel(names=[${this.names.map((name) => `'${name}'`).join(", ")}])`;
  }
}

/** A column of images: 8 bits a channel, decoded when they are first used. */
export class Image {
  constructor(options: Readonly<Record<never, never>> = {}) {
    takeOptions("data.Image", options, {});
  }

  /** As Hugging Face prints it: `Image()`. */
  toString(): string {
    return "Image()";
  }
}

/** A column of lists of one feature. */
export class List {
  /** What the lists hold. */
  readonly feature: Feature;
  /** Length of every list, or -1 where it varies. */
  readonly length: number;

  constructor(options: { readonly feature: Feature; readonly length?: number }) {
    const o = takeOptions<{ feature: Feature; length?: number }>("data.List", options, {
      feature: like<Feature>(
        "give a feature: a Value, a ClassLabel, an Image or a List",
        (value) => [Value, ClassLabel, Image, List].some((kind) => value instanceof kind),
      ),
      length: number(-1, { min: -1, integer: true }),
    });
    this.feature = o.feature;
    this.length = o.length;
  }

  /** As Hugging Face prints it: `List(Value('int64'))`. */
  toString(): string {
    return `List(${this.feature}${this.length < 0 ? "" : `, length=${this.length}`})`;
  }
}

/** What a column holds. */
export type Feature = Value | ClassLabel | Image | List;

/** Column names to what they hold. */
export type Features = Readonly<Record<string, Feature>>;

/** A feature out of Hugging Face's JSON form; `undefined` where it is of a kind that has no class here. */
export function featureFromJson(json: unknown): Feature | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const fields = json as Record<string, unknown>;
  switch (fields._type) {
    case "Value":
      return new Value({ dtype: String(fields.dtype) });
    case "ClassLabel":
      return new ClassLabel({ names: Array.isArray(fields.names) ? fields.names.map(String) : null });
    case "Image":
      return new Image();
    case "List":
    case "LargeList":
    case "Sequence": {
      const inner = featureFromJson(fields.feature);
      const length = typeof fields.length === "number" ? fields.length : -1;
      return inner === undefined ? undefined : new List({ feature: inner, length });
    }
    default:
      return undefined;
  }
}
