import { dirname } from "node:path";
import type { LoaderState } from "../data/loader.ts";
import { CheckpointError } from "../errors.ts";
import { Tensor } from "../tensor/mod.ts";
import { loadSafetensors, saveSafetensors, type StoredTensor } from "../tensor/safetensors.ts";
import type { Json } from "./callback.ts";
import type { SavedEntry } from "./log_entry.ts";
import type { GeneratorStates } from "./random_state.ts";

/** The format's version; a file of a later one is refused. */
export const CHECKPOINT_VERSION = 1;

/** Where the training loop stands. */
export interface LoopState {
  /** Completed epochs. */
  readonly epoch: number;
  /** Optimizer steps. */
  readonly globalStep: number;
  /** Batches that led to an optimizer step. */
  readonly loggedStep: number;
  /** Batches done in the present epoch. */
  readonly batchesDone: number;
  /** Training batches done in all. */
  readonly batchesTotal: number;
  /** Where between two batches: as `RunState.phase`. */
  readonly phase: "start" | "stepped" | "validated" | "ending" | "cut";
  /** Validation batches, for each loader; absent in files of earlier versions. */
  readonly validationBatches?: readonly number[];
}

/** What a checkpoint holds beside tensors. */
export interface CheckpointContent {
  readonly version: number;
  readonly loop: LoopState;
  /** States of callbacks, by state key. */
  readonly callbacks: Readonly<Record<string, Json>>;
  /** One entry per optimizer: its groups and the numbers of its state. */
  readonly optimizers: readonly Json[];
  readonly schedulers: readonly Json[];
  readonly generators: GeneratorStates;
  /** Places in the data; `null` where a loader keeps none. */
  readonly loaders: { readonly train: LoaderState | null; readonly val: readonly (LoaderState | null)[] };
  /** What training has logged in the present epoch. */
  readonly log: Readonly<Record<string, SavedEntry>>;
  /** What `onSaveCheckpoint` hooks added. */
  readonly added: Readonly<Record<string, Json>>;
  /** Metrics read so far, which a plateau scheduler may still have to see. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** A checkpoint as it was read. */
export interface Checkpoint {
  /** Parameters and buffers under torch's names. */
  readonly weights: Readonly<Record<string, StoredTensor>>;
  /** Tensors of optimizers, callbacks and metrics, under dotted names. */
  readonly extras: Readonly<Record<string, StoredTensor>>;
  /** `null` where the file holds weights alone, such as one written by another program. */
  readonly content: CheckpointContent | null;
}

const CONTENT_KEY = "fulgur";
/** Stands before the names of tensors that are no weights; torch's names never begin so. */
const EXTRA_PREFIX = "@";

/**
 * Writes a checkpoint: one safetensors file that appears whole or not at all.
 *
 * This waits for the device, once for all tensors.
 *
 * @param content `null` for weights alone.
 * @throws {CheckpointError} where the file cannot be written.
 */
export async function writeCheckpoint(
  path: string,
  weights: Readonly<Record<string, Tensor>>,
  extras: Readonly<Record<string, Tensor | StoredTensor>>,
  content: CheckpointContent | null,
): Promise<void> {
  const named: [string, Tensor | StoredTensor][] = [
    ...Object.entries(weights),
    ...Object.entries(extras).map(([name, value]) =>
      [EXTRA_PREFIX + name, value] as [string, Tensor | StoredTensor]
    ),
  ];
  const tensors = Object.fromEntries(
    await Promise.all(named.map(async ([name, value]) => {
      const data = value instanceof Tensor ? await value.data() : value.data;
      return [name, { dtype: value.dtype, shape: value.shape, data }] as const;
    })),
  );
  const metadata = { format: "pt", ...(content === null ? {} : { [CONTENT_KEY]: encodeJson(content) }) };
  await Deno.mkdir(dirname(path), { recursive: true });
  await saveSafetensors(path, tensors, metadata);
}

/**
 * Reads a checkpoint, or any safetensors file as weights.
 *
 * @throws {CheckpointError} where the file is missing, truncated, garbled, or of a later version.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const where = `ckpt_path=${path}`;
  let file: Awaited<ReturnType<typeof loadSafetensors>>;
  try {
    file = await loadSafetensors(path);
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    throw new CheckpointError(cause.what, { where, fix: cause.fix, cause });
  }
  const weights: Record<string, StoredTensor> = {};
  const extras: Record<string, StoredTensor> = {};
  for (const [name, value] of Object.entries(file.tensors)) {
    if (name.startsWith(EXTRA_PREFIX)) extras[name.slice(EXTRA_PREFIX.length)] = value;
    else weights[name] = value;
  }
  const text = file.metadata[CONTENT_KEY];
  if (text === undefined) return { weights, extras, content: null };
  const content = decodeContent(text, where);
  if (content.version > CHECKPOINT_VERSION) {
    throw new CheckpointError(
      `The checkpoint has version ${content.version}; this program reads ${CHECKPOINT_VERSION}`,
      {
        where,
        fix: "use the program that wrote it, or a later one",
      },
    );
  }
  return { weights, extras, content };
}

function decodeContent(text: string, where: string): CheckpointContent {
  let content: unknown;
  let cause: unknown;
  try {
    content = decodeJson(text);
  } catch (error) {
    cause = error;
  }
  if (typeof (content as Partial<CheckpointContent> | null | undefined)?.version === "number") {
    return content as CheckpointContent;
  }
  throw new CheckpointError("The checkpoint's metadata are garbled: the state of the run cannot be read", {
    where,
    fix: "take another checkpoint of the run",
    cause,
  });
}

/** JSON with NaN and the infinities, which plain JSON would turn into `null`. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) => typeof part === "number" && !Number.isFinite(part) ? { $float: String(part) } : part,
  );
}

/** Reads what {@linkcode encodeJson} wrote. */
export function decodeJson(text: string): unknown {
  return JSON.parse(
    text,
    (_, part) =>
      typeof part === "object" && part !== null && typeof part.$float === "string"
        ? Number(part.$float)
        : part,
  );
}
