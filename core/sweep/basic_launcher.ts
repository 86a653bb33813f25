import { put } from "../config/hydra_node.ts";
import type { DictNode } from "../config/node.ts";
import { takeOptions } from "../options.ts";
import type { JobReturn, Launcher, SweepContext } from "./sweeper.ts";

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
  #context: Omit<SweepContext, "launcher"> | undefined;

  constructor(options: Record<string, never> = {}) {
    takeOptions("sweep.BasicLauncher", options, {});
  }

  /** Keeps what the sweep works with. */
  setup(context: Omit<SweepContext, "launcher">): void {
    this.#context = context;
  }

  /** Runs the jobs in order. */
  async launch(jobs: readonly (readonly string[])[], firstIndex: number): Promise<JobReturn[]> {
    const context = this.#context!;
    context.log.info(`Launching ${jobs.length} jobs locally`);
    const results: JobReturn[] = [];
    for (const [i, overrides] of jobs.entries()) {
      const index = firstIndex + i;
      const shown = overrides.filter((override) => !override.startsWith("hydra."));
      context.log.info(`\t#${index} : ${shown.join(" ")}`);
      const job = context.loadJob(overrides);
      const node = (job.config.child("hydra") as DictNode).child("job") as DictNode;
      put(node, "id", String(index));
      put(node, "num", index);
      results.push(await context.runJob(job, index));
    }
    return results;
  }
}
