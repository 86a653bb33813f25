import { applyMoves, type Move } from "./moves.ts";
import { cost, height } from "./expr.ts";
import type { GraphNode } from "./graph.ts";
import { isPacked, type Layout, packed } from "../runtime/layout.ts";

/** Above this price an expression is computed once into memory rather than in each kernel that needs it. */
const RECOMPUTE_COST = 12;

/** Expressions of a kernel that are deeper than this are cut: walking through them would exhaust the stack. */
const DEEPEST = 256;

/** Whether a node lies in memory before the schedule runs. */
export function isLeaf(node: GraphNode): boolean {
  return node.op.kind === "source" || node.op.kind === "storage";
}

/** Whether a node is a kernel of its own kind. */
export function isStructural(node: GraphNode): boolean {
  const { kind } = node.op;
  return kind === "reduce" || kind === "matmul" || kind === "conv2d" || kind === "conv2dWeight";
}

/**
 * Decides which values lie in memory: leaves, structural results, roots, operands that kernels address themselves,
 * and elementwise values that are too dear to compute in every kernel that needs them. The rest is computed
 * inside its consumers.
 *
 * @param nodes In topological order; `local` is the index.
 * @param forced Nodes that an earlier attempt found to need memory.
 */
export function chooseBuffered(
  nodes: readonly GraphNode[],
  roots: readonly number[],
  forced: ReadonlySet<number>,
): boolean[] {
  const buffered = nodes.map((node) =>
    isLeaf(node) || isStructural(node) || node.op.kind === "assign" || forced.has(node.local)
  );
  for (const root of roots) buffered[root] = true;
  for (const node of nodes) {
    if (node.op.kind === "matmul" || node.op.kind === "conv2d" || node.op.kind === "conv2dWeight") {
      for (const operand of node.inputs) demandOperand(operand, buffered, node.op.kind !== "matmul");
    } else if (node.op.kind === "gather") {
      for (const operand of node.inputs) demandOperand(operand, buffered, false);
    }
  }
  cutDeep(nodes, buffered);
  const users = nodes.map((): number[] => []);
  for (const node of nodes) for (const operand of node.inputs) users[operand.local]!.push(node.local);
  const prices = priceOf(nodes, buffered);
  const consumers = nodes.map((): Set<number> => new Set());
  for (let i = nodes.length - 1; i >= 0; i--) {
    for (const user of users[i]!) {
      if (buffered[user]) consumers[i]!.add(user);
      else for (const c of consumers[user]!) consumers[i]!.add(c);
    }
    const node = nodes[i]!;
    if (buffered[i] || node.op.kind !== "elementwise" || consumers[i]!.size < 2) continue;
    if (!prices[i]!.memory) continue;
    if (
      prices[i]!.cost > RECOMPUTE_COST || isFreeEpilogue(node, users) || isSmallResult(node, users, nodes)
    ) {
      buffered[i] = true;
    }
  }
  return buffered;
}

/** What a kernel addresses by itself: a node's memory, and how it is seen. */
export interface Seen {
  readonly base: GraphNode;
  /** `null` where no strides can say it. */
  readonly layout: Layout | null;
}

/** Follows views down to the first node that is none, or that lies in memory. */
export function seenBase(node: GraphNode, buffered: readonly boolean[]): Seen {
  const moves: Move[] = [];
  let base = node;
  while (base.op.kind === "view" && !buffered[base.local]) {
    moves.unshift(base.op.move);
    base = base.inputs[0]!;
  }
  return { base, layout: applyMoves(packed(base.shape), moves) };
}

/** An operand that a kernel addresses itself must be a view of memory, packed for convolutions. */
function demandOperand(node: GraphNode, buffered: boolean[], mustBePacked: boolean): void {
  const { base, layout } = seenBase(node, buffered);
  if (layout === null || layout.mask !== null || (mustBePacked && !isPacked(layout))) {
    buffered[node.local] = true;
  } else {
    buffered[base.local] = true;
  }
}

/** Puts values of long chains into memory, so that none is computed from too many others at once. */
function cutDeep(nodes: readonly GraphNode[], buffered: boolean[]): void {
  const depths: number[] = [];
  for (const { local, op, inputs } of nodes) {
    let below = 0;
    for (const operand of inputs) {
      if (!buffered[operand.local]) below = Math.max(below, depths[operand.local]!);
    }
    depths[local] = below + (op.kind === "elementwise" ? height(op.expr) : 1);
    if (depths[local]! > DEEPEST && below > 0 && op.kind === "elementwise") buffered[local] = true;
  }
}

interface Price {
  /** Cost of computing one element from memory. */
  readonly cost: number;
  /** Whether any memory is read. */
  readonly memory: boolean;
}

function priceOf(nodes: readonly GraphNode[], buffered: readonly boolean[]): Price[] {
  const prices: Price[] = [];
  for (const node of nodes) {
    const { op } = node;
    if (buffered[node.local]) {
      prices.push({ cost: 0, memory: true });
    } else if (op.kind === "elementwise" || op.kind === "view") {
      let total = op.kind === "elementwise" ? cost(op.expr) : 0;
      let memory = false;
      for (const operand of new Set(node.inputs)) {
        total += prices[operand.local]!.cost;
        memory ||= prices[operand.local]!.memory;
      }
      prices.push({ cost: total, memory });
    } else {
      prices.push({ cost: 0, memory: op.kind === "gather" });
    }
  }
  return prices;
}

/** An elementwise value on a structural result that nothing else reads is stored by that kernel at no cost. */
function isFreeEpilogue(node: GraphNode, users: readonly (readonly number[])[]): boolean {
  return node.inputs.some((operand) => isStructural(operand) && users[operand.local]!.length === 1);
}

/** The node that views look at. */
function seenThrough(node: GraphNode): GraphNode {
  return node.op.kind === "view" ? seenThrough(node.inputs[0]!) : node;
}

/** A value computed from reduced results that larger kernels read many times over. */
function isSmallResult(
  node: GraphNode,
  users: readonly (readonly number[])[],
  nodes: readonly GraphNode[],
): boolean {
  if (!node.inputs.some((operand) => seenThrough(operand).op.kind === "reduce")) return false;
  return users[node.local]!.some((user) => nodes[user]!.size > node.size * 2);
}
