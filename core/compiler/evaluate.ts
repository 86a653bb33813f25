import type { Expr, ScalarType } from "./expr.ts";

/**
 * The value of an expression in double precision: the reference that kernels and gradients are tested against.
 *
 * @param leaf Value of an `input`, `acc` or `scalar` leaf.
 */
export function evaluate(e: Expr, leaf: (leaf: Expr) => number): number {
  const done = new Map<Expr, number>();
  const walk = (x: Expr): number => {
    let value = done.get(x);
    if (value === undefined) {
      value = x.args.length === 0 ? (x.op === "const" ? x.value : leaf(x)) : apply(x, x.args.map(walk));
      done.set(x, value);
    }
    return value;
  };
  return walk(e);
}

function apply(e: Expr, v: readonly number[]): number {
  const [a, b, c] = v as [number, number, number];
  const whole = e.type === "i32"
    ? (x: number) => x | 0
    : e.type === "u32"
    ? (x: number) => x >>> 0
    : undefined;
  if (e.op === "mul" && whole !== undefined) return whole(Math.imul(a, b));
  const exact = applyExact(e, a, b, c, v);
  return whole === undefined ? exact : whole(exact);
}

function applyExact(e: Expr, a: number, b: number, c: number, v: readonly number[]): number {
  const from = e.args[0]!.type;
  switch (e.op) {
    case "neg":
      return -a;
    case "abs":
      return Math.abs(a);
    case "floor":
      return Math.floor(a);
    case "ceil":
      return Math.ceil(a);
    case "trunc":
      return Math.trunc(a);
    case "rint": {
      const r = Math.round(a);
      return r - a === 0.5 && r % 2 !== 0 ? r - 1 : r;
    }
    case "sqrt":
      return Math.sqrt(a);
    case "exp":
      return Math.exp(a);
    case "log":
      return Math.log(a);
    case "sin":
      return Math.sin(a);
    case "cos":
      return Math.cos(a);
    case "exp2":
      return 2 ** a;
    case "expm1":
      return Math.expm1(a);
    case "log1p":
      return Math.log1p(a);
    case "log2":
      return Math.log2(a);
    case "tanh":
      return Math.tanh(a);
    case "erf":
      return erfOf(a);
    case "erfinv":
      return erfinvOf(a);
    case "asin":
      return Math.asin(a);
    case "atan":
      return Math.atan(a);
    case "not":
      return e.type === "bool" ? (a === 0 ? 1 : 0) : ~a;
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return e.type === "f32" ? a / b : Math.trunc(a / b);
    case "rem":
      return a % b;
    case "min":
      return Math.min(a, b);
    case "max":
      return Math.max(a, b);
    case "pow":
      // C's rule, which JavaScript leaves out: a base of 1 or -1 stays 1 however far the exponent goes.
      return a === 1 || b === 0 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
    case "atan2":
      return Math.atan2(a, b);
    case "and":
      return a & b;
    case "or":
      return a | b;
    case "xor":
      return a ^ b;
    case "shl":
      return a << b;
    case "shr":
      return e.type === "i32" ? a >> b : a >>> b;
    case "lt":
      return a < b ? 1 : 0;
    case "le":
      return a <= b ? 1 : 0;
    case "eq":
      return a === b ? 1 : 0;
    case "select":
      return a !== 0 ? b : c;
    case "cast":
      return e.type === "bool" ? (a !== 0 ? 1 : 0) : e.type === "f32" ? a : Math.trunc(a);
    case "bitcast":
      return bitcastOf(a, from, e.type);
    case "fma":
      return a * b + c;
    case "isnan":
      return a !== a ? 1 : 0;
    case "philox":
      return philoxOf(a, b, v[2]!, v[3]!);
    case "input":
    case "acc":
    case "scalar":
    case "const":
      return e.value;
    default:
      return e.op satisfies never;
  }
}

const WORD = new DataView(new ArrayBuffer(4));

function bitcastOf(value: number, from: ScalarType, to: ScalarType): number {
  if (from === "f32") WORD.setFloat32(0, value);
  else WORD.setUint32(0, value);
  return to === "f32" ? WORD.getFloat32(0) : to === "i32" ? WORD.getInt32(0) : WORD.getUint32(0);
}

/** Series and continued fraction of the error function, good to double precision. */
function erfOf(x: number): number {
  const t = Math.abs(x);
  if (!(t < 6)) return x !== x ? x : Math.sign(x);
  if (t < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 80; n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (t + fraction);
  return Math.sign(x) * (1 - Math.exp(-t * t) / (Math.sqrt(Math.PI) * (t + fraction)));
}

/** Newton's method on the error function. */
function erfinvOf(y: number): number {
  if (!(Math.abs(y) < 1)) return Math.abs(y) === 1 ? y * Infinity : NaN;
  const w = Math.log((1 - y) * (1 + y));
  const s = 4.3307467508 + w / 2;
  let x = Math.sign(y) * Math.sqrt(Math.max(0, Math.sqrt(s * s - w / 0.147) - s));
  for (let i = 0; i < 8; i++) x -= (erfOf(x) - y) / ((2 / Math.sqrt(Math.PI)) * Math.exp(-x * x));
  return x;
}

/** Word `element % 4` of the Philox4x32-10 block `element / 4`: counter (element/4, 0, call, 0), key = seed. */
export function philoxOf(element: number, call: number, seedLow: number, seedHigh: number): number {
  let c0 = element >>> 2, c1 = 0, c2 = call >>> 0, c3 = 0;
  let k0 = seedLow >>> 0, k1 = seedHigh >>> 0;
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * BigInt(c0);
    const p1 = 0xcd9e8d57n * BigInt(c2);
    [c0, c1, c2, c3] = [
      (Number(p1 >> 32n) ^ c1 ^ k0) >>> 0,
      Number(p1 & 0xffffffffn),
      (Number(p0 >> 32n) ^ c3 ^ k1) >>> 0,
      Number(p0 & 0xffffffffn),
    ];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3][element & 3]!;
}
