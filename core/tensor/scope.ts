import {
  addPendingAssign,
  deviceInUse,
  pendingAssignCount,
  type Reads,
  readsOverwritten,
  realizeNodes,
} from "./engine.ts";
import { isLeaf } from "../compiler/buffered.ts";
import type { GraphNode } from "../compiler/graph.ts";
import type { Tensor } from "./tensor.ts";

/** What a scope has to know of a tensor. */
export interface Frame {
  readonly tensors: Tensor[];
  /** Those that outlive the scope until the loan ends. */
  readonly lent: Set<Tensor>;
}

const frames: Frame[] = [];
/** Tensors made outside every scope and not computed yet, as long as somebody holds them. */
const loose = new Set<WeakRef<Tensor>>();

/** Memory of values that no scope owns goes back when their tensors are collected. */
const collected: FinalizationRegistry<GraphNode> = new FinalizationRegistry((node) => node.release());

/** Registers a new tensor with the innermost scope. Tells whether there is none, so that the collector owns it. */
export function register(tensor: Tensor, node: GraphNode): boolean {
  if (frames.length > 0) {
    frames[frames.length - 1]!.tensors.push(tensor);
    return false;
  }
  collected.register(tensor, node, tensor);
  if (!isLeaf(node)) loose.add(new WeakRef(tensor));
  return true;
}

/** Forgets a tensor that the collector owned and whose memory was freed by hand. */
export function unregister(tensor: Tensor): void {
  collected.unregister(tensor);
}

/** Tensors that are alive, not computed yet, and may be read later. */
function* living(): Generator<GraphNode> {
  for (const frame of frames) {
    for (const { recorded } of frame.tensors) if (recorded !== null && !isLeaf(recorded)) yield recorded;
  }
  for (const ref of loose) {
    const node = ref.deref()?.recorded ?? null;
    if (node === null || isLeaf(node)) loose.delete(ref);
    else yield node;
  }
}

/** Realizes nodes together with waiting assigns; values that those assigns would destroy are computed too. */
export function realizeWithLiving(roots: readonly GraphNode[]): void {
  if (pendingAssignCount() === 0) return realizeNodes(roots);
  const known = new Map<GraphNode, Reads>();
  const stale: GraphNode[] = [];
  for (const node of living()) if (readsOverwritten(node, known)) stale.push(node);
  realizeNodes(roots, stale);
}

/** Updates that may wait outside every scope: a loop without one is cut into steps of this many. */
const MOST_PENDING = 64;

/** Remembers an update for the next realize; where nothing else would end the step, many of them end it. */
export function recordAssign(node: GraphNode): void {
  addPendingAssign(node);
  const isLoose = frames.length === 0 && deviceInUse() !== null;
  if (isLoose && pendingAssignCount() >= MOST_PENDING) realizeWithLiving([]);
}

/** Every tensor in a value: itself, or in arrays, maps and plain objects. */
export function tensorsIn(value: unknown, isTensor: (x: unknown) => x is Tensor, found: Set<Tensor>): void {
  if (isTensor(value)) {
    found.add(value);
  } else if (Array.isArray(value)) {
    for (const item of value) tensorsIn(item, isTensor, found);
  } else if (value instanceof Map) {
    for (const item of value.values()) tensorsIn(item, isTensor, found);
  } else if (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  ) {
    for (const item of Object.values(value)) tensorsIn(item, isTensor, found);
  }
}

/** Opens a scope; everything made from now on belongs to it. */
export function openScope(): Frame {
  const frame: Frame = { tensors: [], lent: new Set() };
  frames.push(frame);
  return frame;
}

/** The scope that is open and has no other inside, or `null`. */
export function innermostScope(): Frame | null {
  return frames.at(-1) ?? null;
}

/** Closes a scope: enqueues what is kept, hands it to the outer scope, frees the rest. */
export function closeScope(frame: Frame, kept: ReadonlySet<Tensor>): void {
  const index = frames.lastIndexOf(frame);
  frames.splice(index, 1);
  const dropped: Tensor[] = [];
  const surviving: Tensor[] = [];
  for (const tensor of frame.tensors) {
    if (kept.has(tensor) || tensor.isKept || frame.lent.has(tensor)) surviving.push(tensor);
    else dropped.push(tensor);
  }
  const nodes = surviving.map((t) => t.recorded).filter((n) => n !== null);
  try {
    realizeWithLiving(nodes);
  } finally {
    for (const tensor of dropped) tensor.dispose();
    for (const tensor of surviving) {
      tensor.forgetHistory();
      tensor.enter();
    }
  }
}

/** Closes a scope after an error: frees everything made in it. */
export function abandonScope(frame: Frame): void {
  frames.splice(frames.lastIndexOf(frame), 1);
  for (const tensor of frame.tensors) tensor.dispose();
}
