import { type Block, type Column, isBlock } from "./column.ts";

/** A column of one dataset that is joined to others: its storage, and which of its rows are there. */
export interface JoinedPart {
  readonly column: Column;
  readonly rows: Int32Array | null;
  readonly length: number;
}

/** Columns of several datasets, one after the other, without a copy. */
export class JoinedColumn implements Column {
  readonly length: number;
  readonly #parts: readonly JoinedPart[];
  readonly #starts: readonly number[];

  constructor(parts: readonly JoinedPart[]) {
    const starts: number[] = [];
    let length = 0;
    for (const part of parts) {
      starts.push(length);
      length += part.length;
    }
    this.length = length;
    this.#parts = parts;
    this.#starts = starts;
  }

  cell(row: number): unknown {
    const part = this.#partOf(row);
    return this.#parts[part]!.column.cell(this.#stored(part, row));
  }

  gather(rows: ArrayLike<number>): Block | unknown[] {
    const places: number[][] = this.#parts.map(() => []);
    for (let i = 0; i < rows.length; i++) places[this.#partOf(rows[i]!)]!.push(i);
    const gathered = places.flatMap((at, part) =>
      at.length === 0 ? [] : [{
        at,
        values: this.#parts[part]!.column.gather(at.map((i) => this.#stored(part, rows[i]!))),
      }]
    );
    if (gathered.length === 1) return gathered[0]!.values;
    const blocks = gathered.map(({ values }) => values).filter((values) => isBlock(values));
    const kinds = new Set(blocks.map(({ dtype, shape }) => `${dtype} ${shape.slice(1).join()}`));
    if (blocks.length < gathered.length || kinds.size !== 1) {
      return Array.from(rows, (row) => this.cell(row));
    }
    const [first] = blocks;
    const size = first!.data.length / first!.shape[0]!;
    const data = first!.data.slice(0, 0);
    const out = new (data.constructor as new (length: number) => typeof data)(rows.length * size);
    for (const { at, values } of gathered) {
      const block = values as Block;
      at.forEach((i, k) => out.set(block.data.subarray(k * size, (k + 1) * size), i * size));
    }
    return { dtype: first!.dtype, shape: [rows.length, ...first!.shape.slice(1)], data: out };
  }

  #partOf(row: number): number {
    let part = this.#starts.length - 1;
    while (part > 0 && this.#starts[part]! > row) part--;
    return part;
  }

  #stored(part: number, row: number): number {
    const local = row - this.#starts[part]!;
    return this.#parts[part]!.rows?.[local] ?? local;
  }
}
