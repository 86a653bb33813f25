import { acc } from "../../core/compiler/expr.ts";
import { benchThroughput, f32, type Throughput } from "./throughput.ts";

/** A product; N operands lie as they are read, T ones transposed. */
function product(m: number, n: number, k: number, form: "NN" | "NT" | "TN", batch = 1): Throughput {
  const a = form === "TN" ? [m * k, 1, m] : [m * k, k, 1];
  const b = form === "NT" ? [k * n, 1, k] : [k * n, n, 1];
  return {
    name: `${batch > 1 ? `${batch} × ` : ""}${m}×${k}×${n} ${form}`,
    kernel: {
      kind: "matmul",
      label: "bench",
      batch: [batch],
      m,
      n,
      k,
      a: f32(0, a),
      b: f32(1, b),
      loads: [],
      stores: [{ ...f32(2, [m * n, n, 1]), value: acc(0) }],
    },
    elements: [batch * m * k, batch * k * n, batch * m * n],
    work: 2 * batch * m * n * k,
    unit: "GFLOP/s",
  };
}

await benchThroughput("matmul", [
  product(256, 256, 256, "NN"),
  product(512, 512, 512, "NN"),
  product(1024, 1024, 1024, "NN"),
  product(1024, 1024, 1024, "NT"),
  product(2048, 2048, 2048, "NN"),
  // The products of SimpleDenseNet: forward, input gradient, weight gradient.
  product(64, 128, 784, "NT"),
  product(64, 256, 128, "NT"),
  product(64, 128, 256, "NN"),
  product(128, 784, 64, "TN"),
  product(1, 1024, 1024, "NT"),
  product(256, 256, 64, "NN", 24),
  product(65, 65, 64, "NT", 96),
]);
