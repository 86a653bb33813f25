import type { DType } from "../../runtime/dtype.ts";
import type { FunctionBody, Local } from "./assembler.ts";

/**
 * Moves elements of every storage type between memory and the four lanes: f32, i32 and u32 as they are, f16 widened
 * to f32, u8 to u32, bool to a mask.
 */

const WORD_TYPES: ReadonlySet<DType> = new Set<DType>(["f32", "i32", "u32"]);

/** Loads four neighbours. May read up to 12 bytes past them. */
export function loadFour(f: FunctionBody, dtype: DType, address: Local): Local {
  const raw = f.local("v128");
  f.get(address);
  if (WORD_TYPES.has(dtype)) f.memory("v128.load");
  else if (dtype === "f16") f.memory("v128.load64_zero").op("i32x4.extend_low_i16x8_u");
  else f.memory("v128.load32_zero").op("i16x8.extend_low_i8x16_u").op("i32x4.extend_low_i16x8_u");
  f.set(raw);
  return widen(f, dtype, raw);
}

/** Loads every second one of seven neighbours of 4 bytes. May read up to 28 bytes past the first. */
export function loadEven(f: FunctionBody, address: Local, offset = 0): Local {
  const low = f.local("v128");
  const high = f.local("v128");
  f.get(address).memory("v128.load", offset).set(low);
  f.get(address).memory("v128.load", offset + 16).set(high);
  return f.shuffleWords(low, high, [0, 2, 4, 6]);
}

/** Loads one element into all lanes. */
export function loadSplat(f: FunctionBody, dtype: DType, address: Local): Local {
  const raw = f.local("v128");
  f.get(address);
  if (WORD_TYPES.has(dtype)) f.memory("v128.load32_splat");
  else f.memory(dtype === "f16" ? "i32.load16_u" : "i32.load8_u").op("i32x4.splat");
  f.set(raw);
  return widen(f, dtype, raw);
}

/** Loads one element into a lane of `raw`, which {@linkcode widen} turns into values when all lanes are in. */
export function loadLane(
  f: FunctionBody,
  dtype: DType,
  raw: Local,
  lane: number,
  pushAddress: () => void,
): void {
  if (WORD_TYPES.has(dtype)) {
    pushAddress();
    f.get(raw).memory("v128.load32_lane", 0, lane);
  } else {
    f.get(raw);
    pushAddress();
    f.memory(dtype === "f16" ? "i32.load16_u" : "i32.load8_u").op("i32x4.replace_lane", lane);
  }
  f.set(raw);
}

/** Turns stored bits, one element per 32-bit lane, into values. */
export function widen(f: FunctionBody, dtype: DType, raw: Local): Local {
  if (dtype === "bool") return f.v("i32x4.ne", raw, f.i32(0));
  return dtype === "f16" ? widenHalf(f, raw) : raw;
}

function widenHalf(f: FunctionBody, raw: Local): Local {
  const magnitude = f.v("v128.and", raw, f.i32(0x7fff));
  // The exponent's bias differs by 112; the product puts it right, subnormal halves included.
  const scaled = f.v("f32x4.mul", f.shift("i32x4.shl", magnitude, 13), f.f32(2 ** 112));
  const endless = f.v("i32x4.gt_s", magnitude, f.i32(0x7bff));
  const value = f.v("v128.or", scaled, f.v("v128.and", endless, f.i32(0x7f800000)));
  const sign = f.shift("i32x4.shl", f.v("v128.and", raw, f.i32(0x8000)), 16);
  return f.v("v128.or", value, sign);
}

/** Turns values into stored bits, one element per 32-bit lane. */
export function narrow(f: FunctionBody, dtype: DType, value: Local): Local {
  if (dtype === "bool") return f.v("v128.and", value, f.i32(1));
  if (dtype === "u8") return f.v("v128.and", value, f.i32(255));
  return dtype === "f16" ? narrowHalf(f, value) : value;
}

/** Rounds to the nearest half, ties to even. */
function narrowHalf(f: FunctionBody, value: Local): Local {
  const magnitude = f.v("v128.and", value, f.i32(0x7fffffff));
  const even = f.v("v128.and", f.shift("i32x4.shr_u", magnitude, 13), f.i32(1));
  const biased = f.v("i32x4.add", f.v("i32x4.add", magnitude, f.i32(0xfff - 0x38000000)), even);
  const normal = f.shift("i32x4.shr_u", biased, 13);
  const steps = f.v("f32x4.nearest", f.v("f32x4.mul", magnitude, f.f32(2 ** 24)));
  const subnormal = f.v("i32x4.trunc_sat_f32x4_s", steps);
  const select = (condition: Local, a: Local, b: Local): Local => f.v("v128.bitselect", a, b, condition);
  let bits = select(f.v("i32x4.lt_s", magnitude, f.i32(0x38800000)), subnormal, normal);
  bits = select(f.v("i32x4.gt_s", magnitude, f.i32(0x477fefff)), f.i32(0x7c00), bits);
  bits = select(f.v("i32x4.gt_s", magnitude, f.i32(0x7f800000)), f.i32(0x7e00), bits);
  const sign = f.v("v128.and", f.shift("i32x4.shr_u", value, 16), f.i32(0x8000));
  return f.v("v128.or", bits, sign);
}

/** Stores four neighbours from bits that {@linkcode narrow} gave. */
export function storeFour(f: FunctionBody, dtype: DType, bits: Local, address: Local): void {
  f.get(address).get(bits);
  if (WORD_TYPES.has(dtype)) {
    f.memory("v128.store");
    return;
  }
  f.get(bits).op("i16x8.narrow_i32x4_u");
  if (dtype === "f16") {
    f.memory("v128.store64_lane", 0, 0);
  } else {
    const halves = f.local("v128");
    f.tee(halves).get(halves).op("i8x16.narrow_i16x8_u").memory("v128.store32_lane", 0, 0);
  }
}

/** Stores one lane of bits that {@linkcode narrow} gave. */
export function storeLane(
  f: FunctionBody,
  dtype: DType,
  bits: Local,
  lane: number,
  pushAddress: () => void,
): void {
  pushAddress();
  f.get(bits);
  if (WORD_TYPES.has(dtype)) f.memory("v128.store32_lane", 0, lane);
  else f.op("i32x4.extract_lane", lane).memory(dtype === "f16" ? "i32.store16" : "i32.store8");
}
