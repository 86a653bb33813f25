import type { Batch } from "../batch.ts";
import { DataError } from "../errors.ts";
import { stack } from "../ops/mod.ts";
import { Tensor, tensor } from "../tensor/mod.ts";
import { type Block, inferColumn, isBlock, stackImages } from "./column.ts";
import { isImageValue } from "./image.ts";

/** Gathered rows as a batch holds them: a tensor, or a list where rows differ; images as `u8 [C, H, W]` tensors. */
export function batchValue(rows: Block | unknown[]): Tensor | unknown[] {
  if (isBlock(rows)) return tensor(rows.data, { shape: rows.shape, dtype: rows.dtype });
  return rows.map((value) => {
    if (!isImageValue(value)) return value;
    return tensor(value.data, { shape: [value.channels, value.height, value.width], dtype: "u8" });
  });
}

/** One row of a batch's value: a tensor without the batch axis, or the list's element. */
export function unbatchValue(value: unknown, row = 0): unknown {
  if (value instanceof Tensor) {
    return value.slice({ dim: 0, start: row, stop: row + 1 }).reshape(value.shape.slice(1));
  }
  return Array.isArray(value) ? value[row] : value;
}

/** A batch as its samples. */
export function unbatchRows(batch: Batch, count: number): Record<string, unknown>[] {
  return Array.from(
    { length: count },
    (_, row) =>
      Object.fromEntries(Object.entries(batch).map(([key, value]) => [key, unbatchValue(value, row)])),
  );
}

/**
 * Lists of a batch as tensors, in the manner of torch's `default_collate`: tensors of one shape are stacked,
 * numbers become `i32` or `f32`, booleans `bool`, images `u8`; strings stay a list.
 *
 * @throws {DataError} where a list holds `null`, or tensors of several shapes.
 */
export function collateBatch(batch: Batch): Batch {
  const collated: Batch = {};
  for (const [name, value] of Object.entries(batch)) {
    collated[name] = Array.isArray(value) ? collateList(name, value) : value;
  }
  return collated;
}

/**
 * Samples as one batch: dictionaries per key, as torch's `default_collate`.
 *
 * @throws {DataError} where samples have different keys, or values that do not stack.
 */
export function collateSamples(samples: readonly Readonly<Record<string, unknown>>[]): Batch {
  const names = Object.keys(samples[0] ?? {});
  const batch: Batch = {};
  for (const name of names) {
    batch[name] = samples.map((sample) => {
      if (Object.hasOwn(sample, name)) return sample[name];
      throw new DataError(`A sample has no key "${name}", which the first sample of its batch has`, {
        where: "data.DataLoader",
        fix: `give every sample the keys ${names.join(", ")}`,
      });
    });
  }
  return collateBatch(batch);
}

function collateList(name: string, values: unknown[]): unknown {
  const first = values[0];
  if (first instanceof Tensor) return stackTensors(name, values as Tensor[]);
  const absent = values.findIndex((value) => value === null || value === undefined);
  if (absent >= 0) {
    throw new DataError(`Column "${name}" has no value in row ${absent} of a batch`, {
      where: "data.DataLoader",
      fix: "filter such rows out, or fill the column in with map()",
    });
  }
  if (isImageValue(first)) {
    const images = stackImages(values);
    return isBlock(images) ? batchValue(images) : stackTensors(name, batchValue(images) as Tensor[]);
  }
  if (typeof first !== "number" && typeof first !== "boolean" && !Array.isArray(first)) return values;
  const block = inferColumn(name, values).column.gather(Int32Array.from(values, (_, i) => i));
  return isBlock(block) ? batchValue(block) : values;
}

function stackTensors(name: string, values: Tensor[]): Tensor {
  const shapes = new Set(values.map((value) => `[${value.shape.join(", ")}]`));
  if (shapes.size === 1) return stack(values, { dim: 0 });
  throw new DataError(`Values of "${name}" differ in shape: ${[...shapes].slice(0, 4).join(", ")}`, {
    where: "data.DataLoader",
    fix: "bring them to one shape in the transform, such as transforms.Resize with a height and a width",
  });
}
