/** What a step does on the host beside recording: counting its calls, for one. */
let recorder: (() => void)[] | null = null;

/**
 * Runs `effect` now, and again at each replay of a step that is being captured.
 *
 * @example
 * ```ts
 * import { hostEffect } from "./effects.ts";
 * let steps = 0;
 * hostEffect(() => steps++);
 * console.assert(steps === 1);
 * ```
 */
export function hostEffect(effect: () => void): void {
  effect();
  recorder?.push(effect);
}

/** Runs `fn` and collects the host effects that it has. */
export function collectEffects<T>(
  fn: () => T,
): { readonly result: T; readonly effects: readonly (() => void)[] } {
  const outer = recorder;
  const effects: (() => void)[] = [];
  recorder = effects;
  try {
    return { result: fn(), effects };
  } finally {
    recorder = outer;
  }
}
