import { DTypeError } from "../errors.ts";
import { cat, sum, where } from "../ops/mod.ts";
import { type DType, type Tensor, tensor, variable, zeros, zeroVariable } from "../tensor/mod.ts";

/** Tensors start at multiples of this many elements: 64 bytes of f32, a whole vector on every device. */
const ALIGNMENT = 16;

/**
 * Parameters of one dtype in one flat piece of memory, and their gradients in another: what is done to all of them,
 * such as an optimizer step, is then one launch.
 *
 * Each parameter stays the same tensor and becomes a view of the arena; `backward()` writes its gradient straight
 * into the arena of gradients.
 *
 * @example
 * ```ts
 * import { variable } from "../tensor/mod.ts";
 * import { Arena } from "./arena.ts";
 * const [a, b] = [variable([1, 2], { requiresGrad: true }), variable([[3]], { requiresGrad: true })];
 * const arena = new Arena([a, b]);
 * console.assert(arena.offsets.join() === "0,16" && (await b.item()) === 3);
 * ```
 */
export class Arena {
  readonly parameters: readonly Tensor[];
  /** Where each parameter starts, in elements. */
  readonly offsets: readonly number[];
  /** Elements, gaps included. */
  readonly length: number;
  readonly dtype: DType;
  /** Every parameter: `[length]`, zeros in the gaps. */
  readonly values: Tensor;
  /** Every gradient: `[length]`; where a parameter has none now, what was there before. */
  readonly grads: Tensor;
  readonly #masks = new Map<string, Tensor>();

  /** @throws {DTypeError} where dtypes differ. */
  constructor(parameters: readonly Tensor[]) {
    this.parameters = parameters;
    this.dtype = parameters[0]?.dtype ?? "f32";
    let length = 0;
    this.offsets = parameters.map((parameter) => {
      const offset = length;
      length = Math.ceil((offset + parameter.size) / ALIGNMENT) * ALIGNMENT;
      return offset;
    });
    this.length = length;
    const shape = [length];
    this.values = variable(new Float32Array(length), { shape, dtype: this.dtype });
    this.grads = zeroVariable(shape, this.dtype);
    for (const [i, parameter] of parameters.entries()) {
      if (parameter.dtype !== this.dtype) {
        throw new DTypeError(`An arena of ${this.dtype} is given a parameter of ${parameter.dtype}`, {
          where: "optim.Arena",
          fix: "make one arena per dtype",
        });
      }
      parameter.rebase(this.values, this.offsets[i]!);
      parameter.gradTarget(this.grads, this.offsets[i]!);
    }
  }

  /** A flat variable laid out like the parameters, such as a momentum. */
  state(initial = 0): Tensor {
    if (initial === 0) return zeroVariable([this.length], this.dtype);
    return variable(new Float32Array(this.length).fill(initial), { shape: [this.length], dtype: this.dtype });
  }

  /** What a flat tensor holds for one parameter, in that parameter's shape. */
  part(flat: Tensor, index: number): Tensor {
    const parameter = this.parameters[index]!;
    const start = this.offsets[index]!;
    return flat.slice({ dim: 0, start, stop: start + parameter.size }).reshape(parameter.shape);
  }

  /** The places of the parameters that have a gradient now. */
  withGrad(): number[] {
    const places: number[] = [];
    for (const [i, parameter] of this.parameters.entries()) if (parameter.grad !== null) places.push(i);
    return places;
  }

  /** Where a flat tensor belongs to some of the parameters: bool `[length]`; `null` where it is all of them. */
  mask(places: readonly number[]): Tensor | null {
    if (places.length === this.parameters.length) return null;
    const key = places.join();
    let mask = this.#masks.get(key);
    if (mask === undefined) {
      const host = new Uint8Array(this.length);
      for (const i of places) host.fill(1, this.offsets[i]!, this.offsets[i]! + this.parameters[i]!.size);
      mask = tensor(host, { shape: [this.length], dtype: "bool" }).keep();
      this.#masks.set(key, mask);
    }
    return mask;
  }

  /** One flat tensor from a value per parameter; zeros where there is none. */
  join(parts: readonly (Tensor | null)[]): Tensor {
    const pieces: Tensor[] = [];
    for (const [i, parameter] of this.parameters.entries()) {
      const end = this.offsets[i + 1] ?? this.length;
      const part = parts[i] ?? null;
      const used = part === null ? 0 : parameter.size;
      if (part !== null) pieces.push(part.reshape([parameter.size]).to(this.dtype));
      const gap = end - this.offsets[i]! - used;
      if (gap > 0) pieces.push(zeros([gap], { dtype: this.dtype }));
    }
    return pieces.length === 1 ? pieces[0]! : cat(pieces, { dim: 0 });
  }

  /** Sum of squares of the gradients that are there, in f32; `null` where there is none. */
  squaredNorm(): Tensor | null {
    const places = this.withGrad();
    if (places.length === 0) return null;
    const squares = this.grads.to("f32").square();
    const mask = this.mask(places);
    return sum(mask === null ? squares : where(mask, squares, 0));
  }
}

/** One arena per dtype, in the order in which dtypes appear. */
export function arenasOf(parameters: readonly Tensor[]): Arena[] {
  const byDType = new Map<DType, Tensor[]>();
  for (const parameter of parameters) {
    const same = byDType.get(parameter.dtype);
    if (same === undefined) byDType.set(parameter.dtype, [parameter]);
    else same.push(parameter);
  }
  return Array.from(byDType.values(), (same) => new Arena(same));
}
