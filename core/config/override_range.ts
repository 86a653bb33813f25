import { type Float, float, isFloat } from "./scalar.ts";
import type { RangeSweep } from "./override_value.ts";
import { OverrideFunctionError } from "./override_call.ts";

/** `coefficient · 10^exponent`, exactly. */
interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

// Python's default decimal context, in which Hydra sums.
const DIGITS = 28;

/**
 * Values of a range in order: ints exactly, floats as sums of 28-digit decimals, which is how Hydra counts and rounds
 * differently from adding doubles.
 *
 * @throws {OverrideFunctionError} when the step is zero.
 *
 * @example
 * ```ts
 * import { rangeValues } from "./override_range.ts";
 * const range = { sweep: "range", start: 0, stop: 1, step: 0.3, shuffle: false, tags: [] } as const;
 * console.assert([...rangeValues(range)].map(Number).join() === "0,0.3,0.6,0.8999999999999999");
 * ```
 */
export function* rangeValues(range: RangeSweep): Generator<number | bigint | Float> {
  const { start, stop, step } = range;
  if (Number(step) === 0) throw new OverrideFunctionError("ValueError", "range() arg 3 must not be zero");
  if (isFloat(start) || isFloat(stop) || isFloat(step)) {
    yield* floatRange(Number(start), Number(stop), Number(step));
    return;
  }
  const end = BigInt(stop as number | bigint);
  const by = BigInt(step as number | bigint);
  for (let at = BigInt(start as number | bigint); by > 0n ? at < end : at > end; at += by) {
    yield Number.isSafeInteger(Number(at)) ? Number(at) : at;
  }
}

function* floatRange(start: number, stop: number, step: number): Generator<number | Float> {
  if (![start, stop, step].every(Number.isFinite)) {
    throw new OverrideFunctionError(
      "ValueError",
      `a range needs finite numbers, got ${start}, ${stop}, ${step}`,
    );
  }
  const by = decimal(step);
  const end = decimal(stop);
  for (let at = decimal(start); step > 0 ? less(at, end) : less(end, at); at = add(at, by)) {
    yield float(Number(`${at.coefficient}e${at.exponent}`));
  }
}

/** The exact decimal value of a double: halving is multiplying by five and moving the point. */
function decimal(value: number): Decimal {
  let exponent = 0;
  while (!Number.isInteger(value)) [value, exponent] = [value * 2, exponent - 1];
  return { coefficient: BigInt(value) * 5n ** BigInt(-exponent), exponent };
}

function align(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent);
  const scaled = (x: Decimal) => x.coefficient * 10n ** BigInt(x.exponent - exponent);
  return [scaled(a), scaled(b), exponent];
}

function less(a: Decimal, b: Decimal): boolean {
  const [x, y] = align(a, b);
  return x < y;
}

function add(a: Decimal, b: Decimal): Decimal {
  const [x, y, exponent] = align(a, b);
  const sum = x + y;
  const digits = (sum < 0n ? -sum : sum).toString().length;
  if (digits <= DIGITS) return { coefficient: sum, exponent };
  const cut = 10n ** BigInt(digits - DIGITS);
  const negative = sum < 0n;
  const size = negative ? -sum : sum;
  let quotient = size / cut;
  const rest = (size % cut) * 2n;
  if (rest > cut || (rest === cut && quotient % 2n === 1n)) quotient++;
  return { coefficient: negative ? -quotient : quotient, exponent: exponent + digits - DIGITS };
}
