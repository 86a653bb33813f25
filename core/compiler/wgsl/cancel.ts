import type { Expr } from "../expr.ts";

/**
 * Shader compilers may treat floats as reals: `x − x` and `0 · x` become 0, NaN and infinity or not, `(x + y) − x`
 * becomes `y`, `x / 0` an infinity for 0 and NaN too, constants of nested sums are added up beforehand,
 * `(x − y) + 1` is computed as `x + (1 − y)` and `x · y + x · z` as `x · (y + z)`. Such an operation has to take one
 * operand in disguise.
 *
 * @returns Number of that operand, or -1 where nothing can be cancelled.
 */
export function disguised(e: Expr): number {
  if (e.args.length < 2 || e.args[1]!.type !== "f32") return -1;
  const [a, b, c] = e.args as [Expr, Expr, Expr];
  switch (e.op) {
    case "add":
      if (isZero(a) || isZero(b)) return isZero(a) ? 0 : 1;
      if (shareFactor(a, b)) return 1;
      return cancel(terms(a), terms(b)) ? constantOrSecond(a) : constantBeside(a, b, isSum);
    case "sub":
      if (isZero(a)) return 0;
      if (shareFactor(a, b)) return 1;
      return cancel(terms(a), swapped(terms(b))) ? constantOrSecond(a) : constantBeside(a, b, isSum);
    case "lt":
    case "le":
    case "eq":
      return cancel(terms(a), swapped(terms(b))) ? constantOrSecond(a) : constantBeside(a, b, isSum);
    case "mul":
      if (isMask(a) || isMask(b)) return maskOf(a, b);
      if (shareRoot(a, b) || cancel(factors(a), factors(b))) return constantOrSecond(a);
      return constantBeside(a, b, isProduct);
    case "div":
      if (isMask(a) || isZero(b)) return isMask(a) ? 0 : 1;
      return cancel(factors(a), swapped(factors(b))) ? constantOrSecond(a) : constantBeside(a, b, isProduct);
    case "fma":
      if (isMask(a) || isMask(b)) return maskOf(a, b);
      return cancel(terms(c), { plus: new Set([a, b]), minus: new Set([a, b]) }) ? 2 : -1;
    default:
      return -1;
  }
}

function isSum(e: Expr): boolean {
  return e.op === "add" || e.op === "sub" || (changesSign(e) && isSum(e.args[0]!));
}

function isProduct(e: Expr): boolean {
  return e.op === "mul" || e.op === "div" || (changesSign(e) && isProduct(e.args[0]!));
}

/** Whether only the sign may differ from the operand's: compilers know that of squares and roots. */
function changesSign({ op }: Expr): boolean {
  return op === "neg" || op === "abs";
}

/** Number of the operand that is a constant where the other one is an operation of the same kind, else -1. */
function constantBeside(a: Expr, b: Expr, sameKind: (e: Expr) => boolean): number {
  if (a.op === "const" && sameKind(b)) return 0;
  return b.op === "const" && sameKind(a) ? 1 : -1;
}

/** A constant costs nothing in disguise. */
function constantOrSecond(first: Expr): number {
  return first.op === "const" ? 0 : 1;
}

function isZero(e: Expr): boolean {
  return e.op === "const" && e.value === 0;
}

/** Whether the value is 0 or chosen between 0 and another constant: compilers choose 0 instead of multiplying by it. */
function isMask(e: Expr): boolean {
  if (e.op === "cast") return e.args[0]!.type === "bool";
  if (e.op !== "select") return isZero(e);
  const [, a, b] = e.args as [Expr, Expr, Expr];
  return a.op === "const" && b.op === "const" && (isZero(a) || isZero(b));
}

/** Number of the factor that is a mask; of two, one that is 0 as such. */
function maskOf(a: Expr, b: Expr): number {
  return isZero(a) || (isMask(a) && !isZero(b)) ? 0 : 1;
}

/** What is added and subtracted in a sum, or stands above and below a fraction line. Constants count as one part. */
interface Parts {
  readonly plus: ReadonlySet<Expr | "constant">;
  readonly minus: ReadonlySet<Expr | "constant">;
}

function swapped({ plus, minus }: Parts): Parts {
  return { plus: minus, minus: plus };
}

/** Whether a part of one cancels a part of the other, or constants of both can be joined. */
function cancel(a: Parts, b: Parts): boolean {
  const constant = ({ plus, minus }: Parts): boolean => plus.has("constant") || minus.has("constant");
  return (constant(a) && constant(b)) || !a.plus.isDisjointFrom(b.minus) || !a.minus.isDisjointFrom(b.plus);
}

function terms(e: Expr): Parts {
  return parts(e, "add", "sub");
}

function factors(e: Expr): Parts {
  return parts(e, "mul", "div");
}

function parts(e: Expr, joined: "add" | "mul", parted: "sub" | "div"): Parts {
  const plus = new Set<Expr | "constant">();
  const minus = new Set<Expr | "constant">();
  const walk = (part: Expr, to: typeof plus, other: typeof plus): void => {
    if (to.has(part)) return;
    to.add(part);
    const [a, b] = part.args as [Expr, Expr];
    if (part.op === "const") to.add("constant");
    else if (changesSign(part)) {
      if (joined === "mul" || part.op === "abs") walk(a, to, other);
      if (joined === "add") walk(a, other, to);
    } else if (part.op === joined || part.op === parted) {
      walk(a, to, other);
      part.op === joined ? walk(b, to, other) : walk(b, other, to);
    }
  };
  walk(e, plus, minus);
  return { plus, minus };
}

/** Whether two products can become one of a factor and a sum, which may overflow. */
function shareFactor(a: Expr, b: Expr): boolean {
  return isProduct(a) && isProduct(b) &&
    [...factors(a).plus].some((part) => part !== "constant" && factors(b).plus.has(part));
}

/** Whether the same root stands in both: its square may become the magnitude of what is under it. */
function shareRoot(a: Expr, b: Expr): boolean {
  return [...factors(a).plus].some((part) =>
    part !== "constant" && part.op === "sqrt" && factors(b).plus.has(part)
  );
}
