import type { FunctionBody, Local } from "./assembler.ts";
import { joinLow, upper } from "./halves.ts";

/** A quotient below this, times a divisor of 24 bits, is exact in double precision. */
const STEP = 2 ** 28;

/** This many steps reach from the smallest divisor to the largest dividend. */
const STEPS = 10;

/** The exact remainder of f32 lanes with the sign of the dividend, as C's `fmod`. */
export function floatRemainder(f: FunctionBody, x: Local, y: Local): Local {
  const [size, divisor] = [f.v("f32x4.abs", x), f.v("f32x4.abs", y)];
  const halves = [0, 1].map((half) => {
    const [a, d] = [size, divisor].map((v) =>
      f.v("f64x2.promote_low_f32x4", half === 0 ? v : upper(f, v))
    ) as [Local, Local];
    return f.v("f32x4.demote_f64x2_zero", wideRemainder(f, a, d));
  });
  // Up to infinity there is nothing to take away, and 0 · ∞ would be NaN.
  const endless = f.v(
    "v128.and",
    f.v("f32x4.eq", divisor, f.f32(Infinity)),
    f.v("f32x4.lt", size, f.f32(Infinity)),
  );
  const rest = f.v("v128.bitselect", size, joinLow(f, halves[0]!, halves[1]!), endless);
  return f.v("v128.bitselect", x, rest, f.i32(0x80000000));
}

/** Of positive doubles that hold f32 values: every quotient, product and difference here is exact. */
function wideRemainder(f: FunctionBody, a: Local, d: Local): Local {
  const quotient = f.v("f64x2.div", a, d);
  const rest = f.local("v128");
  f.get(takeAway(f, a, d, quotient)).set(rest);
  const far = f.v("f64x2.ge", quotient, f.f64(STEP));
  f.get(far).op("v128.any_true").if();
  const [step, left] = [f.local("v128"), f.local("v128")];
  f.get(a).set(left).get(f.v("f64x2.mul", d, f.f64(STEP ** (STEPS - 1)))).set(step);
  const count = f.keep(() => f.int(0));
  const limit = f.keep(() => f.int(STEPS));
  f.while(count, limit, 1, () => {
    f.get(takeAway(f, left, step, f.v("f64x2.div", left, step))).set(left);
    f.get(step).get(f.f64(1 / STEP)).op("f64x2.mul").set(step);
  });
  f.get(left).get(rest).get(far).op("v128.bitselect").set(rest);
  f.end();
  return rest;
}

function takeAway(f: FunctionBody, a: Local, d: Local, quotient: Local): Local {
  return f.v("f64x2.sub", a, f.v("f64x2.mul", f.v("f64x2.floor", quotient), d));
}
