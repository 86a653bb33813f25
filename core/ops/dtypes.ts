import { DTypeError } from "../errors.ts";
import { type DType, isFloat } from "../runtime/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Dtypes that an op takes: floats, all but bool, all but floats, or every one. */
export type DTypeClass = "float" | "number" | "whole" | "any";

/** How to mend an operand outside a class. */
const FIX: Readonly<Record<DTypeClass, string>> = {
  float: 'it takes floats: cast with x.to("f32"), or add transforms.ToTensor for images',
  number: 'it takes numbers: cast with x.to("i32")',
  whole: 'it takes whole numbers and bool: cast with x.to("i32")',
  any: "",
};

/** Whether a dtype belongs to a class. */
export function isOf(dtype: DType, accepts: DTypeClass): boolean {
  switch (accepts) {
    case "any":
      return true;
    case "float":
      return isFloat(dtype);
    case "number":
      return dtype !== "bool";
    case "whole":
      return !isFloat(dtype);
  }
}

/** The refusal of operands by their dtypes. */
export function refusal(name: string, dtypes: readonly string[], accepts: DTypeClass): DTypeError {
  return new DTypeError(`${name} of ${listed(dtypes)}`, { where: name, fix: FIX[accepts] });
}

function listed(dtypes: readonly string[]): string {
  return dtypes.length === 1
    ? `dtype ${dtypes[0]}`
    : `dtypes ${dtypes.slice(0, -1).join(", ")} and ${dtypes.at(-1)}`;
}

/**
 * Checks one operand.
 *
 * @throws {DTypeError} naming the op and the dtype.
 */
export function requireDType(name: string, x: Tensor, accepts: DTypeClass): void {
  if (!isOf(x.dtype, accepts)) throw refusal(name, [x.dtype], accepts);
}

/**
 * Checks operands that are multiplied with each other: floats, all of one dtype, as torch asks for.
 *
 * @throws {DTypeError} naming the op and both dtypes.
 */
export function requireOneFloat(name: string, ...operands: readonly Tensor[]): void {
  const first = operands[0]!.dtype;
  if (isFloat(first) && operands.every((x) => x.dtype === first)) return;
  const dtypes = operands.map((x) => x.dtype);
  if (!dtypes.every(isFloat)) throw refusal(name, dtypes, "float");
  throw new DTypeError(`${name} of ${listed(dtypes)}`, {
    where: name,
    fix: `give all of them one dtype: cast with x.to("${first}")`,
  });
}
