/** The network that every library trains in these benches: the layer sizes of SimpleDenseNet in the MNIST example. */
export const SIZES = [784, 128, 256, 64, 10] as const;
export const BATCH = 64;
export const LEARNING_RATE = 0.001;

/** Something that can be timed; resolves when the device has finished. */
export type Work = () => Promise<void>;

/** One library on one of its backends. */
export interface Peer {
  readonly name: string;
  /** One training step of the dense net: forward, cross-entropy, backward, Adam. */
  readonly denseStep: Work;
  /** A square f32 product. */
  matmul(size: number): Work;
}

/** Numbers in [-0.5, 0.5), the same at every run. */
export function noise(count: number, seed = 1): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (state * 48271) % 2147483647;
    values[i] = state / 2147483647 - 0.5;
  }
  return values;
}

/** Labels 0 … 9 in turn. */
export function labels(): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: BATCH }, (_, i) => i % 10);
}
