import { FulgurError } from "../errors.ts";
import type { Device, DeviceBuffer, Executable } from "../runtime/device.ts";
import type { GraphNode, Storage } from "./graph.ts";
import type { Program } from "./kernel.ts";
import { type Binding, plan } from "./plan.ts";

/** Turns a device-independent program into that device's executable. */
export type Lower = (device: Device, program: Program) => Executable;

/** A planned and compiled program, found again by its structure. */
export interface Schedule {
  /** Captured steps that replay it; while there are any, the cache keeps it. */
  holders: number;
  readonly hash: number;
  readonly key: Int32Array;
  readonly executable: Executable;
  readonly bindings: readonly Binding[];
  readonly scalars: readonly number[];
}

/** A recorded graph in topological order, with its structural key. */
export interface Numbered {
  readonly nodes: GraphNode[];
  readonly storages: Storage[];
  readonly key: Int32Array;
  readonly hash: number;
}

let epoch = 0;

/**
 * Numbers the nodes that `roots` need. The key holds every node's signature and operand numbers; memory enters
 * it by order of first use, so the same step recorded again has the same key.
 */
export function number(roots: readonly GraphNode[], extra: readonly GraphNode[]): Numbered {
  epoch++;
  const nodes: GraphNode[] = [];
  const storages: Storage[] = [];
  const key: number[] = [];
  let hash = 0x811c9dc5;
  const push = (value: number): void => {
    key.push(value);
    hash = Math.imul(hash ^ value, 0x01000193);
  };
  const storageNumber = (storage: Storage): number => {
    let found = storages.indexOf(storage);
    if (found < 0) found = storages.push(storage) - 1;
    return found;
  };
  const finish = (node: GraphNode): void => {
    node.local = nodes.length;
    nodes.push(node);
    push(node.sig);
    for (const operand of node.inputs) push(operand.local);
    const { op } = node;
    if (op.kind === "storage" || op.kind === "assign") push(-1 - storageNumber(op.storage));
  };
  const visit = (root: GraphNode): void => {
    if (root.epoch === epoch) return;
    const path = [root];
    const next = [0];
    root.epoch = epoch;
    while (path.length > 0) {
      const top = path.length - 1;
      const node = path[top]!;
      const operand = node.inputs[next[top]!++];
      if (operand === undefined) {
        finish(node);
        path.pop();
        next.pop();
      } else if (operand.epoch !== epoch) {
        operand.epoch = epoch;
        path.push(operand);
        next.push(0);
      }
    }
  };
  for (const root of roots) visit(root);
  for (const root of extra) visit(root);
  for (const root of roots) push(root.local);
  return { nodes, storages, key: Int32Array.from(key), hash };
}

/** Schedules that a device keeps: steps whose shapes go on changing would otherwise fill its memory. */
const MOST_SCHEDULES = 512;

/** Compiled schedules of one device, by structure; those used longest ago are dropped when there are too many. */
export class ScheduleCache {
  readonly #byHash = new Map<number, Schedule[]>();
  /** All of them, the one used last at the end. */
  readonly #byUse = new Set<Schedule>();
  /** Schedules compiled so far. */
  compiled = 0;

  constructor(private readonly device: Device, private readonly lower: Lower) {}

  /** The schedule for a numbered graph, planned and compiled where it is new. */
  find(numbered: Numbered, roots: readonly GraphNode[]): Schedule {
    let schedule = this.#byHash.get(numbered.hash)?.find((s) => sameKey(s.key, numbered.key));
    if (schedule === undefined) {
      schedule = this.#compile(numbered, roots);
      const bucket = this.#byHash.get(schedule.hash);
      if (bucket === undefined) this.#byHash.set(schedule.hash, [schedule]);
      else bucket.push(schedule);
    }
    this.#byUse.delete(schedule);
    this.#byUse.add(schedule);
    if (this.#byUse.size > MOST_SCHEDULES) this.#dropOldest();
    return schedule;
  }

  #compile(numbered: Numbered, roots: readonly GraphNode[]): Schedule {
    const rootNumbers = [...new Set(roots.map((r) => r.local))];
    const planned = plan(numbered.nodes, rootNumbers, this.device.traits);
    this.compiled++;
    return {
      holders: 0,
      hash: numbered.hash,
      key: numbered.key,
      executable: this.lower(this.device, planned.program),
      bindings: planned.bindings,
      scalars: planned.scalars,
    };
  }

  #dropOldest(): void {
    for (const schedule of this.#byUse) {
      if (schedule.holders > 0) continue;
      this.#byUse.delete(schedule);
      const rest = this.#byHash.get(schedule.hash)!.filter((s) => s !== schedule);
      if (rest.length === 0) this.#byHash.delete(schedule.hash);
      else this.#byHash.set(schedule.hash, rest);
      schedule.executable.dispose();
      return;
    }
  }

  /** Drops every schedule. */
  clear(): void {
    for (const schedule of this.#byUse) schedule.executable.dispose();
    this.#byHash.clear();
    this.#byUse.clear();
  }
}

function sameKey(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A schedule with the memory of a numbered graph. */
export interface Bound {
  readonly schedule: Schedule;
  readonly nodes: readonly GraphNode[];
  readonly buffers: readonly DeviceBuffer[];
  /** New memory for each output binding, by local number. */
  readonly outputs: ReadonlyMap<number, DeviceBuffer>;
}

/**
 * Finds and makes the memory that a schedule needs for a numbered graph. Nothing has run yet.
 *
 * @throws {FulgurError} for a value of memory that holds another version by now.
 */
export function bindSchedule(schedule: Schedule, nodes: readonly GraphNode[], device: Device): Bound {
  const outputs = new Map<number, DeviceBuffer>();
  try {
    const buffers = schedule.bindings.map((binding): DeviceBuffer => {
      if (binding.kind === "node") return memoryFor(nodes[binding.node]!, device);
      const buffer = device.allocate(binding.bytes);
      outputs.set(binding.node, buffer);
      return buffer;
    });
    return { schedule, nodes, buffers, outputs };
  } catch (error) {
    for (const buffer of outputs.values()) device.free(buffer);
    throw error;
  }
}

/** Enqueues a schedule. */
export function runSchedule({ schedule, nodes, buffers }: Bound): void {
  const scalars = schedule.scalars.map((local) => {
    const { op } = nodes[local]!;
    return op.kind === "scalar" ? op.read() : 0;
  });
  schedule.executable.run(buffers, scalars);
}

function memoryFor(node: GraphNode, device: Device): DeviceBuffer {
  const { op } = node;
  if (op.kind === "assign") return op.storage.on(device);
  if (op.kind !== "storage") return node.on(device);
  if (op.version > op.storage.settledVersion) {
    throw new FulgurError("A value is computed from an update that could not be carried out", {
      where: node.label,
      fix: "mend what failed before, and record the step again",
    });
  }
  if (op.version !== op.storage.settledVersion) {
    throw new FulgurError("A value is computed from memory that has been overwritten since", {
      where: node.label,
      fix: "read or keep() the value before the update, or do both in one scope",
    });
  }
  return op.storage.on(device);
}
