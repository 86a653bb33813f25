import type { Batch } from "../batch.ts";
import { enqueueAssigns } from "../tensor/step.ts";
import { profiled } from "./profiler.ts";
import type { RunState } from "./run_state.ts";

/** Takes the next batch into the step's scope and through the module's transfer hooks; `null` at the end. */
export function transfer(run: RunState, iterator: Iterator<Batch>, label: string): Batch | null {
  const next = profiled(run.profiler, label, () => iterator.next());
  if (next.done) return null;
  const { module } = run;
  let batch = next.value;
  if (module.onBeforeBatchTransfer !== undefined) batch = module.onBeforeBatchTransfer(batch);
  if (module.onAfterBatchTransfer !== undefined) batch = module.onAfterBatchTransfer(batch);
  run.batch = batch;
  return batch;
}

/** Under a profiler, runs what a batch has recorded as an action of its own; else the scope's end does. */
export function executeProfiled({ profiler }: RunState): void {
  if (profiler !== null) profiled(profiler, "[Device].execute", enqueueAssigns);
}

const BREATH_MS = 50;
let lastBreathMs = 0;

/** Lets timers and signals in now and then; steps alone would keep the event loop from ever turning. */
export async function breathe(): Promise<void> {
  if (performance.now() - lastBreathMs < BREATH_MS) return;
  await new Promise((resolve) => setTimeout(resolve, 0));
  lastBreathMs = performance.now();
}
