import { numberJob } from "../config/hydra_node.ts";
import { takeOptions } from "../options.ts";
import { jobLine, type JobReturn, type LaunchContext, type Launcher } from "./sweeper.ts";

/**
 * Runs jobs one after another in this process. A failing job does not stop the others of its batch.
 *
 * @example
 * ```ts
 * import { BasicLauncher } from "./basic_launcher.ts";
 * console.assert(typeof new BasicLauncher().launch === "function");
 * ```
 */
export class BasicLauncher implements Launcher {
  #context: LaunchContext | undefined;

  constructor(options: Record<string, never> = {}) {
    takeOptions("sweep.BasicLauncher", options, {});
  }

  /** Keeps what the sweep works with. */
  setup(context: LaunchContext): void {
    this.#context = context;
  }

  /** Runs the jobs in order. */
  async launch(jobs: readonly (readonly string[])[], firstIndex: number): Promise<JobReturn[]> {
    const context = this.#context!;
    context.log.info(`Launching ${jobs.length} jobs locally`);
    const results: JobReturn[] = [];
    for (const [i, overrides] of jobs.entries()) {
      const index = firstIndex + i;
      context.log.info(jobLine(index, overrides));
      const job = context.loadJob(overrides);
      numberJob(job.config, String(index), index);
      results.push(await context.runJob(job, index));
    }
    return results;
  }
}
