import { customInspect } from "../custom_inspect.ts";
import { DTypeError, FulgurError, ShapeError } from "../errors.ts";
import {
  type Allocation,
  elementwiseNode,
  type GraphNode,
  sourceNode,
  type Storage,
  viewNode,
} from "../compiler/graph.ts";
import { cast, type Expr, input } from "../compiler/expr.ts";
import { scalarTypeOf } from "../compiler/resolve.ts";
import {
  type DType,
  f16ToNumber,
  type HostArray,
  hostView,
  isFloat,
  sizeOf,
  toHostArray,
} from "../runtime/dtype.ts";
import { packed, sameShape, type Shape, showShape, sizeOfShape } from "../runtime/layout.ts";
import { type Backward, type GradFn, isGradEnabled } from "./autograd.ts";
import { deviceInUse } from "./engine.ts";
import { ensureDevice } from "./device.ts";
import type { Tensor } from "./tensor.ts";
import { type PrintedTraits, stateText, tensorText } from "./print.ts";
import { realizeWithLiving, recordAssign, register, unregister } from "./scope.ts";

/** The part of a storage that a variable sees, packed. */
export interface Place {
  readonly storage: Storage;
  readonly offset: number;
}

/** Where backward writes a leaf's gradient. */
interface GradPlace {
  readonly target: Tensor;
  /** Whether the place holds a gradient that the next one adds to. */
  filled: boolean;
}

/** What a tensor is made from: a recorded value, or a place in a storage. */
export type Origin = GraphNode | Place;

/** A tensor without the ops: identity, memory, reading, and its place in the gradient graph. */
export abstract class TensorBase {
  /** Rises with every tensor made: recording order. */
  readonly id: number = nextId();
  readonly shape: Shape;
  readonly dtype: DType;
  /** How it was computed, where a gradient may flow back. */
  gradFn: GradFn | null = null;
  /** Gradient of the last backward passes, on leaves that require one. */
  grad: Tensor | null = null;
  #node: GraphNode | null;
  #place: Place | null;
  #seen: { readonly version: GraphNode; readonly node: GraphNode } | null = null;
  #requiresGrad = false;
  #gradPlace: GradPlace | null = null;
  #kept = false;
  /** Whether no scope owns it. */
  #isLoose = false;
  #disposed = false;

  /** @ignore Use `tensor`, `zeros`, `variable` and the ops. */
  constructor(origin: Origin, shape: Shape, dtype: DType) {
    this.shape = shape;
    this.dtype = dtype;
    if ("storage" in origin) {
      this.#node = null;
      this.#place = origin;
    } else {
      this.#node = origin;
      this.#place = null;
      origin.hold();
      this.enter();
    }
  }

  /** @ignore Becomes part of the innermost scope. */
  enter(): void {
    if (this.#node !== null) this.#isLoose = register(this as unknown as Tensor, this.#node);
  }

  /** The sum with another tensor or a number. */
  abstract add(other: Tensor | number): Tensor;

  #make(origin: Origin, shape: Shape, dtype: DType): Tensor {
    return new (this.constructor as new (origin: Origin, shape: Shape, dtype: DType) => Tensor)(
      origin,
      shape,
      dtype,
    );
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOfShape(this.shape);
  }

  /** Whether gradients flow to or through this tensor. */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }

  /** Whether nothing was recorded to compute it. */
  get isLeaf(): boolean {
    return this.gradFn === null;
  }

  /** Whether `assign` can change it in place. */
  get isVariable(): boolean {
    return this.#place !== null;
  }

  /** The recorded value; a variable gives its newest version. */
  get node(): GraphNode {
    if (this.#node !== null) return this.#node;
    if (this.#disposed || this.#place === null) {
      throw new FulgurError(`A tensor of shape ${showShape(this.shape)} is used after its scope ended`, {
        where: "Tensor",
        fix: "return it from the scope, or call keep(tensor) inside",
      });
    }
    const { storage, offset } = this.#place;
    if (this.#seen?.version !== storage.current) {
      this.#seen?.node.release();
      this.#seen = { version: storage.current, node: viewOfStorage(storage, offset, this.shape) };
      this.#seen.node.hold();
    }
    return this.#seen!.node;
  }

  /** The recorded value where it is this tensor's own: `null` for variables and disposed tensors. */
  get recorded(): GraphNode | null {
    return this.#node;
  }

  /** Whether `keep` was called. */
  get isKept(): boolean {
    return this.#kept;
  }

  /** Host values that a variable starts from, until they are uploaded or something else is assigned. */
  get hostInit(): HostArray | null {
    if (this.#place === null) return null;
    const { storage, offset } = this.#place;
    if (storage.host === null || storage.lastVersion > 0) return null;
    return storage.host.subarray(offset, offset + this.size) as HostArray;
  }

  /** Lets the tensor outlive the scope that it is made in. */
  keep(): this {
    this.#kept = true;
    return this;
  }

  /**
   * Says whether gradients are wanted.
   *
   * @throws {DTypeError} for integer and bool tensors.
   */
  requiresGrad_(flag = true): this {
    if (flag && !isFloat(this.dtype)) {
      throw new DTypeError(`A tensor of dtype ${this.dtype} cannot require a gradient`, {
        where: "Tensor.requiresGrad_",
        fix: "cast it to f32 first",
      });
    }
    this.#requiresGrad = flag;
    return this;
  }

  /** @ignore A result of an op: what new tensors are made with. */
  derived(node: GraphNode, inputs: readonly Tensor[], name: string, backward: Backward | null): Tensor {
    const result = this.#make(node, node.shape, node.dtype);
    if (backward !== null && isGradEnabled() && isFloat(node.dtype) && inputs.some((t) => t.requiresGrad)) {
      result.gradFn = { name, inputs, backward };
      result.requiresGrad_();
    }
    return result;
  }

  /** @ignore A tensor of this shape and dtype over memory that holds it. */
  atMemory(allocation: Allocation): Tensor {
    const node = sourceNode(new Uint8Array(0), this.shape, this.dtype);
    node.host = null;
    node.allocation = allocation;
    return this.#make(node, this.shape, this.dtype);
  }

  /** The same value, cut off from what computed it. */
  detach(): Tensor {
    return this.#make(this.node, this.shape, this.dtype);
  }

  /** Drops the record of how it was computed. */
  forgetHistory(): void {
    if (this.gradFn === null) return;
    this.gradFn = null;
    this.#requiresGrad = false;
  }

  /**
   * Changes a variable in place: recorded now, carried out with the next realize.
   *
   * @throws {FulgurError} where the tensor is no variable, {@linkcode ShapeError} where shapes differ.
   */
  assign(value: Tensor): this {
    if (this.#place === null) {
      throw new FulgurError("Only variables can be assigned", {
        where: "Tensor.assign",
        fix: "make it with variable(), or compute a new tensor",
      });
    }
    if (!sameShape(value.shape, this.shape)) {
      throw new ShapeError(
        `A value of shape ${showShape(value.shape)} does not fit a variable of shape ${
          showShape(this.shape)
        }`,
        { where: "Tensor.assign", fix: "reshape or expand the value first" },
      );
    }
    const { storage, offset } = this.#place;
    const fitted = value.dtype === this.dtype ? value.node : castNode(value.node, this.dtype);
    recordAssign(storage.assign(fitted, packed(this.shape, offset)));
    return this;
  }

  /** Moves a variable into a part of another, flat one; its values go along. */
  rebase(arena: Tensor, offset: number): void {
    const place = arena.#place;
    if (place === null || this.#place === null || arena.dtype !== this.dtype) {
      throw new FulgurError("rebase() moves a variable into a flat variable of its dtype", {
        where: "Tensor.rebase",
      });
    }
    const own = this.#place.storage;
    // What is assigned already comes along through the node.
    const host = this.hostInit;
    const to = { storage: place.storage, offset: place.offset + offset };
    if (host !== null && place.storage.host !== null) {
      place.storage.host.set(host, to.offset);
    } else if (
      host === null && own.allocation === null && own.lastVersion === 0 && place.storage.host !== null
    ) {
      // Both are still untouched zeros.
    } else {
      recordAssign(place.storage.assign(this.node, packed(this.shape, to.offset)));
    }
    this.#place = to;
    this.#seen = null;
  }

  /** Lets backward write this leaf's gradient into a part of a flat variable. */
  gradTarget(arena: Tensor, offset: number): void {
    const place = arena.#place;
    if (place === null) {
      throw new FulgurError("A gradient's place must be a variable", { where: "Tensor.gradTarget" });
    }
    const origin = { storage: place.storage, offset: place.offset + offset };
    const target = this.#make(origin, this.shape, arena.dtype);
    this.#gradPlace = { target, filled: false };
  }

  /** Marks the gradient as absent; the next backward writes instead of adding. */
  zeroGrad(): void {
    this.grad = null;
    if (this.#gradPlace !== null) this.#gradPlace.filled = false;
  }

  /** @ignore Where backward leaves a leaf's gradient. */
  receiveGrad(grad: Tensor): void {
    const place = this.#gradPlace;
    if (place !== null) {
      place.target.assign(place.filled ? place.target.add(grad) : grad);
      place.filled = true;
      this.grad = place.target;
      return;
    }
    this.grad = (this.grad === null ? grad : this.grad.add(grad)).keep();
  }

  /** Enqueues the computation without waiting for it. Needs an open device. */
  realize(): this {
    realizeWithLiving(this.#node === null ? [] : [this.#node]);
    return this;
  }

  /**
   * The elements, row-major, in a fresh host array; f16 comes as `Float32Array`, bool as 0 and 1.
   * Waits for the device; opens the default one where none is open.
   */
  async data(): Promise<HostArray> {
    const host = this.#hostData();
    if (host !== null) return widen(this.dtype, host.slice() as HostArray);
    await ensureDevice();
    this.realize();
    const device = deviceInUse()!;
    const bytes = this.size * sizeOf(this.dtype);
    if (bytes === 0) return widen(this.dtype, toHostArray(this.dtype, []));
    const start = (this.#place?.offset ?? 0) * sizeOf(this.dtype);
    const from = Math.floor(start / 4) * 4;
    const length = Math.ceil((start + bytes - from) / 4) * 4;
    const buffer = this.#place === null ? this.node.on(device) : this.#place.storage.on(device);
    const raw = await device.read(buffer, from, length);
    const own = start === from ? raw : raw.slice(start - from, start - from + bytes);
    return widen(this.dtype, hostView(this.dtype, own, this.size));
  }

  /** Elements that never left the host; not a copy. */
  #hostData(): HostArray | null {
    if (this.#place !== null) return this.hostInit;
    return this.#node?.host ?? null;
  }

  /**
   * The text that {@linkcode TensorBase.print} shows: torch's, with four decimals, and the edges alone above 1000
   * elements. Waits for the device.
   */
  async toText(): Promise<string> {
    return tensorText(await this.data(), this.#traits());
  }

  /** Shows the values as torch prints them. Waits for the device. */
  async print(): Promise<void> {
    console.log(await this.toText());
  }

  /** As torch prints it where the values are on the host; else shape, dtype, state, and how to read the values. */
  toString(): string {
    const host = this.#hostData();
    if (host !== null) return tensorText(widen(this.dtype, host), this.#traits());
    return stateText(this.#state(), this.#traits());
  }

  /** What `console.log` shows. */
  [customInspect](): string {
    return this.toString();
  }

  #traits(): PrintedTraits {
    const { shape, dtype, requiresGrad, gradFn } = this;
    return { shape, dtype, requiresGrad, gradName: gradFn?.name ?? null };
  }

  #state(): string {
    if (this.#disposed) return "freed";
    const storage = this.#place?.storage ?? null;
    const waits = storage !== null && storage.settledVersion < storage.lastVersion;
    const allocation = storage === null ? this.#node?.allocation : storage.allocation;
    return waits || !allocation ? "not computed yet" : `on ${allocation.device.kind}`;
  }

  /**
   * The only element.
   *
   * @throws {ShapeError} where there are more or fewer.
   */
  async item(): Promise<number> {
    if (this.size !== 1) {
      throw new ShapeError(`item() of a tensor with ${this.size} elements, shape ${showShape(this.shape)}`, {
        where: "Tensor.item",
        fix: "use data(), or reduce it first",
      });
    }
    return (await this.data())[0]!;
  }

  /** The elements as nested arrays. */
  async toArray(): Promise<NestedArray> {
    const flat = await this.data();
    const build = (depth: number, offset: number): NestedArray => {
      if (depth === this.rank) return this.dtype === "bool" ? flat[offset] !== 0 : flat[offset]!;
      const inner = sizeOfShape(this.shape.slice(depth + 1));
      return Array.from({ length: this.shape[depth]! }, (_, i) => build(depth + 1, offset + i * inner));
    };
    return build(0, 0);
  }

  /** Frees the memory of a computed tensor now. Variables are freed with `release`. */
  dispose(): void {
    if (this.#node === null) return;
    if (this.#isLoose) unregister(this as unknown as Tensor);
    this.#node.release();
    this.#node = null;
    this.gradFn = null;
    this.#disposed = true;
  }

  /** Frees a variable's memory; its storage must not be shared. */
  release(): void {
    this.#place?.storage.release();
    this.#place = null;
    this.#disposed = true;
  }
}

/** Numbers (booleans for bool), nested as deep as the shape. */
export type NestedArray = number | boolean | NestedArray[];

let lastId = 0;
function nextId(): number {
  return ++lastId;
}

function viewOfStorage(storage: Storage, offset: number, shape: Shape): GraphNode {
  const size = sizeOfShape(shape);
  const whole = offset === 0 && size === storage.length;
  const part = whole
    ? storage.current
    : viewNode(storage.current, { kind: "slice", axis: 0, start: offset, stop: offset + size, step: 1 });
  return sameShape(part.shape, shape) ? part : viewNode(part, { kind: "reshape", shape });
}

function castNode(node: GraphNode, dtype: DType): GraphNode {
  const value: Expr = cast(input(0, scalarTypeOf(node.dtype)), scalarTypeOf(dtype));
  return elementwiseNode(value, [node], node.shape, dtype, "cast");
}

function widen(dtype: DType, host: HostArray): HostArray {
  return dtype === "f16" ? Float32Array.from(host, f16ToNumber) : host;
}
