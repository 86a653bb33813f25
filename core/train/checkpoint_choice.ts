import { join } from "node:path";
import { CheckpointError, MisconfigurationError } from "../errors.ts";
import { type Callback, type CheckpointCallback, isCheckpointCallback } from "./callback.ts";
import type { RunState } from "./run_state.ts";

/** The first callback that writes checkpoints. */
export function checkpointCallback(callbacks: readonly Callback[]): CheckpointCallback | null {
  return callbacks.find(isCheckpointCallback) ?? null;
}

/**
 * The file that a `ckpt_path` means: a path, `"best"`, `"last"`, or none.
 *
 * `"last"` without such a file starts anew in `fit`, and uses the present weights of a model that was trained.
 *
 * @throws {MisconfigurationError} for `"best"` where there is no best file, and for `"last"` where no file is and the
 * weights are as they were drawn: numbers of those would pass for a result.
 */
export function chooseCheckpoint(run: RunState, path: string | null, stage: string): string | null {
  if (path === null || (path !== "best" && path !== "last")) return path;
  const callback = checkpointCallback(run.callbacks);
  if (path === "last") {
    const last = callback?.lastModelPath || lastFileIn(run, callback);
    if (last !== null && last !== "") return last;
    if (stage !== "fit" && run.globalStep === 0) throw nothingToTest(stage);
    run.print('ckpt_path="last" is set, but there is no last checkpoint. No checkpoint will be loaded.');
    return null;
  }
  const reason = run.settings.fastDevRun > 0
    ? "a fast development run saves no checkpoint"
    : callback === null
    ? "there is no ModelCheckpoint"
    : callback.bestModelPath === ""
    ? "ModelCheckpoint has saved nothing yet"
    : null;
  if (reason === null) return callback!.bestModelPath;
  throw new MisconfigurationError(`${stage}(ckptPath: "best") has no best checkpoint: ${reason}`, {
    where: "ckpt_path=best",
    fix: "give a path, or leave ckpt_path out to use the present weights",
  });
}

function nothingToTest(stage: string): MisconfigurationError {
  return new MisconfigurationError(
    `${stage}(ckptPath: "last") has no last checkpoint, and this process has trained nothing`,
    {
      where: "ckpt_path=last",
      fix: "give the path of a file, such as logs/train/runs/<run>/checkpoints/last.ckpt",
    },
  );
}

function lastFileIn(run: RunState, callback: CheckpointCallback | null): string | null {
  const folder = (callback as { dirpath?: string | null } | null)?.dirpath ?? join(run.logDir, "checkpoints");
  const path = join(folder, "last.ckpt");
  try {
    Deno.statSync(path);
    return path;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new CheckpointError(`Cannot look for ${path}`, { where: "ckpt_path=last", cause: error });
  }
}
