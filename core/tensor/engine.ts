import { DeviceError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import type { GraphNode, Storage } from "../compiler/graph.ts";
import { isLeaf } from "../compiler/buffered.ts";
import {
  bindSchedule,
  type Bound,
  type Lower,
  number,
  type Numbered,
  runSchedule,
  type Schedule,
  ScheduleCache,
} from "../compiler/schedule.ts";

/** A device with the schedules compiled for it. */
interface Engine {
  readonly device: Device;
  readonly cache: ScheduleCache;
}

/** What one realize did: a captured step replays it. */
export interface Realized {
  readonly schedule: Schedule;
  readonly numbered: Numbered;
}

let engine: Engine | null = null;
const engines = new Map<Device, Engine>();
let pendingAssigns: GraphNode[] = [];
let observer: ((realized: Realized) => void) | null = null;

/**
 * Makes a device the one that recorded work runs on.
 *
 * @param lower How programs become executables of that device.
 */
export function useDevice(device: Device, lower: Lower): void {
  let known = engines.get(device);
  if (known === undefined) {
    known = { device, cache: new ScheduleCache(device, lower) };
    engines.set(device, known);
  }
  engine = known;
}

/** The current device, or `null` before `init`. */
export function deviceInUse(): Device | null {
  return engine?.device ?? null;
}

/**
 * The current device.
 *
 * @throws {DeviceError} before `await init()`.
 */
export function currentDevice(): Device {
  return currentEngine().device;
}

/** Schedules compiled for the current device so far. */
export function schedulesCompiled(): number {
  return engine?.cache.compiled ?? 0;
}

function currentEngine(): Engine {
  if (engine === null) {
    throw new DeviceError("No device is open", {
      where: "realize",
      fix: "call await init() first; await tensor.data() does it by itself",
    });
  }
  return engine;
}

/** Forgets a device and its schedules. */
export function dropDevice(device: Device): void {
  engines.get(device)?.cache.clear();
  engines.delete(device);
  if (engine?.device === device) engine = null;
}

/** Remembers a recorded assign: the next realize carries it out. */
export function addPendingAssign(node: GraphNode): void {
  pendingAssigns.push(node);
}

/** Recorded assigns that wait to be carried out. */
export function pendingAssignCount(): number {
  return pendingAssigns.length;
}

/** Carries out the waiting assigns, if there are any. */
export function flushAssigns(): void {
  if (pendingAssigns.length > 0) realizeNodes([]);
}

/** Calls `see` with everything that is realized while `fn` runs. */
export function observeRealize<T>(see: NonNullable<typeof observer>, fn: () => T): T {
  const outer = observer;
  observer = see;
  try {
    return fn();
  } finally {
    observer = outer;
  }
}

/**
 * What a value is computed from: memory that stays (`fresh`), memory that a waiting assign overwrites (`stale`), or
 * memory that holds another version already, from which nothing can be computed any more (`void`).
 */
export type Reads = "fresh" | "stale" | "void";

/**
 * Whether a value is computed from memory that a waiting assign overwrites: it has to be computed now or never.
 *
 * @param known Answers found so far, for one realize.
 */
export function readsOverwritten(node: GraphNode, known: Map<GraphNode, Reads>): boolean {
  const path = [node];
  while (path.length > 0) {
    const top = path[path.length - 1]!;
    const open = known.has(top) ? undefined : top.inputs.find((operand) => !known.has(operand));
    if (open !== undefined) {
      path.push(open);
      continue;
    }
    path.pop();
    if (!known.has(top)) {
      known.set(top, worst(ownReads(top), top.inputs, known));
    }
  }
  return known.get(node) === "stale";
}

function worst(own: Reads, inputs: readonly GraphNode[], known: ReadonlyMap<GraphNode, Reads>): Reads {
  if (own === "void" || inputs.some((operand) => known.get(operand) === "void")) return "void";
  return own === "stale" || inputs.some((operand) => known.get(operand) === "stale") ? "stale" : "fresh";
}

function ownReads({ op }: GraphNode): Reads {
  if (op.kind !== "storage" && op.kind !== "assign") return "fresh";
  if (op.kind === "storage" && op.version !== op.storage.settledVersion) return "void";
  return op.version < op.storage.lastVersion ? "stale" : "fresh";
}

/** A schedule that is ready to run, and the values that it gives. */
interface Ready {
  readonly wanted: readonly GraphNode[];
  readonly numbered: Numbered;
  readonly bound: Bound;
}

/**
 * Enqueues the computation of `roots` and of every waiting assign, as one submit. Does not wait.
 *
 * Where that fails, what waited beside the roots is carried out without them if it can be; assigns that cannot be are
 * dropped, so that the memory keeps its last version and later work goes on.
 *
 * @param living Values that waiting assigns would destroy: computed too, unless they are what fails.
 */
export function realizeNodes(roots: readonly GraphNode[], living: readonly GraphNode[] = []): void {
  if (pendingAssigns.length === 0 && roots.every(isLeaf)) return;
  const current = currentEngine();
  const failure = attempt(current, [...roots, ...living]);
  if (failure === null) return;
  // Nobody has asked for the living values: they are lost where they alone cannot be computed.
  if (living.length > 0 && pendingAssigns.length > 0 && attempt(current, roots) === null) return;
  for (const rest of [living, []]) if (pendingAssigns.length > 0) attempt(current, rest);
  dropAssigns();
  throw failure.error;
}

/** Carries out roots and waiting assigns, or says why not; assigns that were begun are no longer waiting then. */
function attempt(current: Engine, roots: readonly GraphNode[]): { readonly error: unknown } | null {
  try {
    carryOut(current, roots);
    return null;
  } catch (error) {
    return { error };
  }
}

function carryOut(current: Engine, roots: readonly GraphNode[]): void {
  const ready = prepare(current, roots);
  try {
    runSchedule(ready.bound);
  } catch (error) {
    // Memory may be half written: the assigns cannot be tried again.
    dropAssigns();
    throw error;
  }
  observer?.({ schedule: ready.bound.schedule, numbered: ready.numbered });
  const { device } = current;
  for (const root of ready.wanted) {
    const buffer = ready.bound.outputs.get(root.local);
    if (buffer !== undefined) root.settle({ device, buffer });
  }
  settleAssigns();
}

function prepare({ device, cache }: Engine, roots: readonly GraphNode[]): Ready {
  const wanted = [...new Set(roots)].filter((node) => !isLeaf(node));
  const numbered = number(wanted, pendingAssigns);
  const bound = bindSchedule(cache.find(numbered, wanted), numbered.nodes, device);
  return { wanted, numbered, bound };
}

function storagesOf(assigns: readonly GraphNode[]): Set<Storage> {
  const storages = new Set<Storage>();
  for (const { op } of assigns) if (op.kind === "assign") storages.add(op.storage);
  return storages;
}

function settleAssigns(): void {
  for (const storage of storagesOf(pendingAssigns)) storage.settle();
  forgetAssigns();
}

/** Gives up the waiting assigns: their storages keep what memory holds, and what was computed from them is void. */
function dropAssigns(): void {
  for (const storage of storagesOf(pendingAssigns)) storage.rollBack();
  forgetAssigns();
}

function forgetAssigns(): void {
  for (const node of pendingAssigns) {
    if (node.op.kind !== "assign") continue;
    const { storage, version } = node.op;
    node.dropInputs();
    node.op = { kind: "storage", storage, version };
    node.sig = storage.current.sig;
  }
  pendingAssigns = [];
}
