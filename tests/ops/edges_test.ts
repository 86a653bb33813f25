import golden from "../golden/edges.json" with { type: "json" };
import { assertEqualsTorch, type OpCase } from "../support/op_cases.ts";
import { eachDevice } from "../support/tensors.ts";

const CASES = golden as unknown as readonly OpCase[];

for (const [op, cases] of Map.groupBy(CASES, (c) => c.op)) {
  eachDevice(`${op}() at its edges equals torch, and so do its gradients`, async () => {
    await assertEqualsTorch(cases);
  });
}
