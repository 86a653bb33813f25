import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { Pcg64 } from "../../core/data/pcg64.ts";
import { ValueError } from "../../core/errors.ts";
import { golden, orderDigest } from "./golden.ts";

for (const { seed, n, head, sha256 } of golden.permutations) {
  Deno.test(`Pcg64 permutes ${n} rows as numpy does for seed ${seed}`, () => {
    const order = new Pcg64(BigInt(seed)).permutation(n);
    deepStrictEqual([...order.subarray(0, 10)], head);
    strictEqual(orderDigest(order), sha256);
  });
}

Deno.test("Pcg64 refuses a seed below zero", () => {
  throws(() => new Pcg64(-1), {
    name: "ValueError",
    message: [
      "A shuffling seed must be a non-negative integer, not -1",
      "  where: data.Pcg64",
      "  fix: give an integer of 0 or more",
    ].join("\n"),
  });
  throws(() => new Pcg64(0.5), ValueError);
});
