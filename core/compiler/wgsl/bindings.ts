import type { DType } from "../../runtime/dtype.ts";
import type { GpuBinding } from "../../runtime/webgpu/launch.ts";
import type { ScalarType } from "../expr.ts";

/** Slot of the memory that the launches of one kernel share. */
export const TEMPORARY = -2;

/** One element, or four neighbours at an address that is a multiple of four. */
export type Width = 1 | 4;

/** One way in which a kernel reads or writes a buffer. */
export interface View {
  readonly slot: number;
  readonly dtype: DType;
  readonly width: Width;
  readonly writes: boolean;
}

/**
 * How a buffer is declared. Words of 32 bits are kept as `u32` whatever they hold. Small elements lie packed in
 * words: a store of four owns its words, a store of one shares them with other invocations and so needs `atomic`.
 */
type Storage = "u32" | "vec4u" | "f16" | "vec4h" | "atomic";

const DECLARED: Readonly<Record<Storage, string>> = {
  u32: "array<u32>",
  vec4u: "array<vec4u>",
  f16: "array<f16>",
  vec4h: "array<vec4<f16>>",
  atomic: "array<atomic<u32>>",
};

/** Scalar type of a stored element inside expressions. */
export const LOADED: Readonly<Record<DType, ScalarType>> = {
  f32: "f32",
  f16: "f32",
  i32: "i32",
  u32: "u32",
  u8: "u32",
  bool: "bool",
};

/** WGSL's name for four values of a scalar type. */
export const VECTOR: Readonly<Record<ScalarType, string>> = {
  f32: "vec4f",
  i32: "vec4i",
  u32: "vec4u",
  bool: "vec4<bool>",
};

/** The storage buffers of one launch: which views share a buffer, how it is declared, and the text of accesses. */
export class Bindings {
  readonly #nativeHalf: boolean;
  readonly #temporaryBytes: number;
  readonly #bindings: GpuBinding[] = [];
  readonly #ofSlot = new Map<number, number>();
  readonly #views: View[][] = [];

  /**
   * @param nativeHalf Whether the device stores f16 itself.
   * @param temporaryBytes Size of the memory behind the slot {@linkcode TEMPORARY}.
   */
  constructor(nativeHalf: boolean, temporaryBytes = 0) {
    this.#nativeHalf = nativeHalf;
    this.#temporaryBytes = temporaryBytes;
  }

  /** Announces an access. Every access is announced before the first text is asked for. */
  view(slot: number, dtype: DType, width: Width, writes: boolean): View {
    let binding = this.#ofSlot.get(slot);
    if (binding === undefined) {
      binding = this.#bindings.push(
        slot === TEMPORARY ? { kind: "temporary", bytes: this.#temporaryBytes } : { kind: "slot", slot },
      ) - 1;
      this.#ofSlot.set(slot, binding);
      this.#views.push([]);
    }
    const view = { slot, dtype, width, writes };
    this.#views[binding]!.push(view);
    return view;
  }

  /** Name of the variable behind a slot that has a view. */
  name(slot: number): string {
    return `s${this.#ofSlot.get(slot)!}`;
  }

  /** The buffers to bind, in order. */
  get list(): readonly GpuBinding[] {
    return this.#bindings;
  }

  /** Declared type of the first buffer, and declarations of the others. */
  declarations(): { first: string; more: string } {
    const types = this.#views.map((views) => DECLARED[this.#storage(views)]);
    const more = types.slice(1).map((type, i) =>
      `@group(1) @binding(${i + 1}) var<storage, read_write> s${i + 1}: ${type};\n`
    );
    return { first: types[0] ?? "array<u32>", more: more.join("") };
  }

  /** Text of the value at an index: an element number for width 1, a number of four elements for width 4. */
  load(view: View, index: string): string {
    const { name, storage } = this.#where(view);
    const word = (at: string): string =>
      storage === "atomic" ? `atomicLoad(&${name}[${at}])` : `${name}[${at}]`;
    switch (view.dtype) {
      case "f32":
      case "i32":
      case "u32": {
        const type = view.width === 4 ? VECTOR[view.dtype] : view.dtype;
        const bits = view.width === 4 && storage !== "vec4u"
          ? `vec4u(${[0, 1, 2, 3].map((j) => word(`4u * ${index} + ${j}u`)).join(", ")})`
          : word(index);
        return view.dtype === "u32" ? bits : `bitcast<${type}>(${bits})`;
      }
      case "f16":
        if (storage === "f16" && view.width === 4) {
          return `vec4f(${[0, 1, 2, 3].map((j) => `f32(${word(`4u * ${index} + ${j}u`)})`).join(", ")})`;
        }
        if (storage === "f16") return `f32(${word(index)})`;
        if (storage === "vec4h") return `vec4f(${word(index)})`;
        return view.width === 4
          ? `vec4f(unpack2x16float(${word(`2u * ${index}`)}), unpack2x16float(${word(`2u * ${index} + 1u`)}))`
          : `unpack2x16float(${word(`${index} >> 1u`)} >> ((${index} & 1u) * 16u)).x`;
      case "u8":
      case "bool": {
        const byte = view.width === 4
          ? `unpack4xU8(${word(index)})`
          : `extractBits(${word(`${index} >> 2u`)}, (${index} & 3u) * 8u, 8u)`;
        if (view.dtype === "u8") return byte;
        return view.width === 4 ? `(${byte} != vec4u())` : `(${byte} != 0u)`;
      }
      default:
        return view.dtype satisfies never;
    }
  }

  /** Statement that stores a value at an index. */
  store(view: View, index: string, value: string): string {
    const { name, storage } = this.#where(view);
    switch (view.dtype) {
      case "f32":
      case "i32":
      case "u32": {
        if (view.width === 4 && storage === "vec4u") return `${name}[${index}] = bitcast<vec4u>(${value});`;
        if (view.width === 1) return `${name}[${index}] = bitcast<u32>(${value});`;
        return [0, 1, 2, 3].map((j) =>
          `${name}[4u * ${index} + ${j}u] = bitcast<u32>(${value}.${"xyzw"[j]});`
        ).join(" ");
      }
      case "f16":
        if (storage === "f16" && view.width === 1) return `${name}[${index}] = f16(${value});`;
        if (storage === "f16") {
          return [0, 1, 2, 3].map((j) => `${name}[4u * ${index} + ${j}u] = f16(${value}.${"xyzw"[j]});`).join(
            " ",
          );
        }
        if (storage === "vec4h") return `${name}[${index}] = vec4<f16>(${value});`;
        if (view.width === 1) {
          return this.#insert(name, index, 1, 16, 65535, `pack2x16float(vec2f(${value}, 0.0))`);
        }
        return this.#assign(name, storage, `2u * ${index}`, `pack2x16float(${value}.xy)`) + " " +
          this.#assign(name, storage, `2u * ${index} + 1u`, `pack2x16float(${value}.zw)`);
      case "u8":
        return view.width === 4
          ? this.#assign(name, storage, index, `pack4xU8(${value})`)
          : this.#insert(name, index, 2, 8, 255, `(${value} & 255u)`);
      case "bool":
        return view.width === 4
          ? this.#assign(name, storage, index, `pack4xU8(select(vec4u(), vec4u(1u), ${value}))`)
          : this.#insert(name, index, 2, 8, 255, `select(0u, 1u, ${value})`);
      default:
        return view.dtype satisfies never;
    }
  }

  /** Statements that store the first `count` (1 to 3) of four values; the words are owned by this invocation. */
  storeSome(view: View, index: string, value: string, count: string): string {
    const { name, storage } = this.#where(view);
    const parts = [0, 1, 2];
    const each = (text: (j: number) => string): string =>
      parts.map((j) => `if (${count} > ${j}u) { ${text(j)} }`).join(" ");
    switch (view.dtype) {
      case "f32":
      case "i32":
      case "u32":
        return each((j) => {
          const bits = `bitcast<u32>(${value}.${"xyz"[j]})`;
          return storage === "vec4u"
            ? `${name}[${index}].${"xyz"[j]} = ${bits};`
            : `${name}[4u * ${index} + ${j}u] = ${bits};`;
        });
      case "f16":
        if (storage === "f16") {
          return each((j) => `${name}[4u * ${index} + ${j}u] = f16(${value}.${"xyz"[j]});`);
        }
        if (storage === "vec4h") {
          return each((j) => `${name}[${index}].${"xyz"[j]} = f16(${value}.${"xyz"[j]});`);
        }
        return each((j) =>
          this.#insert(
            name,
            `(4u * ${index} + ${j}u)`,
            1,
            16,
            65535,
            `pack2x16float(vec2f(${value}.${"xyz"[j]}, 0.0))`,
            storage,
          )
        );
      case "u8":
      case "bool":
        return each((j) => {
          const byte = view.dtype === "u8"
            ? `(${value}.${"xyz"[j]} & 255u)`
            : `select(0u, 1u, ${value}.${"xyz"[j]})`;
          return this.#insert(name, `(4u * ${index} + ${j}u)`, 2, 8, 255, byte, storage);
        });
      default:
        return view.dtype satisfies never;
    }
  }

  /** Puts a small element into its word and leaves the rest of the word alone. */
  #insert(
    name: string,
    index: string,
    shift: number,
    bits: number,
    mask: number,
    value: string,
    storage: Storage = "atomic",
  ): string {
    const word = `${name}[${index} >> ${shift}u]`;
    const by = `((${index} & ${(1 << shift) - 1}u) * ${bits}u)`;
    return storage === "atomic"
      ? `atomicAnd(&${word}, ~(${mask}u << ${by})); atomicOr(&${word}, ${value} << ${by});`
      : `${word} = (${word} & ~(${mask}u << ${by})) | (${value} << ${by});`;
  }

  #assign(name: string, storage: Storage, index: string, value: string): string {
    return storage === "atomic"
      ? `atomicStore(&${name}[${index}], ${value});`
      : `${name}[${index}] = ${value};`;
  }

  #where(view: View): { name: string; storage: Storage } {
    const binding = this.#ofSlot.get(view.slot)!;
    return { name: `s${binding}`, storage: this.#storage(this.#views[binding]!) };
  }

  #storage(views: readonly View[]): Storage {
    const wide = views.length > 0 && views.every((v) => v.width === 4);
    if (views.every((v) => v.dtype === "f32" || v.dtype === "i32" || v.dtype === "u32")) {
      return wide ? "vec4u" : "u32";
    }
    if (this.#nativeHalf && views.every((v) => v.dtype === "f16")) return wide ? "vec4h" : "f16";
    return views.some((v) =>
        v.writes && v.width === 1 && v.dtype !== "f32" && v.dtype !== "i32" && v.dtype !== "u32"
      )
      ? "atomic"
      : "u32";
  }
}
