import { ValueError } from "../errors.ts";
import { cat } from "../ops/mod.ts";
import type { Tensor } from "../tensor/mod.ts";

/** The largest f32: anything beyond it, and NaN, fails the comparison. */
const LARGEST = 3.4028234663852886e38;

/** A value of the step, and how to name it. */
interface Witness {
  readonly said: string;
  /** `[1]`: 1 where every element is finite, else 0. */
  readonly finite: Tensor;
}

/** Watches one backward pass; see {@linkcode watchGradients}. */
export interface GradientWatch {
  /**
   * Call after `backward()`, inside the scope of the step; the promise waits for the device.
   *
   * @throws {ValueError} naming the op that made the first NaN or infinity, where the loss or a gradient has one.
   */
  check(where: string): Promise<void>;
}

/**
 * Remembers every value behind a loss, and every gradient of the backward pass that follows.
 *
 * For debugging: each value gets a kernel of its own, and each step waits for the device.
 */
export function watchGradients(loss: Tensor): GradientWatch {
  const forward = history(loss).flatMap(({ value, said }) => witness(value, said));
  const backward: Witness[] = [];
  for (const { value } of history(loss)) {
    const { gradFn } = value;
    if (gradFn === null) continue;
    value.gradFn = {
      ...gradFn,
      backward: (grad) => {
        const grads = gradFn.backward(grad);
        for (const part of grads) {
          if (part !== null) backward.push(...witness(part, `the gradient of ${gradFn.name}`));
        }
        return grads;
      },
    };
  }
  const lossIsFinite = witness(loss, "the loss");
  return {
    async check(where) {
      const all = [...lossIsFinite, ...backward, ...forward];
      const flags = cat(all.map((one) => one.finite), { dim: 0 }).keep();
      // Waits for the device: anomaly detection looks at every step before the next one runs.
      const finite = Array.from(await flags.data(), (flag) => flag === 1);
      flags.dispose();
      const healthy = finite.slice(0, lossIsFinite.length + backward.length).every(Boolean);
      if (healthy) return;
      const ordered = [...forward, ...lossIsFinite, ...backward];
      const culprit = ordered.find((one) => !finite[all.indexOf(one)])!;
      throw new ValueError(`NaN or infinity: ${culprit.said} is not finite`, {
        where,
        fix:
          "look at what goes into it: a logarithm or root of 0, a division by 0, a learning rate that is too high",
      });
    },
  };
}

/** Every value behind the loss in the order in which they were computed, inputs first. */
function history(loss: Tensor): { readonly value: Tensor; readonly said: string }[] {
  const found = new Map<Tensor, string>();
  const stack = [loss];
  while (stack.length > 0) {
    const value = stack.pop()!;
    const { gradFn } = value;
    if (found.has(value) && gradFn !== null) continue;
    if (gradFn !== null) found.set(value, `the result of ${gradFn.name}`);
    for (const input of gradFn?.inputs ?? []) {
      if (input.gradFn !== null) stack.push(input);
      else if (!found.has(input)) {
        found.set(input, `${input.isVariable ? "a parameter" : "an input"} of ${gradFn!.name}`);
      }
    }
  }
  return [...found].map(([value, said]) => ({ value, said })).sort((a, b) => a.value.id - b.value.id);
}

function witness(value: Tensor, said: string): Witness[] {
  if (value.dtype !== "f32" && value.dtype !== "f16") return [];
  return [{ said, finite: value.detach().abs().le(LARGEST).to("f32").min().reshape([1]) }];
}
