import {
  add,
  and,
  constant,
  cos,
  div,
  eq,
  exp,
  type Expr,
  input,
  le,
  log,
  lt,
  mul,
  neg,
  not,
  pow,
  select,
  sin,
  sqrt,
  square,
  sub,
  visit,
} from "./expr.ts";

/**
 * Differentiates a scalar expression: given the gradient `g` of its value, the gradient of each operand.
 *
 * Works backward through the expression, so a side that `select` does not take gets an exact zero, never `0 · ∞`.
 * Integer and bool parts have no gradient.
 *
 * @param e An f32 expression over `input(0) … input(count - 1)`.
 * @returns An expression per operand, or `null` where the value does not depend on it differentiably.
 */
export function derive(e: Expr, count: number, g: Expr): (Expr | null)[] {
  const order: Expr[] = [];
  visit([e], (part) => order.push(part));
  const adjoints = new Map<Expr, Adjoint>([[e, new Map([[null, g]])]]);
  const contribute = (to: Expr, amount: Expr, where: Expr | null): void => {
    if (to.type !== "f32" || to.op === "const") return;
    const adjoint = adjoints.get(to) ?? new Map<Expr | null, Expr>();
    const known = adjoint.get(where);
    adjoint.set(where, known === undefined ? amount : add(known, amount));
    adjoints.set(to, adjoint);
  };
  for (const part of order.reverse()) {
    for (const [where, amount] of adjoints.get(part) ?? []) {
      if (part.op === "select") {
        const [condition, a, b] = part.args as [Expr, Expr, Expr];
        contribute(a, amount, both(where, condition));
        contribute(b, amount, both(where, not(condition)));
      } else {
        propagate(part, amount, (to, share) => contribute(to, share, where));
      }
    }
  }
  return Array.from({ length: count }, (_, i) => {
    const adjoint = adjoints.get(input(i));
    return adjoint === undefined ? null : total(adjoint);
  });
}

/**
 * The gradient of a part: an amount for each set of elements that it counts for, named by a condition; `null` is
 * everywhere. Conditions are applied last, so that an infinite slope on a side not taken meets no zero.
 */
type Adjoint = Map<Expr | null, Expr>;

function both(a: Expr | null, b: Expr): Expr {
  return a === null ? b : and(a, b);
}

function total(adjoint: Adjoint): Expr {
  const entries = [...adjoint];
  const [first, second] = entries;
  if (entries.length === 2 && first![0] !== null && second![0] === not(first![0])) {
    return select(first![0], first![1], second![1]);
  }
  const parts = entries.map(([where, amount]) => where === null ? amount : select(where, amount, 0));
  return parts.reduce((sum, part) => add(sum, part));
}

type Contribute = (to: Expr, amount: Expr) => void;

/** The table of derivatives: `y` is the part itself, `g` the gradient of its value. */
function propagate(y: Expr, g: Expr, to: Contribute): void {
  const [a, b, c] = y.args as [Expr, Expr, Expr];
  switch (y.op) {
    case "neg":
      return to(a, neg(g));
    case "abs":
      return to(a, select(lt(0, a), g, select(lt(a, 0), neg(g), 0)));
    case "sqrt":
      return to(a, div(g, mul(2, y)));
    case "exp":
      return to(a, mul(g, y));
    case "log":
      return to(a, div(g, a));
    case "sin":
      return to(a, mul(g, cos(a)));
    case "cos":
      return to(a, neg(mul(g, sin(a))));
    case "exp2":
      return to(a, mul(g, mul(y, Math.LN2)));
    case "expm1":
      return to(a, mul(g, add(y, 1)));
    case "log1p":
      return to(a, div(g, add(a, 1)));
    case "log2":
      return to(a, div(g, mul(a, Math.LN2)));
    case "tanh":
      return to(a, mul(g, sub(1, square(y))));
    case "erf":
      return to(a, mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(square(a))))));
    case "erfinv":
      return to(a, mul(g, mul(Math.sqrt(Math.PI) / 2, exp(square(y)))));
    case "asin":
      return to(a, div(g, sqrt(sub(1, square(a)))));
    case "atan":
      return to(a, div(g, add(1, square(a))));
    case "add":
      to(a, g);
      return to(b, g);
    case "sub":
      to(a, g);
      return to(b, neg(g));
    case "mul":
      to(a, mul(g, b));
      return to(b, mul(g, a));
    case "div":
      to(a, div(g, b));
      return to(b, neg(div(mul(g, y), b)));
    case "max":
      // Beside NaN both sides get the whole gradient, as in torch.
      to(a, select(lt(a, b), 0, select(eq(a, b), mul(g, 0.5), g)));
      return to(b, select(lt(b, a), 0, select(eq(a, b), mul(g, 0.5), g)));
    case "min":
      to(a, select(lt(b, a), 0, select(eq(a, b), mul(g, 0.5), g)));
      return to(b, select(lt(a, b), 0, select(eq(a, b), mul(g, 0.5), g)));
    case "pow":
      return propagatePow(y, a, b, g, to);
    case "atan2": {
      const squares = add(square(a), square(b));
      // The origin has no direction to change: torch gives 0 there.
      const slope = select(eq(squares, 0), 0, div(g, squares));
      to(a, mul(slope, b));
      return to(b, neg(mul(slope, a)));
    }
    case "fma":
      to(a, mul(g, b));
      to(b, mul(g, a));
      return to(c, g);
    // Steps, whole numbers, bits and leaves: nothing flows further.
    case "floor":
    case "ceil":
    case "trunc":
    case "rint":
    case "rem":
    case "not":
    case "and":
    case "or":
    case "xor":
    case "shl":
    case "shr":
    case "lt":
    case "le":
    case "eq":
    case "cast":
    case "bitcast":
    case "isnan":
    case "philox":
    // Choosing is done by the conditions of adjoints.
    case "select":
    case "input":
    case "acc":
    case "scalar":
    case "const":
      return;
    default:
      return y.op satisfies never;
  }
}

function propagatePow(y: Expr, base: Expr, exponent: Expr, g: Expr, to: Contribute): void {
  if (exponent.op === "const") {
    if (exponent.value !== 0) to(base, mul(g, mul(exponent, powConstant(base, exponent.value - 1))));
    return;
  }
  const slope = mul(exponent, pow(base, sub(exponent, 1)));
  to(base, select(eq(exponent, 0), 0, mul(g, slope)));
  const flat = and(eq(base, 0), le(0, exponent));
  to(exponent, select(flat, 0, mul(g, mul(y, log(base)))));
}

/** A power with a known exponent: by products and roots where that is exact. */
export function powConstant(x: Expr, exponent: number): Expr {
  if (exponent === 0) return constant(1);
  if (exponent === 1) return x;
  if (exponent === 0.5) return sqrt(x);
  if (exponent === -1) return div(1, x);
  if (Number.isInteger(exponent) && Math.abs(exponent) <= 16) {
    let result: Expr | undefined;
    let factor = x;
    for (let n = Math.abs(exponent); n > 0; n = Math.floor(n / 2)) {
      if (n % 2 === 1) result = result === undefined ? factor : mul(result, factor);
      if (n > 1) factor = square(factor);
    }
    return exponent < 0 ? div(1, result!) : result!;
  }
  return pow(x, exponent);
}
