import { DeviceError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import type { GraphNode, Storage } from "../compiler/graph.ts";
import { isLeaf } from "../compiler/buffered.ts";
import {
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
 * Whether a value is computed from memory that a waiting assign overwrites: it has to be computed now or never.
 *
 * @param known Answers found so far, for one realize.
 */
export function readsOverwritten(node: GraphNode, known: Map<GraphNode, boolean>): boolean {
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
      known.set(
        top,
        isOverwritten(top) || top.inputs.some((operand) => known.get(operand)),
      );
    }
  }
  return known.get(node)!;
}

function isOverwritten({ op }: GraphNode): boolean {
  return (op.kind === "storage" || op.kind === "assign") && op.version < op.storage.lastVersion;
}

/** Enqueues the computation of `roots` and of every waiting assign, as one submit. Does not wait. */
export function realizeNodes(roots: readonly GraphNode[]): void {
  const wanted = [...new Set(roots)].filter((node) => !isLeaf(node));
  if (wanted.length === 0 && pendingAssigns.length === 0) return;
  const { device, cache } = currentEngine();
  const numbered = number(wanted, pendingAssigns);
  const schedule = cache.find(numbered, wanted);
  const outputs = runSchedule(schedule, numbered.nodes, device);
  observer?.({ schedule, numbered });
  for (const root of wanted) {
    const buffer = outputs.get(root.local);
    if (buffer !== undefined) root.settle({ device, buffer });
  }
  settleAssigns();
}

function settleAssigns(): void {
  const storages = new Set<Storage>();
  for (const node of pendingAssigns) if (node.op.kind === "assign") storages.add(node.op.storage);
  for (const storage of storages) storage.settle();
  for (const node of pendingAssigns) {
    if (node.op.kind !== "assign") continue;
    const { storage, version } = node.op;
    node.dropInputs();
    node.op = { kind: "storage", storage, version };
    node.sig = storage.current.sig;
  }
  pendingAssigns = [];
}
