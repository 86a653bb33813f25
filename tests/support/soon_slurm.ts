import { SubmititSlurmLauncher, type SubmititSlurmOptions } from "../../core/sweep/mod.ts";

/** Looks at the queue more often than a cluster would like. */
export class SoonSlurm extends SubmititSlurmLauncher {
  constructor(options: SubmititSlurmOptions) {
    super(options, { resultMs: 20, stateMs: 50, graceMs: 100 });
  }
}
