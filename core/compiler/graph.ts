import type { Device, DeviceBuffer } from "../runtime/device.ts";
import { type DType, DTYPES, type HostArray, isFloat, storageBytes } from "../runtime/dtype.ts";
import { type Layout, type Shape, sizeOfShape } from "../runtime/layout.ts";
import { DeviceError, DTypeError } from "../errors.ts";
import { type Combine, COMBINES, type Conv2dSizes } from "./kernel.ts";
import type { Expr } from "./expr.ts";
import { type Move, movedShape, moveStructure } from "./moves.ts";
import { type Structure, structure } from "./structure.ts";

/**
 * What a node of the recorded graph computes. Values are immutable; only storages change, version by version.
 *
 * Every operand of an `elementwise` node has the node's own shape: broadcasting is an `expand` view before it.
 */
export type NodeOp =
  /** A value that lies in memory: uploaded from the host, or computed earlier. */
  | { readonly kind: "source" }
  /** A storage as a flat vector, in the version it had when recorded. */
  | { readonly kind: "storage"; readonly storage: Storage; readonly version: number }
  /** Writes `inputs[1]` into a region of a storage: the node is the storage's next version. `inputs[0]` is the one before. */
  | { readonly kind: "assign"; readonly storage: Storage; readonly version: number; readonly target: Layout }
  | { readonly kind: "elementwise"; readonly expr: Expr }
  | { readonly kind: "view"; readonly move: Move }
  | { readonly kind: "reduce"; readonly combine: Combine; readonly axes: readonly number[] }
  | { readonly kind: "matmul" }
  | { readonly kind: "conv2d"; readonly sizes: Conv2dSizes }
  | { readonly kind: "conv2dWeight"; readonly sizes: Conv2dSizes }
  /** `inputs[0]` at the positions `inputs[1]` along an axis; out-of-range positions are clamped. */
  | { readonly kind: "gather"; readonly axis: number }
  /** A number that may change between runs; read when the schedule runs. */
  | { readonly kind: "scalar"; readonly read: () => number }
  /** 0, 1, 2, … as i32. */
  | { readonly kind: "iota" };

/** Device memory that belongs to one node or storage. */
export interface Allocation {
  readonly device: Device;
  readonly buffer: DeviceBuffer;
}

const SOURCE = structure("source");
const STORAGE = structure("storage");
const ASSIGN = structure("assign");
const ELEMENTWISE = structure("elementwise");
const REDUCE = structure("reduce");
const SCALAR = structure("scalar");
const IOTA = structure("iota");

/** The structural number of a value: what it is or computes, its dtype, and the shape that operands do not imply. */
function signature(attributes: Structure, dtype: DType, shape: Shape | null): number {
  const typed = attributes.then(DTYPES.indexOf(dtype));
  return (shape === null ? typed : typed.all(shape)).id;
}

let lastNodeId = 0;

/** A value in the recorded graph. */
export class GraphNode {
  /** Rises with every recorded node: recording order. */
  readonly id: number = ++lastNodeId;
  op: NodeOp;
  inputs: readonly GraphNode[];
  readonly shape: Shape;
  readonly dtype: DType;
  /** Structural number: op, attributes and dtype; the shape too where there are no operands. */
  sig: number;
  /** Where the value lies, once realized. */
  allocation: Allocation | null = null;
  /** Host elements that have not been uploaded yet. */
  host: HostArray | null = null;
  /** The op that recorded the node, for error messages and kernel labels. */
  readonly label: string;
  /** Tensors and recorded nodes that use this value; its memory goes back with the last of them. */
  #holders = 0;
  /** Scratch of the scheduler: epoch of the last visit, and number within it. */
  epoch = 0;
  local = 0;

  constructor(
    op: NodeOp,
    inputs: readonly GraphNode[],
    shape: Shape,
    dtype: DType,
    attributes: Structure,
    label: string,
  ) {
    this.op = op;
    this.inputs = inputs;
    this.shape = shape;
    this.dtype = dtype;
    this.label = label;
    for (const operand of inputs) operand.hold();
    this.sig = signature(attributes, dtype, inputs.length === 0 ? shape : null);
  }

  /** Number of elements. */
  get size(): number {
    return sizeOfShape(this.shape);
  }

  /** Forgets how the value was computed: it lies in memory now. */
  settle(allocation: Allocation): void {
    this.op = { kind: "source" };
    this.dropInputs();
    this.allocation = allocation;
    this.sig = signature(SOURCE, this.dtype, this.shape);
  }

  /** The value's memory on a device; uploads host elements at first use. */
  on(device: Device): DeviceBuffer {
    if (this.allocation === null) {
      const buffer = device.allocate(storageBytes(this.dtype, this.size));
      this.allocation = { device, buffer };
      if (this.host !== null && this.host.length > 0) upload(device, buffer, this.host);
      this.host = null;
    }
    checkDevice(this.allocation.device, device, this.label);
    return this.allocation.buffer;
  }

  /** Counts one more user: a tensor that shows the value, or a recorded node that needs it. */
  hold(): void {
    this.#holders++;
  }

  /** Counts one user less; the last one returns the memory to its device and lets go of the operands. */
  release(): void {
    const stack: GraphNode[] = [this];
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (--node.#holders > 0) continue;
      node.allocation?.device.free(node.allocation.buffer);
      node.allocation = null;
      stack.push(...node.inputs);
      node.inputs = [];
    }
  }

  /** Forgets the operands. */
  dropInputs(): void {
    const { inputs } = this;
    this.inputs = [];
    for (const operand of inputs) operand.release();
  }
}

let lastStorageId = 0;

/**
 * Persistent memory that `assign` changes: parameters, gradients, optimizer and metric state.
 * A flat vector; tensors see parts of it through views.
 */
export class Storage {
  readonly id: number = ++lastStorageId;
  readonly dtype: DType;
  readonly length: number;
  /** Newest version: reads go there. */
  current: GraphNode;
  /** Version that the memory holds. */
  settledVersion = 0;
  /** Version of the newest recorded assign. */
  lastVersion = 0;
  /** Newest version that was given out: those of dropped assigns are not used again. */
  #newest = 0;
  allocation: Allocation | null = null;
  host: HostArray | null;

  constructor(dtype: DType, length: number, host: HostArray | null) {
    this.dtype = dtype;
    this.length = length;
    this.host = host;
    this.current = this.#leaf(0);
  }

  #leaf(version: number): GraphNode {
    const op: NodeOp = { kind: "storage", storage: this, version };
    return new GraphNode(op, [], [this.length], this.dtype, STORAGE, "storage");
  }

  /** Records a write of `value` into a region and returns the new version. */
  assign(value: GraphNode, target: Layout): GraphNode {
    const version = this.lastVersion = ++this.#newest;
    const op: NodeOp = { kind: "assign", storage: this, version, target };
    const attributes = ASSIGN.all(target.shape).all(target.strides).then(target.offset);
    const node = new GraphNode(op, [this.current, value], [this.length], this.dtype, attributes, "assign");
    node.hold();
    this.current = node;
    return node;
  }

  /** Makes the newest version the one in memory: called when its writes are enqueued. */
  settle(): void {
    this.settledVersion = this.lastVersion;
    this.current = this.#leaf(this.lastVersion);
  }

  /** Notes that a replayed step wrote to the memory: recorded reads of older versions are void. */
  overwritten(): void {
    this.lastVersion = ++this.#newest;
    this.settle();
  }

  /** Drops the assigns that wait: what the memory holds is the newest version again. */
  rollBack(): void {
    this.lastVersion = this.settledVersion;
    this.current = this.#leaf(this.settledVersion);
  }

  /** The storage's memory on a device; uploads the first contents at first use (zeros where none were given). */
  on(device: Device): DeviceBuffer {
    if (this.allocation === null) {
      const bytes = storageBytes(this.dtype, this.length);
      const buffer = device.allocate(bytes);
      this.allocation = { device, buffer };
      if (this.host !== null) upload(device, buffer, this.host);
      else device.write(buffer, new Uint8Array(bytes));
      this.host = null;
    }
    checkDevice(this.allocation.device, device, "storage");
    return this.allocation.buffer;
  }

  /** Gives back the memory; the contents are lost. */
  release(): void {
    this.allocation?.device.free(this.allocation.buffer);
    this.allocation = null;
  }
}

function upload(device: Device, buffer: DeviceBuffer, host: HostArray): void {
  device.write(buffer, new Uint8Array(host.buffer, host.byteOffset, host.byteLength));
}

function checkDevice(own: Device, wanted: Device, where: string): void {
  if (own !== wanted) {
    throw new DeviceError(`A tensor lies on ${own.kind}, but the work runs on ${wanted.kind}`, {
      where,
      fix: "move it first: await tensor.to(device), or create it after choosing the device",
    });
  }
}

/** Refuses what no device has a kernel for, so that nothing is recorded which fails later. */
function checkKernel(kind: string, fits: boolean, dtypes: readonly DType[]): void {
  if (fits) return;
  throw new DTypeError(`${kind} of dtype ${dtypes.join(" and ")}`, {
    where: kind,
    fix: 'cast the operands first: x.to("f32")',
  });
}

/** A value from host elements, uploaded when first needed. */
export function sourceNode(host: HostArray, shape: Shape, dtype: DType): GraphNode {
  const node = new GraphNode({ kind: "source" }, [], shape, dtype, SOURCE, "tensor");
  node.host = host;
  return node;
}

/** An elementwise node; every input has `shape`. */
export function elementwiseNode(
  expr: Expr,
  inputs: readonly GraphNode[],
  shape: Shape,
  dtype: DType,
  label: string,
): GraphNode {
  return new GraphNode({ kind: "elementwise", expr }, inputs, shape, dtype, ELEMENTWISE.then(expr.id), label);
}

/** A view of a node. */
export function viewNode(node: GraphNode, move: Move): GraphNode {
  const shape = movedShape(node.shape, move);
  return new GraphNode({ kind: "view", move }, [node], shape, node.dtype, moveStructure(move), node.label);
}

/** A reduction over axes (ascending); the axes disappear from the shape. */
export function reduceNode(
  combine: Combine,
  node: GraphNode,
  axes: readonly number[],
  dtype: DType,
): GraphNode {
  const ofBool = combine === "any" || combine === "all";
  checkKernel(combine, (node.dtype === "bool") === ofBool, [node.dtype]);
  const shape = node.shape.filter((_, d) => !axes.includes(d));
  return new GraphNode(
    { kind: "reduce", combine, axes },
    [node],
    shape,
    dtype,
    REDUCE.then(COMBINES.indexOf(combine)).all(axes),
    combine,
  );
}

/** A number that is read when the schedule runs. */
export function scalarNode(read: () => number, dtype: "f32" | "i32" | "u32"): GraphNode {
  return new GraphNode({ kind: "scalar", read }, [], [], dtype, SCALAR, "dynamic");
}

/** 0, 1, …, n-1 as i32. */
export function iotaNode(n: number): GraphNode {
  return new GraphNode({ kind: "iota" }, [], [n], "i32", IOTA, "arange");
}

/** Any other node. */
export function structuralNode(
  op: Extract<NodeOp, { kind: "matmul" | "conv2d" | "conv2dWeight" | "gather" }>,
  inputs: readonly GraphNode[],
  shape: Shape,
  dtype: DType,
): GraphNode {
  const [first, second] = inputs as [GraphNode, GraphNode];
  const fits = op.kind === "gather"
    ? !isFloat(second.dtype) && second.dtype !== "bool"
    : isFloat(first.dtype) && first.dtype === second.dtype;
  checkKernel(op.kind, fits, [first.dtype, second.dtype]);
  const kind = structure(op.kind);
  const attributes = op.kind === "gather"
    ? kind.then(op.axis)
    : op.kind === "matmul"
    ? kind
    : kind.all(Object.values(op.sizes));
  return new GraphNode(op, inputs, shape, dtype, attributes, op.kind);
}
