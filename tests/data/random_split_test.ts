import { deepStrictEqual, throws } from "node:assert/strict";
import { Dataset } from "../../core/data/dataset.ts";
import { randomSplit } from "../../core/data/random_split.ts";
import { Generator } from "../../core/tensor/rng.ts";

const dataset = Dataset.fromColumns({ x: Array.from({ length: 10 }, (_, i) => i) });

// torch.utils.data.random_split(range(10), lengths, generator=torch.Generator().manual_seed(1))
for (
  const [lengths, parts] of [
    [[0.5, 0.3, 0.2], [[5, 6, 1, 2, 0], [8, 9, 3], [7, 4]]],
    [[0.33, 0.33, 0.34], [[5, 6, 1, 2], [0, 8, 9], [3, 7, 4]]],
    [[3, 4, 3], [[5, 6, 1], [2, 0, 8, 9], [3, 7, 4]]],
  ] as const
) {
  Deno.test(`randomSplit() into [${lengths.join(", ")}] gives torch's rows`, () => {
    const found = randomSplit(dataset, lengths, { generator: new Generator(1n) });
    deepStrictEqual(found.map((part) => part.column("x")), parts.map((part) => [...part]));
  });
}

Deno.test("randomSplit() refuses lengths that do not add up to the rows", () => {
  for (const lengths of [[1, 2], [0.5, 0.7], [0.5, 0.3], [-1, 11], [4.5, 5.5]]) {
    throws(
      () => randomSplit(dataset, lengths),
      /Sum of input lengths does not equal the length of the input dataset!/,
    );
  }
});
