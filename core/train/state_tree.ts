import { CheckpointError } from "../errors.ts";
import { Tensor } from "../tensor/mod.ts";
import type { StoredTensor } from "../tensor/safetensors.ts";
import type { Json } from "./callback.ts";

/** A state with its tensors taken out and named. */
export interface SplitState {
  /** The state; a tensor stands there as `{ $tensor: name }`. */
  readonly json: Json;
  readonly tensors: Readonly<Record<string, Tensor | StoredTensor>>;
}

/** Takes the tensors out of a state dict, naming each by its place. */
export function splitState(state: unknown): SplitState {
  const tensors: Record<string, Tensor | StoredTensor> = {};
  const walk = (value: unknown, path: string): Json => {
    if (value instanceof Tensor || isStored(value)) {
      tensors[path] = value;
      return { $tensor: path };
    }
    if (Array.isArray(value)) return value.map((part, index) => walk(part, join(path, String(index))));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).filter(([, part]) => part !== undefined).map((
          [key, part],
        ) => [key, walk(part, join(path, key))]),
      );
    }
    return value as Json;
  };
  return { json: walk(state, ""), tensors };
}

/**
 * Puts tensors, as they were stored, back into a state that {@linkcode splitState} took apart.
 *
 * @throws {CheckpointError} where one is missing.
 */
export function joinState(json: Json, tensors: Readonly<Record<string, StoredTensor>>): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map((part) => joinState(part, tensors));
  const entries = Object.entries(json as Readonly<Record<string, Json>>);
  const [first] = entries;
  if (entries.length !== 1 || first?.[0] !== "$tensor") {
    return Object.fromEntries(entries.map(([key, part]) => [key, joinState(part, tensors)]));
  }
  const name = String(first[1]);
  const stored = tensors[name];
  if (stored !== undefined) return stored;
  throw new CheckpointError(`The checkpoint lacks the tensor "${name}" of a state`, {
    where: "ckpt_path",
    fix: "use a file that was written whole",
  });
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function isStored(value: unknown): value is StoredTensor {
  return typeof value === "object" && value !== null && "data" in value && ArrayBuffer.isView(value.data);
}
