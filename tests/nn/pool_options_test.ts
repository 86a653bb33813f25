import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { nn, type Tensor, tensor, variable } from "../../mod.ts";
import { eachDevice } from "../support/tensors.ts";

type Pair = readonly [number, number];

interface Case {
  readonly size: Pair;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | null;
}

/** How many windows one axis has, as torch's documentation and its `pooling_output_shape` say. */
function outputs(n: number, k: number, s: number, p: number, ceil: boolean): number {
  const count = (ceil ? Math.ceil : Math.floor)((n + 2 * p - k) / s) + 1;
  return ceil && (count - 1) * s >= n + p ? count - 1 : count;
}

/** What each window sees of one image, from torch's definition, element by element. */
function* windowsOf({ size: [H, W], kernel: [kh, kw], stride: [sh, sw], padding: [ph, pw], ceilMode }: Case) {
  for (let i = 0; i < outputs(H, kh, sh, ph, ceilMode); i++) {
    for (let j = 0; j < outputs(W, kw, sw, pw, ceilMode); j++) {
      const [top, left] = [i * sh - ph, j * sw - pw];
      // Windows end at the border's end; what ceiling mode adds beyond it is not there.
      const [bottom, right] = [Math.min(top + kh, H + ph), Math.min(left + kw, W + pw)];
      const inside: number[] = [];
      for (let y = Math.max(0, top); y < Math.min(H, bottom); y++) {
        for (let x = Math.max(0, left); x < Math.min(W, right); x++) inside.push(y * W + x);
      }
      yield { inside, whole: (bottom - top) * (right - left) };
    }
  }
}

function cases(): Case[] {
  const found: Case[] = [];
  for (
    const [size, kernel, stride, padding] of [
      [[7, 6], [3, 2], [2, 2], [1, 1]],
      [[5, 8], [3, 3], [2, 3], [0, 1]],
      [[6, 6], [2, 2], [2, 2], [0, 0]],
      [[4, 5], [2, 3], [3, 2], [1, 1]],
      [[3, 3], [2, 2], [2, 2], [1, 1]],
    ] as [Pair, Pair, Pair, Pair][]
  ) {
    for (const ceilMode of [false, true]) {
      for (const countIncludePad of [false, true]) {
        for (const divisorOverride of [null, 3]) {
          found.push({ size, kernel, stride, padding, ceilMode, countIncludePad, divisorOverride });
        }
      }
    }
  }
  return found;
}

function image({ size: [h, w] }: Case): { values: number[]; x: Tensor } {
  const values = Array.from({ length: h * w }, (_, i) => ((i * 37) % 19) - 9 + i / 64);
  return { values, x: variable(values, { shape: [1, 1, h, w], requiresGrad: true }) };
}

function close(actual: ArrayLike<number>, expected: readonly number[], label: string): void {
  strictEqual(actual.length, expected.length, label);
  for (const [i, wanted] of expected.entries()) {
    ok(Math.abs(actual[i]! - wanted) < 1e-5, `${label} [${i}]: ${actual[i]} instead of ${wanted}`);
  }
}

eachDevice("AvgPool2d equals torch's definition in every mode, forward and backward", async () => {
  for (const given of cases()) {
    const { kernel: kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = given;
    const { values, x } = image(given);
    const y = new nn.AvgPool2d({ kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride })
      .forward(x);
    const slopes = new Array<number>(values.length).fill(0);
    const means: number[] = [];
    for (const { inside, whole } of windowsOf(given)) {
      const divisor = divisorOverride ?? (countIncludePad ? whole : inside.length);
      means.push(inside.reduce((sum, at) => sum + values[at]!, 0) / divisor);
      for (const at of inside) slopes[at]! += means.length / divisor;
    }
    const label = JSON.stringify(given);
    close(await y.data(), means, label);
    y.mul(tensor(means.map((_, i) => i + 1), { shape: y.shape })).sum().backward();
    close(await x.grad!.data(), slopes, `gradient ${label}`);
  }
});

eachDevice("MaxPool2d equals torch's definition in ceiling mode, forward and backward", async () => {
  for (const given of cases().filter((one) => one.countIncludePad && one.divisorOverride === null)) {
    const { kernel: kernelSize, stride, padding, ceilMode } = given;
    const { values, x } = image(given);
    const y = new nn.MaxPool2d({ kernelSize, stride, padding, ceilMode }).forward(x);
    const slopes = new Array<number>(values.length).fill(0);
    const tops: number[] = [];
    for (const { inside } of windowsOf(given)) {
      const best = inside.reduce((top, at) => values[at]! > values[top]! ? at : top, inside[0]!);
      tops.push(values[best]!);
      slopes[best]! += tops.length;
    }
    const label = JSON.stringify(given);
    close(await y.data(), tops, label);
    y.mul(tensor(tops.map((_, i) => i + 1), { shape: y.shape })).sum().backward();
    close(await x.grad!.data(), slopes, `gradient ${label}`);
  }
});

Deno.test("pools refuse what they cannot do, and a divisor of 0", () => {
  throws(() => new nn.MaxPool2d({ kernelSize: 2, dilation: 2 } as never), /does not support dilation = 2/);
  throws(() => new nn.MaxPool2d({ kernelSize: 2, return_indices: true } as never), /leave it at false/);
  throws(() => new nn.AvgPool2d({ kernelSize: 2, divisorOverride: 0 }), /cannot use divisor_override = 0/);
});

eachDevice("Embedding starts its padding row as zeros and gives it no gradient", async () => {
  const layer = new nn.Embedding({ numEmbeddings: 3, embeddingDim: 2, paddingIdx: -1 });
  strictEqual(layer.paddingIdx, 2);
  deepStrictEqual([...await layer.weight.data()].slice(4), [0, 0]);
  const rows = layer.forward(tensor([2, 0, 2, 1, 1], { dtype: "i32" }));
  rows.sum().backward();
  deepStrictEqual([...await layer.weight.grad!.data()], [1, 1, 2, 2, 0, 0]);
  throws(
    () => new nn.Embedding({ numEmbeddings: 3, embeddingDim: 2, paddingIdx: 3 }),
    /padding_idx = 3 with 3 rows/,
  );
});
