import { type Bounds, packedStrides, sameShape, type Shape } from "../runtime/layout.ts";
import type { DType } from "../runtime/dtype.ts";
import type { Cluster } from "./cluster.ts";
import { collapse, type Strided } from "./collapse.ts";
import { acc, type Expr, substitute, visit } from "./expr.ts";
import type { GraphNode, NodeOp } from "./graph.ts";
import type { Accumulator, Kernel, Load, Store } from "./kernel.ts";
import { type RawLoad, scalarTypeOf } from "./resolve.ts";

/** Says where each value lies. */
export interface Placement {
  /** Slot of a node's memory. */
  slotOf(node: number): number;
  /** Whether a structural result itself is wanted in memory. */
  isNeeded(node: number): boolean;
}

interface Target extends Strided {
  readonly slot: number;
  readonly dtype: DType;
  readonly offset: number;
  readonly value: Expr;
}

/** Turns a cluster into the kernel that devices know. */
export function emit(cluster: Cluster, nodes: readonly GraphNode[], placement: Placement): Kernel {
  switch (cluster.kind) {
    case "map":
      return emitMap(cluster, nodes, placement);
    case "reduce":
      return emitReduce(cluster, nodes, placement);
    case "matmul":
      return emitMatmul(cluster, nodes, placement);
    case "conv2d":
    case "conv2dWeight":
      return emitConvolution(cluster, nodes, placement);
  }
}

function labelOf(cluster: Cluster, nodes: readonly GraphNode[]): string {
  const parts = [...cluster.cores, ...cluster.outs].map((i) => nodes[i]!);
  const names = [...new Set(parts.map((n) => n.op.kind === "assign" ? n.inputs[1]!.label : n.label))];
  return `${names.join("+")} ${parts[0]!.dtype}[${cluster.space}]`;
}

function loadOf(raw: RawLoad, access: { strides: number[]; mask: Load["mask"] }, placement: Placement): Load {
  return {
    slot: raw.node < 0 ? -1 : placement.slotOf(raw.node),
    dtype: raw.dtype,
    strides: access.strides,
    offset: raw.layout.offset,
    mask: access.mask,
    indirect: raw.indirect,
  };
}

function storeOf(target: Target, strides: readonly number[]): Store {
  return { slot: target.slot, dtype: target.dtype, strides, offset: target.offset, value: target.value };
}

/** Where an out is written: packed in its own memory, or into a region of a storage. */
function targetOf(index: number, value: Expr, nodes: readonly GraphNode[], placement: Placement): Target {
  const node = nodes[index]!;
  const { op } = node;
  if (op.kind === "assign") {
    const { strides, offset } = op.target;
    return { slot: placement.slotOf(index), dtype: node.dtype, strides, offset, mask: null, value };
  }
  const strides = packedStrides(node.shape);
  return { slot: placement.slotOf(index), dtype: node.dtype, strides, offset: 0, mask: null, value };
}

/** The stored values of a map, matmul or convolution over its output space. */
function targetsOver(cluster: Cluster, nodes: readonly GraphNode[], placement: Placement): Target[] {
  const targets = cluster.outs.map((out, i) => targetOf(out, cluster.outValues[i]!, nodes, placement));
  for (const [i, core] of cluster.cores.entries()) {
    if (!placement.isNeeded(core)) continue;
    targets.push(targetOf(core, acc(i, scalarTypeOf(nodes[core]!.dtype)), nodes, placement));
  }
  return targets;
}

function emitMap(cluster: Cluster, nodes: readonly GraphNode[], placement: Placement): Kernel {
  const targets = targetsOver(cluster, nodes, placement);
  const raws = cluster.body.loads;
  const flat = collapse(cluster.space, [...raws.map((r) => stridedOf(r)), ...targets]);
  return {
    kind: "map",
    label: labelOf(cluster, nodes),
    space: flat.space,
    loads: raws.map((raw, i) => loadOf(raw, flat.accesses[i]!, placement)),
    stores: targets.map((t, i) => storeOf(t, flat.accesses[raws.length + i]!.strides)),
  };
}

function stridedOf(raw: RawLoad): Strided {
  return { strides: raw.layout.strides, mask: raw.layout.mask };
}

function emitReduce(cluster: Cluster, nodes: readonly GraphNode[], placement: Placement): Kernel {
  const { space } = cluster;
  const axes = cluster.axes!;
  const kept = space.map((_, d) => d).filter((d) => !axes.includes(d));
  const walk = [...kept, ...axes];
  const { phases, renumber } = phasesOf(cluster, nodes);
  const over = (value: Expr): Expr =>
    substitute(value, (leaf) => leaf.op === "acc" ? acc(renumber[leaf.value]!, leaf.type) : undefined);

  const keptTargets: Target[] = [];
  const elementTargets: Target[] = [];
  for (const [i, out] of cluster.outs.entries()) {
    const target = targetOf(out, over(cluster.outValues[i]!), nodes, placement);
    const node = nodes[out]!;
    const shape = node.op.kind === "assign" ? node.op.target.shape : node.shape;
    if (sameShape(shape, space)) {
      elementTargets.push({ ...target, strides: walk.map((d) => target.strides[d]!) });
    } else {
      keptTargets.push({
        ...target,
        strides: alongKept(shape, target.strides, kept.map((d) => space[d]!), axes, 0),
      });
    }
  }
  for (const [i, core] of cluster.cores.entries()) {
    if (!placement.isNeeded(core)) continue;
    const value = acc(renumber[i]!, scalarTypeOf(nodes[core]!.dtype));
    const target = targetOf(core, value, nodes, placement);
    keptTargets.push({ ...target, strides: [...target.strides, ...axes.map(() => 0)] });
  }

  const raws = cluster.body.loads;
  const accesses = raws.map((raw): Strided => {
    const { shape, strides, mask } = raw.layout;
    if (sameShape(shape, space)) {
      return {
        strides: walk.map((d) => strides[d]!),
        mask: mask === null ? null : walk.map((d) => mask[d]!),
      };
    }
    const sizes = kept.map((d) => space[d]!);
    const keptMask = mask === null ? null : alongKept<Bounds>(shape, mask, sizes, [], [0, 1]);
    return {
      strides: alongKept(shape, strides, sizes, axes, 0),
      mask: keptMask === null ? null : [...keptMask, ...axes.map((d): Bounds => [0, space[d]!])],
    };
  });
  const flat = collapse(
    walk.map((d) => space[d]!),
    [...accesses, ...elementTargets, ...keptTargets],
    kept.length,
  );
  const strides = (i: number): readonly number[] => flat.accesses[raws.length + i]!.strides;
  return {
    kind: "reduce",
    label: labelOf(cluster, nodes),
    kept: flat.space.slice(0, flat.barrier),
    reduced: flat.space.slice(flat.barrier),
    loads: raws.map((raw, i) => loadOf(raw, flat.accesses[i]!, placement)),
    phases: phases.map((phase) => phase.map((a) => ({ combine: a.combine, value: over(a.value) }))),
    stores: keptTargets.map((t, i) => storeOf(t, strides(elementTargets.length + i).slice(0, flat.barrier))),
    elementStores: elementTargets.map((t, i) => storeOf(t, strides(i))),
  };
}

/**
 * Values per axis of a shape that differs from the kept axes only by axes of size one, put in the kept axes' order;
 * axes of size one and reduced axes get `neutral`.
 */
function alongKept<T>(
  shape: Shape,
  values: readonly T[],
  kept: Shape,
  axes: readonly number[],
  neutral: T,
): T[] {
  const long = shape.map((n, d) => [n, values[d]!] as const).filter(([n]) => n !== 1);
  let next = 0;
  return [...kept.map((n) => n === 1 ? neutral : long[next++]![1]), ...axes.map(() => neutral)];
}

/** Sorts reductions into phases: one that uses another's result comes in a later phase. */
function phasesOf(
  cluster: Cluster,
  nodes: readonly GraphNode[],
): { phases: Accumulator[][]; renumber: number[] } {
  const depth: number[] = [];
  for (const value of cluster.coreValues) {
    let deepest = -1;
    visit([value], (part) => {
      if (part.op === "acc") deepest = Math.max(deepest, depth[part.value]!);
    });
    depth.push(deepest + 1);
  }
  const phases: Accumulator[][] = [];
  const renumber: number[] = [];
  let number = 0;
  for (let phase = 0; phase <= Math.max(...depth); phase++) {
    phases.push([]);
    for (const [i, core] of cluster.cores.entries()) {
      if (depth[i] !== phase) continue;
      const { op } = nodes[core]!;
      const combine = op.kind === "reduce" ? op.combine : "sum";
      phases[phase]!.push({ combine, value: cluster.coreValues[i]! });
      renumber[i] = number++;
    }
  }
  return { phases, renumber };
}

function emitMatmul(cluster: Cluster, nodes: readonly GraphNode[], placement: Placement): Kernel {
  const [a, b] = cluster.operands as [RawLoad, RawLoad];
  const targets = targetsOver(cluster, nodes, placement);
  const raws = cluster.body.loads;
  const rank = cluster.space.length;
  const batch: Shape = cluster.space.slice(0, rank - 2);
  const lead = batch.length;
  const all: Strided[] = [a, b, ...raws].map((raw) => stridedOf(raw));
  const flat = collapse(
    batch,
    [...all, ...targets].map((access) => ({
      strides: access.strides.slice(0, lead),
      mask: access.mask?.slice(0, lead) ?? null,
    })),
  );
  const rest = (raw: RawLoad, i: number): { strides: number[]; mask: Load["mask"] } => {
    const tail = raw.layout.mask?.slice(lead) ?? null;
    const head = flat.accesses[i]!;
    const mask = raw.layout.mask === null
      ? null
      : [...(head.mask ?? flat.space.map((n) => [0, n] as const)), ...tail!];
    return { strides: [...head.strides, ...raw.layout.strides.slice(lead)], mask };
  };
  return {
    kind: "matmul",
    label: labelOf(cluster, nodes),
    batch: flat.space,
    m: cluster.space[rank - 2]!,
    n: cluster.space[rank - 1]!,
    k: a.layout.shape[rank - 1]!,
    a: loadOf(a, rest(a, 0), placement),
    b: loadOf(b, rest(b, 1), placement),
    loads: raws.map((raw, i) => loadOf(raw, rest(raw, i + 2), placement)),
    stores: targets.map((t, i) =>
      storeOf(t, [...flat.accesses[raws.length + 2 + i]!.strides, ...t.strides.slice(lead)])
    ),
  };
}

function emitConvolution(cluster: Cluster, nodes: readonly GraphNode[], placement: Placement): Kernel {
  const { op } = nodes[cluster.cores[0]!]!;
  const operand = (i: number): { slot: number; dtype: DType; offset: number } => {
    const raw = cluster.operands[i]!;
    return { slot: placement.slotOf(raw.node), dtype: raw.dtype, offset: raw.layout.offset };
  };
  const sizes = (op as Extract<NodeOp, { kind: "conv2d" | "conv2dWeight" }>).sizes;
  const targets = targetsOver(cluster, nodes, placement);
  const common = {
    label: labelOf(cluster, nodes),
    sizes,
    loads: cluster.body.loads.map((raw) =>
      loadOf(raw, { strides: [...raw.layout.strides], mask: raw.layout.mask }, placement)
    ),
    stores: targets.map((t) => storeOf(t, t.strides)),
  };
  return op.kind === "conv2d"
    ? { kind: "conv2d", input: operand(0), weight: operand(1), ...common }
    : { kind: "conv2dWeight", input: operand(0), grad: operand(1), ...common };
}
