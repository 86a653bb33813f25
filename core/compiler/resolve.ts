import type { DType } from "../runtime/dtype.ts";
import {
  isPacked,
  type Layout,
  packed,
  packedStrides,
  sameShape,
  type Shape,
  squeezed,
} from "../runtime/layout.ts";
import {
  acc,
  cast,
  constant,
  eq,
  type Expr,
  input,
  scalar,
  type ScalarType,
  select,
  substitute,
} from "./expr.ts";
import { seenBase } from "./buffered.ts";
import type { GraphNode } from "./graph.ts";
import { applyMove, applyMoves, type Move } from "./moves.ts";

/** The type that a stored dtype has inside a kernel. */
export function scalarTypeOf(dtype: DType): ScalarType {
  switch (dtype) {
    case "f32":
    case "f16":
      return "f32";
    case "i32":
      return "i32";
    case "u32":
    case "u8":
      return "u32";
    case "bool":
      return "bool";
  }
}

/** A load before slots are assigned: which node's memory, seen how over the cluster's space. */
export interface RawLoad {
  /** Local number of the node, or -1 for an iota. */
  readonly node: number;
  readonly dtype: DType;
  readonly layout: Layout;
  readonly indirect: { readonly load: number; readonly stride: number; readonly size: number } | null;
}

/** A gather's operand: memory and how it is seen. */
interface Operand {
  readonly node: GraphNode;
  readonly layout: Layout;
}

/** Thrown when a node has to lie in memory before its consumer can read it. */
export class NeedsMemory {
  constructor(readonly node: number) {}
}

/** Thrown when a merge would read a value in a way that the merged kernel cannot serve. */
export class MergeRefused {}

/** What a cluster computes itself instead of loading. */
export interface Inside {
  /** Structural nodes whose results are accumulators, with their numbers. */
  readonly cores: ReadonlyMap<number, number>;
  /** For reductions: the axes of the space that are reduced. */
  readonly axes: readonly number[] | null;
  /** Buffered elementwise nodes that this cluster stores, and so may recompute in place. */
  readonly outs: ReadonlySet<number>;
}

/** The expressions of one kernel and the loads that they share. */
export class Body {
  readonly loads: RawLoad[] = [];
  readonly #keys = new Map<string, number>();

  constructor(
    readonly space: Shape,
    readonly inside: Inside,
    readonly nodes: readonly GraphNode[],
    readonly buffered: readonly boolean[],
    readonly scalars: ReadonlyMap<number, number>,
  ) {}

  /** The value of a node at the coordinates of the space, seen through moves (innermost first). */
  resolve(index: number, moves: readonly Move[], via: readonly number[]): Expr {
    const node = this.nodes[index]!;
    const { op } = node;
    const type = scalarTypeOf(node.dtype);
    if (op.kind === "scalar") return this.#padded(scalar(this.scalars.get(index)!, type), node, moves, via);
    if (op.kind === "iota") return this.#load(-1, node, this.#layout(node, moves, via));
    const core = this.inside.cores.get(index);
    if (core !== undefined) return this.#accumulator(core, type, this.#layout(node, moves, via));
    if (this.buffered[index] && !this.#recomputes(index, moves, via)) {
      return this.#load(index, node, this.#layout(node, moves, via));
    }
    switch (op.kind) {
      case "view":
        return this.resolve(node.inputs[0]!.local, [op.move, ...moves], [index, ...via]);
      case "elementwise": {
        const args = node.inputs.map((n) => this.resolve(n.local, moves, via));
        const value = substitute(op.expr, (leaf) => leaf.op === "input" ? args[leaf.value] : undefined);
        return this.#padded(value, node, moves, via);
      }
      case "gather":
        return this.#gather(node, op.axis, moves, via);
      default:
        throw new NeedsMemory(index);
    }
  }

  /** The value that an assign node writes, or that a stored node holds. */
  valueOf(index: number): Expr {
    const node = this.nodes[index]!;
    return this.resolve(node.op.kind === "assign" ? node.inputs[1]!.local : index, [], []);
  }

  #recomputes(index: number, moves: readonly Move[], via: readonly number[]): boolean {
    if (!this.inside.outs.has(index)) return false;
    if (this.nodes[index]!.op.kind === "assign") throw new MergeRefused();
    if (this.inside.axes !== null) return true;
    const layout = this.#layout(this.nodes[index]!, moves, via);
    if (!sameShape(layout.shape, this.space) || !isPacked(layout) || layout.offset !== 0) {
      throw new MergeRefused();
    }
    return true;
  }

  #layout(node: GraphNode, moves: readonly Move[], via: readonly number[]): Layout {
    let layout: Layout = packed(node.shape);
    for (let i = 0; i < moves.length; i++) {
      const next = applyMove(layout, moves[i]!);
      if (next === null) throw new NeedsMemory(this.nodes[via[i]!]!.inputs[0]!.local);
      layout = next;
    }
    return layout;
  }

  #load(node: number, from: GraphNode, layout: Layout): Expr {
    return input(this.#add({ node, dtype: from.dtype, layout, indirect: null }), scalarTypeOf(from.dtype));
  }

  #add(load: RawLoad): number {
    const { layout, indirect } = load;
    const strides = layout.strides.map((s, d) => layout.shape[d] === 1 ? 0 : s);
    const key = `${load.node};${load.dtype};${strides};${layout.offset};${layout.mask};` +
      (indirect === null ? "" : `${indirect.load},${indirect.stride},${indirect.size}`);
    let index = this.#keys.get(key);
    if (index === undefined) {
      index = this.loads.length;
      this.loads.push({ ...load, layout: { ...layout, strides } });
      this.#keys.set(key, index);
    }
    return index;
  }

  /** Elements that padding adds are zero, whatever the expression gives there. */
  #padded(value: Expr, node: GraphNode, moves: readonly Move[], via: readonly number[]): Expr {
    if (!moves.some((move) => move.kind === "pad")) return value;
    const layout = this.#layout(node, moves, via);
    if (layout.mask === null) return value;
    const ones: Layout = { ...layout, strides: layout.strides.map(() => 0), offset: 1 };
    const within = input(this.#add({ node: -1, dtype: "i32", layout: ones, indirect: null }), "i32");
    return select(eq(within, 1), value, cast(constant(0, "i32"), value.type));
  }

  #gather(node: GraphNode, axis: number, moves: readonly Move[], via: readonly number[]): Expr {
    const [source, index] = node.inputs.map((operand) => this.#operand(operand)) as [Operand, Operand];
    const position = this.#add({
      node: index.node.local,
      dtype: index.node.dtype,
      layout: this.#moved(index.layout, node, moves, via),
      indirect: null,
    });
    const across: Layout = {
      shape: node.shape,
      strides: source.layout.strides.map((s, d) => d === axis ? 0 : s),
      offset: source.layout.offset,
      mask: null,
    };
    const indirect = {
      load: position,
      stride: source.layout.strides[axis]!,
      size: source.layout.shape[axis]!,
    };
    const layout = this.#moved(across, node, moves, via);
    const { local, dtype } = source.node;
    return input(this.#add({ node: local, dtype, layout, indirect }), scalarTypeOf(dtype));
  }

  /** What a gather addresses itself: a view of memory that this kernel does not write. */
  #operand(operand: GraphNode): Operand {
    const { base: node, layout } = seenBase(operand, this.buffered);
    if (!this.buffered[node.local]) throw new NeedsMemory(node.local);
    if (this.inside.outs.has(node.local) || this.inside.cores.has(node.local)) throw new MergeRefused();
    if (layout === null || layout.mask !== null) throw new NeedsMemory(operand.local);
    return { node, layout };
  }

  /** A gather's own layout under the moves that its consumer sees it through. */
  #moved(layout: Layout, node: GraphNode, moves: readonly Move[], via: readonly number[]): Layout {
    const moved = applyMoves(layout, moves);
    if (moved === null) {
      throw new NeedsMemory(via.length === 0 ? node.local : this.nodes[via[0]!]!.inputs[0]!.local);
    }
    return moved;
  }

  #accumulator(core: number, type: ScalarType, layout: Layout): Expr {
    const { axes } = this.inside;
    if (layout.offset !== 0 || layout.mask !== null) throw new MergeRefused();
    if (axes === null) {
      if (!sameShape(layout.shape, this.space) || !isPacked(layout)) throw new MergeRefused();
      return acc(core, type);
    }
    const kept = this.space.map((_, d) => d).filter((d) => !axes.includes(d));
    const keptStrides = packedStrides(kept.map((d) => this.space[d]!));
    if (!sameShape(layout.shape, this.space)) {
      const keptShape = kept.map((d) => this.space[d]!);
      if (!sameShape(squeezed(layout.shape), squeezed(keptShape)) || !isPacked(layout)) {
        throw new MergeRefused();
      }
      return acc(core, type);
    }
    for (let d = 0; d < this.space.length; d++) {
      const wanted = axes.includes(d) ? 0 : keptStrides[kept.indexOf(d)]!;
      if (this.space[d] !== 1 && layout.strides[d] !== wanted) throw new MergeRefused();
    }
    return acc(core, type);
  }
}
