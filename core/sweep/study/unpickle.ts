import { CheckpointError } from "../../errors.ts";
import { Float } from "../../config/scalar.ts";
import { FloatArray, type PickledObject, type PickleValue } from "./pickle.ts";

/** A Python name, which stands for what it would be. */
interface Name {
  readonly name: string;
}

/** What is being read: data, names, and objects whose state is still to come. */
type Raw = unknown;

/** An object or an array whose state follows. */
interface Pending {
  readonly of: string;
  state: Raw;
}

const MARK = Symbol("mark");

/**
 * Reads a pickled object of numbers, text and float64 arrays. Nothing that a pickle asks for is ever called; what is not
 * data is an error.
 *
 * Source: the pickle protocols up to 5, and how numpy 1 and 2 take arrays and scalars apart.
 *
 * @throws {CheckpointError} for one that holds more than numbers, text and arrays.
 */
export function unpickle(bytes: Uint8Array): PickledObject {
  const stack: Raw[] = [];
  const memo = new Map<number, Raw>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (count: number): Uint8Array => bytes.subarray(at, at += count);
  const decode = (part: Uint8Array): string => new TextDecoder().decode(part);
  const u32 = (): number => view.getUint32((at += 4) - 4, true);
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    const text = decode(bytes.subarray(at, end));
    at = end + 1;
    return text;
  };
  const toMark = (): Raw[] => {
    const items = stack.splice(stack.lastIndexOf(MARK));
    return items.slice(1);
  };
  const setAll = (pairs: readonly Raw[]): void => {
    const target = stack.at(-1) as Map<Raw, Raw>;
    for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i], pairs[i + 1]);
  };
  for (;;) {
    const code = bytes[at++];
    switch (code === undefined ? "" : String.fromCharCode(code)) {
      case "\x80": // the protocol
        at += 1;
        break;
      case "\x95": // a frame
        at += 8;
        break;
      case "\x8c":
        stack.push(decode(take(bytes[at++]!)));
        break;
      case "X":
        stack.push(decode(take(u32())));
        break;
      case "C":
        stack.push(take(bytes[at++]!));
        break;
      case "B":
        stack.push(take(u32()));
        break;
      case "\x8e": // long bytes and bytearrays
      case "\x96":
        at += 8;
        stack.push(take(Number(view.getBigUint64(at - 8, true))));
        break;
      case "\x94": // remember
        memo.set(memo.size, stack.at(-1));
        break;
      case "q":
        memo.set(bytes[at++]!, stack.at(-1));
        break;
      case "r":
        memo.set(u32(), stack.at(-1));
        break;
      case "h":
        stack.push(memo.get(bytes[at++]!));
        break;
      case "j":
        stack.push(memo.get(u32()));
        break;
      case "c":
        stack.push({ name: `${line()}.${line()}` } satisfies Name);
        break;
      case "\x93": {
        const [module, name] = stack.splice(-2);
        stack.push({ name: `${module}.${name}` } satisfies Name);
        break;
      }
      case "N":
        stack.push(null);
        break;
      case "\x88":
        stack.push(true);
        break;
      case "\x89":
        stack.push(false);
        break;
      case "J":
        stack.push(view.getInt32((at += 4) - 4, true));
        break;
      case "K":
        stack.push(bytes[at++]!);
        break;
      case "M":
        stack.push(view.getUint16((at += 2) - 2, true));
        break;
      case "G":
        stack.push(new Float(view.getFloat64((at += 8) - 8)));
        break;
      case ")":
        stack.push([]);
        break;
      case "\x85":
      case "\x86":
      case "\x87":
        stack.push(stack.splice(0x84 - code!));
        break;
      case "(":
        stack.push(MARK);
        break;
      case "t":
      case "l":
        stack.push(toMark());
        break;
      case "]":
        stack.push([]);
        break;
      case "e": {
        const items = toMark();
        (stack.at(-1) as Raw[]).push(...items);
        break;
      }
      case "a": {
        const item = stack.pop();
        (stack.at(-1) as Raw[]).push(item);
        break;
      }
      case "}":
        stack.push(new Map());
        break;
      case "u":
        setAll(toMark());
        break;
      case "s":
        setAll(stack.splice(-2));
        break;
      case "\x81": // a new object
        stack.splice(-1);
        stack.push({ of: (stack.pop() as Name).name, state: undefined } satisfies Pending);
        break;
      case "R": {
        const args = stack.pop() as Raw[];
        stack.push(reduced((stack.pop() as Name).name, args));
        break;
      }
      case "b": {
        const state = stack.pop();
        (stack.at(-1) as Pending).state = state;
        break;
      }
      case ".":
        return finished(stack.pop()) as PickledObject;
      default:
        throw unreadable(`the instruction ${code ?? "after its end"} at byte ${at - 1}`);
    }
  }
}

/** What numpy's own functions would make. */
function reduced(name: string, args: readonly Raw[]): Raw {
  switch (name.replace(/^numpy\.core\b/, "numpy._core")) {
    case "numpy.dtype":
      return { of: `dtype ${args[0]}`, state: undefined } satisfies Pending;
    case "numpy._core.multiarray.scalar":
      return new Float(floats(args[0], args[1])[0]!);
    case "numpy._core.multiarray._reconstruct":
      return { of: "ndarray", state: undefined } satisfies Pending;
    case "numpy._core.numeric._frombuffer":
      return new FloatArray(floats(args[1], args[0]), args[2] as number[]);
    case "numpy.array":
      return listArray(args[0] as Raw[]);
    default:
      throw unreadable(`a call of ${name}`);
  }
}

function listArray(list: readonly Raw[]): FloatArray {
  const shape: number[] = [];
  for (let item: Raw = list; Array.isArray(item); item = item[0]) shape.push(item.length);
  return new FloatArray((list.flat(Infinity) as Raw[]).map(Number), shape);
}

/** Values as data, once their state is known. */
function finished(raw: Raw): PickleValue {
  if (!isPending(raw)) return raw as PickleValue;
  if (raw.of === "ndarray") {
    const [, shape, dtype, isColumnMajor, data] = raw.state as [Raw, number[], Raw, boolean, Uint8Array];
    const values = floats(dtype, data);
    return new FloatArray(isColumnMajor ? rowMajor(values, shape) : values, shape);
  }
  const state = raw.state as Map<string, Raw>;
  return { type: raw.of, state: new Map([...state].map(([key, value]) => [key, finished(value)])) };
}

/** The numbers of a matrix that was written column by column. */
function rowMajor(values: readonly number[], shape: readonly number[]): readonly number[] {
  if (shape.length < 2) return values;
  if (shape.length > 2) throw unreadable(`an array of ${shape.length} dimensions in column-major order`);
  const [rows, columns] = shape as [number, number];
  return Array.from({ length: rows * columns }, (_, k) => {
    return values[Math.floor(k / columns) + rows * (k % columns)]!;
  });
}

function isPending(raw: Raw): raw is Pending {
  return typeof raw === "object" && raw !== null && "of" in raw;
}

function floats(dtype: Raw, data: Raw): number[] {
  const { of, state } = dtype as Pending;
  const order = (state as Raw[] | undefined)?.[1] ?? "<";
  if (of !== "dtype f8" || order === ">") throw unreadable(`numbers of ${of} (${order})`);
  const bytes = data as Uint8Array;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
}

function unreadable(what: string): CheckpointError {
  return new CheckpointError(`The study's pickle holds ${what}`, {
    fix: "start another study with hydra.sweeper.study_name; this one cannot be continued here",
  });
}
