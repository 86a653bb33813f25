import { Float, isFloat } from "../../config/scalar.ts";

/** An array of float64, its last axis running fastest. */
export class FloatArray {
  readonly shape: readonly number[];
  readonly data: readonly number[];

  constructor(data: readonly number[], shape: readonly number[] = [data.length]) {
    this.data = data;
    this.shape = shape;
  }
}

/** A value of a pickled object; ints are numbers, floats `Float`s or numbers that are no integers. */
export type PickleValue = null | boolean | number | Float | string | FloatArray | PickledObject;

/** An object of a Python class, with its attributes. */
export interface PickledObject {
  /** `module.Class`. */
  readonly type: string;
  readonly state: ReadonlyMap<string, PickleValue>;
}

/**
 * An object as Python's `pickle.loads` reads it.
 *
 * Source: the pickle protocol 3.
 *
 * @example
 * ```ts
 * import { pickle } from "./pickle.ts";
 * import { unpickle } from "./unpickle.ts";
 * const bytes = pickle({ type: "a.B", state: new Map([["x", 1]]) });
 * console.assert(unpickle(bytes).state.get("x") === 1);
 * ```
 */
export function pickle(object: PickledObject): Uint8Array {
  const out: number[] = [0x80, 3];
  const text = (word: string): void => void out.push(...new TextEncoder().encode(word));
  const number = (bytes: number, write: (view: DataView) => void): void => {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    out.push(...new Uint8Array(view.buffer));
  };
  const global = (name: string): void => {
    const dot = name.lastIndexOf(".");
    text(`c${name.slice(0, dot)}\n${name.slice(dot + 1)}\n`);
  };
  const list = (data: readonly number[], shape: readonly number[]): void => {
    text("](");
    const size = data.length / (shape[0] || 1);
    for (let i = 0; i < shape[0]!; i++) {
      if (shape.length > 1) list(data.slice(i * size, (i + 1) * size), shape.slice(1));
      else value(new Float(data[i]!));
    }
    text("e");
  };
  const value = (item: PickleValue): void => {
    if (item === null) text("N");
    else if (typeof item === "boolean") out.push(item ? 0x88 : 0x89);
    else if (isFloat(item)) {
      text("G");
      number(8, (view) => view.setFloat64(0, Number(item)));
    } else if (typeof item === "number") {
      text("J");
      number(4, (view) => view.setInt32(0, item, true));
    } else if (typeof item === "string") {
      const bytes = new TextEncoder().encode(item);
      text("X");
      number(4, (view) => view.setUint32(0, bytes.length, true));
      out.push(...bytes);
    } else if (item instanceof FloatArray) {
      // A call of numpy.array reads in every version of numpy, which the arrays' own form does not.
      global("numpy.array");
      list(item.data, item.shape);
      out.push(0x85);
      text("R");
    } else objectState(item as PickledObject);
  };
  const objectState = ({ type, state }: PickledObject): void => {
    global(type);
    text(")");
    out.push(0x81);
    text("}(");
    for (const [key, item] of state) {
      value(key);
      value(item);
    }
    text("ub");
  };
  objectState(object);
  text(".");
  return new Uint8Array(out);
}
