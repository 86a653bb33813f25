import type { FunctionBody, Local } from "./assembler.ts";
import { joinLow, upper, wideProduct } from "./halves.ts";

/** An angle as quarter turns and a rest: `x = n · π/2 + r` with |r| up to π/4, n mod 4. */
export interface Turn {
  readonly r: Local;
  readonly n: Local;
}

/** Up to here double precision reduces angles well enough. */
const FAR = 1e6;

/** The bits of 2/π, after 32 zeros. */
const TWO_OVER_PI = [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab];

/** Takes the quarter turns out of angles, however large; NaN of infinities. */
export function quarterTurn(f: FunctionBody, x: Local): Turn {
  const near = nearTurn(f, x);
  const [r, n] = [f.local("v128"), f.local("v128")];
  f.get(near.r).set(r).get(near.n).set(n);
  const size = f.v("f32x4.abs", x);
  f.get(f.v("f32x4.gt", size, f.f32(FAR))).op("v128.any_true").if();
  const far = f.v("v128.and", f.v("f32x4.gt", size, f.f32(FAR)), f.v("f32x4.lt", size, f.f32(Infinity)));
  const turn = farTurn(f, x);
  f.get(turn.r).get(near.r).get(far).op("v128.bitselect").set(r);
  f.get(turn.n).get(near.n).get(far).op("v128.bitselect").set(n);
  f.end();
  return { r, n };
}

function nearTurn(f: FunctionBody, x: Local): Turn {
  const halves = [x, upper(f, x)].map((half) => {
    const wide = f.v("f64x2.promote_low_f32x4", half);
    const n = f.v("f64x2.nearest", f.v("f64x2.mul", wide, f.f64(2 / Math.PI)));
    const r = f.v("f64x2.sub", wide, f.v("f64x2.mul", n, f.f64(1.5707963267341256)));
    return {
      r: f.v(
        "f32x4.demote_f64x2_zero",
        f.v("f64x2.sub", r, f.v("f64x2.mul", n, f.f64(6.077100506506192e-11))),
      ),
      n: f.v("i32x4.trunc_sat_f64x2_s_zero", n),
    };
  });
  return { r: joinLow(f, halves[0]!.r, halves[1]!.r), n: joinLow(f, halves[0]!.n, halves[1]!.n) };
}

/**
 * In whole numbers: |x| = m · 2ᵉ, and of the bits of 2/π only 96 matter, because those before them make multiples of
 * 4 and those behind them less than 2⁻⁷⁰.
 */
function farTurn(f: FunctionBody, x: Local): Turn {
  const m = f.v("v128.or", f.v("v128.and", x, rare(f, 0x7fffff)), rare(f, 0x800000));
  const biased = f.v("v128.and", f.shift("i32x4.shr_u", x, 23), rare(f, 255));
  const [w0, w1, w2] = window(f, f.v("i32x4.sub", biased, rare(f, 120)));
  // Quarter turns times 2⁹⁴, mod 2⁹⁶.
  const low = wideProduct(f, m, w2);
  const middle = wideProduct(f, m, w1);
  const p1 = f.v("i32x4.add", middle.low, low.high);
  const carried = f.v("i32x4.lt_u", p1, low.high);
  const p0 = f.v(
    "i32x4.sub",
    f.v("i32x4.add", f.v("i32x4.mul", m, w0), middle.high),
    carried,
  );
  // The fraction as a signed number: from one half on it is the distance to the next quarter turn.
  const high = f.v("v128.or", f.shift("i32x4.shl", p0, 2), f.shift("i32x4.shr_u", p1, 30));
  const rest = f.v("v128.or", f.shift("i32x4.shl", p1, 2), f.shift("i32x4.shr_u", low.low, 30));
  const n = f.v("i32x4.add", f.shift("i32x4.shr_u", p0, 30), f.shift("i32x4.shr_u", high, 31));
  const parts = [0, 1].map((half) => {
    const of = (v: Local): Local => half === 0 ? v : upper(f, v);
    const sum = f.v(
      "f64x2.add",
      f.v("f64x2.convert_low_i32x4_s", of(high)),
      f.v("f64x2.mul", f.v("f64x2.convert_low_i32x4_u", of(rest)), f.f64(2 ** -32)),
    );
    return f.v("f32x4.demote_f64x2_zero", f.v("f64x2.mul", sum, f.f64(Math.PI / 2 / 2 ** 32)));
  });
  const negative = f.shift("i32x4.shr_s", x, 31);
  return {
    r: f.v("v128.xor", joinLow(f, parts[0]!, parts[1]!), f.v("v128.and", negative, rare(f, 0x80000000))),
    n: f.v("i32x4.sub", f.v("v128.xor", n, negative), negative),
  };
}

/** The three words of 2/π that begin at a bit of each lane's own. */
function window(f: FunctionBody, start: Local): [Local, Local, Local] {
  const word = f.shift("i32x4.shr_s", start, 5);
  const words = [0, 1, 2, 3].map((k) => {
    let chosen = rare(f, TWO_OVER_PI[k]!);
    for (const number of [1, 2, 3, 4]) {
      const at = f.v("i32x4.eq", word, rare(f, number));
      chosen = f.v("v128.bitselect", rare(f, TWO_OVER_PI[number + k]!), chosen, at);
    }
    return chosen;
  });
  // Lanes cannot be shifted by different amounts, but multiplied by different powers of two.
  const shift = f.v("v128.and", start, rare(f, 31));
  const power = f.v(
    "i32x4.trunc_sat_f32x4_u",
    f.shift("i32x4.shl", f.v("i32x4.add", shift, rare(f, 127)), 23),
  );
  const shifted = words.map((w) => wideProduct(f, w, power));
  const joined = (k: number): Local => f.v("v128.or", shifted[k]!.low, shifted[k + 1]!.high);
  return [joined(0), joined(1), joined(2)];
}

/** A constant made where it is used: those of the function's entry would keep registers from the usual path. */
function rare(f: FunctionBody, value: number): Local {
  const result = f.local("v128");
  f.int(value).op("i32x4.splat").set(result);
  return result;
}
