import { customInspect } from "../custom_inspect.ts";
import { maximum, minimum } from "../ops/mod.ts";
import { type Unsupported, unsupported } from "../options.ts";
import { type DType, full, hostEffect, noGrad, type Tensor, variable } from "../tensor/mod.ts";

/** Options that every metric of torchmetrics takes; here results are computed once, on one device. */
export const METRIC_KWARGS: Readonly<Record<string, Unsupported>> = {
  computeOnCpu: unsupported(false, true),
  distSyncOnStep: unsupported(false, true),
  processGroup: unsupported(null),
  distSyncFn: unsupported(null),
  distributedAvailableFn: unsupported(null),
  syncOnCompute: unsupported(true, false),
  computeWithCache: unsupported(true, false),
};

/** How two parts of a state become one: of two batches, or of two processes. */
export type StateReduce = "sum" | "max" | "min";

/** One value of a metric's state: what it starts from and how parts of it are joined. */
export interface StateSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly initial: number;
  readonly reduce: StateReduce;
}

/** A metric's state, or a batch's part of it, by name. */
export type MetricState = Readonly<Record<string, Tensor>>;

/**
 * The base of metrics: a state on the device, what a batch adds to it, and a value computed from it.
 *
 * Nothing here waits for the device: `update` and `forward` record, and the value is a tensor that is read when
 * somebody asks for it.
 *
 * @example
 * ```ts
 * import { init, tensor } from "../tensor/mod.ts";
 * import { MeanMetric } from "./mod.ts";
 * await init({ accelerator: "cpu" });
 * const mean = new MeanMetric();
 * mean.update(tensor([1, 2]));
 * mean.update(tensor(6));
 * console.assert((await mean.compute().item()) === 3);
 * ```
 */
export abstract class Metric<I extends unknown[] = never[], O extends object = object> {
  /** Argument names, as torchmetrics has them. */
  static readonly inputs: readonly string[] = ["preds", "target"];
  /** Whether larger values are better; `null` where neither is. */
  abstract readonly higherIsBetter: boolean | null;
  /** Calls of `update` and `forward` since the last reset. */
  updateCount = 0;
  readonly #options: O;
  readonly #specs: Readonly<Record<string, StateSpec>>;
  readonly #state: MetricState;

  /** @param specs What is kept, by torchmetrics' names. */
  constructor(options: O, specs: Readonly<Record<string, StateSpec>>) {
    this.#options = options;
    this.#specs = specs;
    this.#state = Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [name, stateVariable(spec)]),
    );
  }

  /** What a batch adds to the state. */
  protected abstract contribution(...inputs: I): MetricState;

  /** The metric's value for a state. */
  protected abstract value(state: MetricState): Tensor;

  /** How many of its inputs it needs; the others may be left out. */
  get needs(): number {
    return this.contribution.length;
  }

  /** The state's variables and how their parts of several processes are joined. */
  get states(): { readonly name: string; readonly value: Tensor; readonly reduce: StateReduce }[] {
    return Object.entries(this.#specs).map(([name, { reduce }]) => ({
      name,
      value: this.#state[name]!,
      reduce,
    }));
  }

  /** Takes a batch into account. */
  update(...inputs: I): void {
    this.#accumulate(this.#shaped(noGrad(() => this.contribution(...inputs))));
  }

  /** Takes a batch into account and gives the value of this batch alone. */
  forward(...inputs: I): Tensor {
    const part = this.#shaped(noGrad(() => this.contribution(...inputs)));
    this.#accumulate(part);
    return noGrad(() => this.value(part));
  }

  /** The value over everything since the last reset. */
  compute(): Tensor {
    return noGrad(() => this.value(this.#state));
  }

  /** Forgets everything. */
  reset(): void {
    this.updateCount = 0;
    for (const [name, { shape, dtype, initial }] of Object.entries(this.#specs)) {
      this.#state[name]!.assign(full(shape, initial, { dtype }));
    }
  }

  /** As torchmetrics prints it: `Accuracy()`. */
  toString(): string {
    return `${this.constructor.name}()`;
  }

  /** What `console.log` shows. */
  [customInspect](): string {
    return this.toString();
  }

  /** A metric with the same options and a copy of what this one has seen. */
  clone(): this {
    const copy = new (this.constructor as new (options: O) => this)(this.#options);
    copy.updateCount = this.updateCount;
    for (const { name, value } of copy.states) value.assign(this.#state[name]!);
    return copy;
  }

  /** A batch's part, in the shapes of the state. */
  #shaped(part: MetricState): MetricState {
    return noGrad(() =>
      Object.fromEntries(
        Object.entries(this.#specs).map(([name, { shape }]) => [name, part[name]!.reshape(shape)]),
      )
    );
  }

  #accumulate(part: MetricState): void {
    // Counts at each replay of a captured step too.
    hostEffect(() => this.updateCount++);
    noGrad(() => {
      for (const [name, { reduce }] of Object.entries(this.#specs)) {
        const old = this.#state[name]!;
        old.assign(joinParts(reduce, old, part[name]!));
      }
    });
  }
}

function joinParts(reduce: StateReduce, a: Tensor, b: Tensor): Tensor {
  switch (reduce) {
    case "sum":
      return a.add(b);
    case "max":
      return maximum(a, b);
    case "min":
      return minimum(a, b);
  }
}

function stateVariable({ shape, dtype, initial }: StateSpec): Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return variable(Array.from({ length: size }, () => initial), { shape, dtype });
}
