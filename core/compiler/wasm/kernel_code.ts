import type { WasmLaunch } from "../../runtime/cpu/launch.ts";
import type { Expr } from "../expr.ts";
import { describeLoad, describeStore, type LoadPlan, type StorePlan } from "./access.ts";
import { encodeModule, type FunctionBody } from "./assembler.ts";
import type { Block } from "./block.ts";

/** A kernel's code: what it depends on, and how it is generated. */
export interface KernelCode {
  readonly label: string;
  /** The kind of kernel and whatever is built into its code beside its loads, stores and scalars. */
  readonly form: string;
  readonly loads: readonly LoadPlan[];
  readonly stores: readonly StorePlan[];
  /** Dynamic scalars with their words. */
  readonly scalars: readonly (readonly [Expr, number])[];
  /** Generates the functions; the last one runs a chunk. */
  readonly generate: () => readonly FunctionBody[];
  readonly chunks: number;
  /** Rough time of all chunks on one core. */
  readonly nanoseconds: number;
}

const modules = new Map<string, Uint8Array<ArrayBuffer>>();

/** The launch of a kernel with its block of parameters. Equal code is generated once. */
export function launchOf(block: Block, code: KernelCode): WasmLaunch {
  const key = [
    code.form,
    code.loads.map(describeLoad).join(),
    code.stores.map(describeStore).join(),
    code.scalars.map(([, word]) => word).join(),
  ].join("|");
  let module = modules.get(key);
  if (module === undefined) {
    module = encodeModule(code.generate());
    modules.set(key, module);
  }
  return {
    kind: "wasm",
    label: code.label,
    key,
    module,
    pointers: block.pointers,
    words: block.words,
    scalars: block.scalars,
    chunks: code.chunks,
    nanoseconds: code.nanoseconds,
    workspaceBytes: 0,
  };
}
