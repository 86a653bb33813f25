import { FulgurError } from "../errors.ts";

/** The user stopped the run; it may be continued from {@linkcode InterruptedError.checkpointPath}. */
export class InterruptedError extends FulgurError {
  override name = "InterruptedError";
  /** Where the run can be continued from, or `null` where nothing was trained yet. */
  readonly checkpointPath: string | null;

  constructor(checkpointPath: string | null) {
    super("The run was interrupted", {
      fix: checkpointPath === null ? undefined : `continue it with ckpt_path=${checkpointPath}`,
    });
    this.checkpointPath = checkpointPath;
  }
}
