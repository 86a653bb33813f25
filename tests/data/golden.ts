import { createHash } from "node:crypto";

/** A loader's case: its options, and what Python's gave. */
export interface LoaderCase {
  readonly name: string;
  readonly draw: boolean;
  readonly n: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly own: boolean;
  readonly epochs: readonly { readonly i: number[]; readonly r?: number[] }[][];
  readonly after: readonly number[];
}

interface Golden {
  readonly permutations: readonly { seed: string; n: number; head: number[]; sha256: string }[];
  readonly splits: readonly {
    n: number;
    options: Record<string, unknown>;
    lengths: [number, number];
    train: number[];
    test: number[];
    sha256: string;
  }[];
  readonly samplers: readonly { name: string; order?: number[] & number[][]; u32?: number[] }[];
  readonly loaders: readonly LoaderCase[];
  readonly fit_order: readonly (number[] & number[][])[];
  readonly images: readonly { name: string; shape: number[]; png: string; pixels: number[] }[];
  readonly jpegs: readonly { name: string; shape: number[]; jpeg: string; pixels: number[] }[];
}

/** What real torch, datasets, numpy and PIL give; see tests/golden/make_data.py. */
export const golden: Golden = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/data.json", import.meta.url)),
);

/** SHA-256 of an order as little-endian int32. */
export function orderDigest(order: ArrayLike<number>): string {
  return createHash("sha256").update(new Uint8Array(Int32Array.from(order).buffer)).digest("hex");
}
