/**
 * The same work in Fulgur and in its peers, in one run; each group prints ratios to Fulgur.
 *
 * Run with `deno bench -A bench/peers/`. FULGUR_BLAS=off measures WebAssembly alone.
 * Each step ends with its loss on the host, each product with an idle device.
 */
import { fulgur } from "./fulgur.ts";
import { jax } from "./jax.ts";
import type { Peer } from "./net.ts";
import { tfjs } from "./tfjs.ts";

/** V8 optimises WebAssembly in the background: every piece of work runs this often before it is timed. */
const WARM_UP = 20;
/** Pause before the first measurement. */
const SETTLE_MS = 3000;

async function compare(group: string, peers: readonly Peer[], sizes: readonly number[]): Promise<void> {
  for (const [i, peer] of peers.entries()) {
    for (let k = 0; k < WARM_UP; k++) await peer.denseStep();
    Deno.bench({
      name: `${peer.name}: SimpleDenseNet step, batch 64`,
      group: `${group} step`,
      baseline: i === 0,
      fn: peer.denseStep,
    });
  }
  for (const size of sizes) {
    for (const [i, peer] of peers.entries()) {
      const work = peer.matmul(size);
      for (let k = 0; k < 3; k++) await work();
      Deno.bench({
        name: `${peer.name}: matmul ${size} (${(2 * size ** 3 / 1e9).toFixed(2)} GFLOP)`,
        group: `${group} matmul ${size}`,
        baseline: i === 0,
        fn: work,
      });
    }
  }
}

await compare("cpu", [
  await fulgur("cpu", true),
  await fulgur("cpu"),
  await tfjs("wasm"),
  await jax("wasm"),
], [256, 512, 1024, 2048]);

if (await navigator.gpu?.requestAdapter() != null) {
  await compare("webgpu", [
    await fulgur("gpu", true),
    await fulgur("gpu"),
    await tfjs("webgpu"),
    await jax("webgpu"),
  ], [256, 512, 1024]);
} else {
  console.log("webgpu: no adapter here, not measured");
}

// V8 goes on compiling the peers' modules on other threads for a while, which would slow down whatever comes first.
await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
