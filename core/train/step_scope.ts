import type { Batch } from "../batch.ts";
import { MisconfigurationError } from "../errors.ts";
import { showValue } from "../options.ts";
import { enqueueAssigns, lendingScope } from "../tensor/step.ts";
import { profiled } from "./profiler.ts";
import type { RunState } from "./run_state.ts";
import { requireSynchronous } from "./synchronous.ts";

/** Takes the next batch into the step's scope and through the transfer hooks of the datamodule or the module; `null` at the end. */
export function transfer(run: RunState, iterator: Iterator<Batch>, label: string): Batch | null {
  const next = profiled(run.profiler, label, () => iterator.next());
  if (next.done) return null;
  let batch = next.value;
  requireBatch(batch, "the loader");
  for (const hook of ["onBeforeBatchTransfer", "onAfterBatchTransfer"] as const) {
    const owner = run.dataModule?.[hook] === undefined ? run.module : run.dataModule;
    if (owner[hook] === undefined) continue;
    const changed: unknown = owner[hook](batch);
    requireSynchronous(hook, changed, hook);
    batch = (changed ?? batch) as Batch;
    requireBatch(batch, hook);
  }
  run.batch = batch;
  return batch;
}

function requireBatch(batch: unknown, from: string): void {
  if (typeof batch === "object" && batch !== null) return;
  throw new MisconfigurationError(`${from} gave ${showValue(batch)}, which is no batch`, {
    where: from,
    fix: "give an object of names and tensors: { x, y }",
  });
}

/** Under a profiler, runs what a batch has recorded as an action of its own; else the scope's end does. */
export function executeProfiled({ profiler }: RunState): void {
  if (profiler !== null) profiled(profiler, "[Device].execute", enqueueAssigns);
}

/** Runs a batch in one scope and waits for its hooks; what they were given lives until they are through. */
export async function batchScope<T>(run: RunState, fn: () => T): Promise<T> {
  const { result, end } = lendingScope(fn);
  try {
    await run.settle();
  } finally {
    end();
  }
  return result;
}

const BREATH_MS = 50;
let lastBreathMs = 0;

/** Lets timers and signals in now and then; steps alone would keep the event loop from ever turning. */
export async function breathe(): Promise<void> {
  if (performance.now() - lastBreathMs < BREATH_MS) return;
  await new Promise((resolve) => setTimeout(resolve, 0));
  lastBreathMs = performance.now();
}
