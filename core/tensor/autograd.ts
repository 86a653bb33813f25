import { FulgurError } from "../errors.ts";
import { sameShape, showShape } from "../runtime/layout.ts";
import type { Tensor } from "./tensor.ts";

/** Gives the gradient of each input from the gradient of the result; `null` where there is none. */
export type Backward = (grad: Tensor) => readonly (Tensor | null)[];

/** How a tensor came about, as far as gradients need it. */
export interface GradFn {
  /** The op, for messages: `matmul`. */
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly backward: Backward;
}

let enabled = true;

/** Whether new results remember how they came about. */
export function isGradEnabled(): boolean {
  return enabled;
}

/**
 * Runs `fn` without recording for gradients; torch's `no_grad`.
 *
 * @example
 * ```ts
 * import { noGrad } from "./autograd.ts";
 * console.assert(noGrad(() => 3) === 3);
 * ```
 */
export function noGrad<T>(fn: () => T): T {
  const outer = enabled;
  enabled = false;
  try {
    return fn();
  } finally {
    enabled = outer;
  }
}

/** Adds up contributions; ops come in from above, so that this file stays below them. */
export type Accumulate = (contributions: readonly Tensor[]) => Tensor;

/**
 * Walks from a result back to the leaves and adds up their gradients.
 *
 * @param root What is differentiated.
 * @param gradient Gradient of the root; ones where it is a single number and none is given.
 * @throws {FulgurError} where the root does not depend on anything that requires a gradient.
 */
export function backpropagate(root: Tensor, gradient: Tensor, accumulate: Accumulate): void {
  if (!root.requiresGrad) {
    throw new FulgurError("backward() of a value that does not depend on anything that requires a gradient", {
      where: "Tensor.backward",
      fix: "call requiresGrad_() on a leaf first, and record outside noGrad()",
    });
  }
  if (!sameShape(root.shape, gradient.shape)) {
    throw new FulgurError(
      `The gradient has shape ${showShape(gradient.shape)}, the value ${showShape(root.shape)}`,
      { where: "Tensor.backward", fix: "give backward() a gradient of the value's shape" },
    );
  }
  noGrad(() => {
    const pending = new Map<Tensor, Tensor[]>([[root, [gradient]]]);
    for (const tensor of newestFirst(root)) {
      const contributions = pending.get(tensor);
      if (contributions === undefined) continue;
      pending.delete(tensor);
      const grad = accumulate(contributions);
      const { gradFn } = tensor;
      if (gradFn === null) {
        tensor.receiveGrad(grad);
        continue;
      }
      const grads = gradFn.backward(grad);
      for (const [i, input] of gradFn.inputs.entries()) {
        const part = grads[i];
        if (part === undefined || part === null || !input.requiresGrad) continue;
        const known = pending.get(input);
        if (known === undefined) pending.set(input, [part]);
        else known.push(part);
      }
    }
  });
}

/** Everything that a result depends on, later recordings before earlier ones. */
function newestFirst(root: Tensor): Tensor[] {
  const seen = new Set<Tensor>([root]);
  const stack = [root];
  while (stack.length > 0) {
    const tensor = stack.pop()!;
    for (const input of tensor.gradFn?.inputs ?? []) {
      if (!input.requiresGrad || seen.has(input)) continue;
      seen.add(input);
      stack.push(input);
    }
  }
  return [...seen].sort((a, b) => b.id - a.id);
}
