/**
 * Loaded before documentation tests: an example whose assertion does not hold fails, where `console.assert` alone
 * would only print a line.
 *
 * @module
 */
import { AssertionError } from "node:assert";

console.assert = (holds?: boolean, ...text: unknown[]): void => {
  if (holds) return;
  throw new AssertionError({
    message: ["An example's assertion does not hold", ...text.map(String)].join(": "),
    stackStartFn: console.assert,
  });
};
