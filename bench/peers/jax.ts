import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "npm:@jax-js/jax@0.1.25";
import { BATCH, labels, LEARNING_RATE, noise, type Peer, SIZES } from "./net.ts";

type Params = np.Array[];

/** jax-js on its WebAssembly or WebGPU backend, with the whole step jitted. */
export async function jax(backend: "wasm" | "webgpu"): Promise<Peer> {
  await init(backend);
  defaultDevice(backend);

  const hidden = SIZES.length - 2;
  const params: Params = [];
  for (let i = 1; i < SIZES.length; i++) {
    const [fanIn, width] = [SIZES[i - 1]!, SIZES[i]!];
    params.push(np.array(noise(fanIn * width, i)).reshape([fanIn, width]).mul(2 / Math.sqrt(fanIn)));
    params.push(np.zeros([width]));
    if (i <= hidden) params.push(np.ones([width]), np.zeros([width]));
  }
  const lossOf = (p: Params, x: np.Array, y: np.Array): np.Array => {
    let h = x;
    let at = 0;
    for (let i = 1; i < SIZES.length; i++) {
      h = np.matmul(h, p[at++]!).add(p[at++]!);
      if (i > hidden) continue;
      const centred = h.ref.sub(np.mean(h, 0, { keepdims: true }));
      const variance = np.mean(np.square(centred.ref), 0, { keepdims: true });
      const scaled = centred.div(np.sqrt(variance.add(1e-5)));
      h = nn.relu(scaled.mul(p[at++]!).add(p[at++]!));
    }
    return np.sum(nn.logSoftmax(h).mul(y)).mul(-1 / BATCH);
  };
  const step = jit((p: Params, m: Params, v: Params, x: np.Array, y: np.Array) => {
    const [loss, grads] = valueAndGrad(lossOf)(tree.ref(p), x, y) as [np.Array, Params];
    const next = { p: [] as Params, m: [] as Params, v: [] as Params };
    for (let i = 0; i < p.length; i++) {
      const g = grads[i]!;
      const mean = m[i]!.mul(0.9).add(g.ref.mul(0.1));
      const square = v[i]!.mul(0.999).add(np.square(g).mul(0.001));
      next.p.push(p[i]!.sub(mean.ref.div(np.sqrt(square.ref).add(1e-8)).mul(LEARNING_RATE)));
      next.m.push(mean);
      next.v.push(square);
    }
    return [next.p, next.m, next.v, loss] as [Params, Params, Params, np.Array];
  });
  let state: [Params, Params, Params] = [
    params,
    params.map((p) => np.zeros(p.shape)),
    params.map((p) => np.zeros(p.shape)),
  ];
  const x = np.array(noise(BATCH * SIZES[0])).reshape([BATCH, SIZES[0]]);
  const y = np.array(
    Float32Array.from({ length: BATCH * 10 }, (_, i) => labels()[Math.floor(i / 10)] === i % 10 ? 1 : 0),
  )
    .reshape([BATCH, 10]);
  const denseStep = async (): Promise<void> => {
    const [p, m, v, loss] = step(...state, x.ref, y.ref);
    state = [p, m, v];
    await loss.data();
  };
  const matmul = (size: number) => {
    const a = np.array(noise(size * size)).reshape([size, size]);
    const b = np.array(noise(size * size, 2)).reshape([size, size]);
    return async (): Promise<void> => {
      const product = np.matmul(a.ref, b.ref);
      await product.blockUntilReady();
      product.dispose();
    };
  };
  return { name: `jax-js 0.1.25 ${backend}`, denseStep, matmul };
}
