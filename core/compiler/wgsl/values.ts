import type { Expr, ScalarType } from "../expr.ts";
import { visit } from "../expr.ts";
import { render } from "./render.ts";
import type { Words } from "./words.ts";

/** A function that computes several expressions for one point. */
export interface ValueFunction {
  /** Text of its declaration and of its result type; empty where every expression is a leaf or a constant. */
  readonly text: string;
  /** Statement that calls it for one point. */
  call(result: string, leaf: (leaf: Expr) => string): string;
  /** Text of expression `i` after a call. */
  value(result: string, i: number): string;
}

/** Makes a function of the `input` and `acc` leaves out of expressions. */
export function valueFunction(name: string, roots: readonly Expr[], words: Words): ValueFunction {
  const leaves: Expr[] = [];
  visit(roots, (e) => {
    if (e.op === "input" || e.op === "acc") leaves.push(e);
  });
  const leafName = (e: Expr): string => (e.op === "input" ? "x" : "a") + e.value;
  const { lines, values } = render(roots, leafName, words);
  const type = `${name}Result`;
  const fields = roots.map((root, i) => `v${i}: ${root.type}`);
  const single = roots.length === 1;
  const result = single ? roots[0]!.type : type;
  const returned = single ? values[0]! : `${type}(${values.join(", ")})`;
  const parameters = leaves.map((e) => `${leafName(e)}: ${e.type satisfies ScalarType}`);
  const text = (single ? "" : `struct ${type} { ${fields.join(", ")} }\n`) +
    `fn ${name}(${parameters.join(", ")}) -> ${result} {\n  ${
      [...lines, `return ${returned};`].join("\n  ")
    }\n}\n`;
  return {
    text,
    call: (result, leaf) => `let ${result} = ${name}(${leaves.map(leaf).join(", ")});`,
    value: (result, i) => single ? result : `${result}.v${i}`,
  };
}
