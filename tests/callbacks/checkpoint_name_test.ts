import { strictEqual, throws } from "node:assert/strict";
import { formatCheckpointName } from "../../core/callbacks/checkpoint_name.ts";

/** Expected texts are what Python's format() gives for the same value and spec. */
const CASES: [template: string, value: number, text: string][] = [
  ["{x:03d}", 7, "007"],
  ["{x:.2f}", 0.125, "0.12"],
  ["{x:.2f}", 2, "2.00"],
  ["{x:.3e}", 0.000123456, "1.235e-04"],
  ["{x:g}", 1234567, "1.23457e+06"],
  ["{x:.3}", 0.00001, "1e-05"],
  ["{x}", 2, "2.0"],
  ["{x}", 0.5, "0.5"],
  ["{x:6.1f}", 2.25, "   2.2"],
  ["{x:06.1f}", -2.5, "-002.5"],
  ["{x:.1f}", NaN, "nan"],
];

for (const [template, value, text] of CASES) {
  Deno.test(`formatCheckpointName() writes ${value} in ${template} as Python does`, () => {
    strictEqual(formatCheckpointName(template, { x: value }, false), text);
  });
}

Deno.test("formatCheckpointName() refuses a format that it does not know", () => {
  throws(() => formatCheckpointName("{x:>5}", { x: 1 }, false), {
    message: [
      `The file name's "{x:>5}" has a format that is not known`,
      "  where: callbacks.ModelCheckpoint",
      "  fix: use one such as 03d, .2f, .3e or g",
    ].join("\n"),
  });
});
