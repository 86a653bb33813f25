import assert from "node:assert/strict";
import { hasAdapter } from "../../core/runtime/webgpu/adapter.ts";
import { type DType, init, type Tensor, tensor } from "../../core/tensor/mod.ts";

/** A tensor as the golden scripts write it: values in row-major order, infinities and NaN as words. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly dtype?: string;
  readonly values: readonly (number | string)[];
}

const HAS_ADAPTER: boolean = await hasAdapter();

/** Registers a test per device; where there is no adapter the second is reported as ignored, and its name says why. */
export function eachDevice(name: string, fn: (accelerator: "cpu" | "gpu") => Promise<void> | void): void {
  for (const accelerator of ["cpu", "gpu"] as const) {
    const ignore = accelerator === "gpu" && !HAS_ADAPTER;
    Deno.test({
      name: `${name} [${accelerator}]${ignore ? " (ignored: no WebGPU adapter)" : ""}`,
      ignore,
      // Devices are shared by the tests of a process: their workers and pending maps outlive each test.
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        await init({ accelerator });
        await fn(accelerator);
      },
    });
  }
}

/** Values with infinities and NaN as numbers. */
export function numbers(values: readonly (number | string)[]): number[] {
  return values.map((v) => v === "inf" ? Infinity : v === "-inf" ? -Infinity : v === "nan" ? NaN : Number(v));
}

/** A golden tensor as one of ours; whole numbers become i32. */
export function fromGolden(golden: GoldenTensor): Tensor {
  const dtype: DType = golden.dtype === undefined || golden.dtype.startsWith("float") ? "f32" : "i32";
  const values = numbers(golden.values);
  const host = dtype === "f32" ? Float32Array.from(values) : Int32Array.from(values);
  return tensor(host, { shape: golden.shape, dtype });
}

/** How far single-precision results of the same formula may be apart: a few roundings of sums of a few terms. */
export const F32_TOLERANCE = { relative: 2e-5, absolute: 2e-6 } as const;

/** Compares values; NaN equals NaN, infinities are exact. */
export function assertCloseValues(
  actual: ArrayLike<number>,
  expected: readonly number[],
  label: string,
  tolerance: { readonly relative: number; readonly absolute: number } = F32_TOLERANCE,
): void {
  assert.equal(actual.length, expected.length, `${label}: number of values`);
  for (const [i, wanted] of expected.entries()) {
    const value = actual[i]!;
    if (Object.is(value, wanted) || value === wanted) continue;
    const limit = tolerance.absolute + tolerance.relative * Math.abs(wanted);
    assert.ok(Math.abs(value - wanted) <= limit, `${label}[${i}]: ${value} instead of ${wanted}`);
  }
}

/** Compares a tensor's shape and values with a golden one. */
export async function assertGolden(
  actual: Tensor,
  golden: GoldenTensor,
  label: string,
  tolerance: { readonly relative: number; readonly absolute: number } = F32_TOLERANCE,
): Promise<void> {
  assert.deepEqual([...actual.shape], [...golden.shape], `${label}: shape`);
  assertCloseValues(await actual.data(), numbers(golden.values), label, tolerance);
}
