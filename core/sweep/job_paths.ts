import { resolve, sep } from "node:path";
import { OptionError } from "../errors.ts";

/** Tags in a queue's paths that stand for ids known only once a job is handed in, as submitit has them. */
const TAGS = /%[jtAa]/;

/**
 * A path with a job's ids in place of its tags: `%j` the job, `%t` its task, `%A` and `%a` the array and the place in
 * it.
 *
 * @throws {OptionError} for `%a` where the job is no part of an array.
 *
 * @example
 * ```ts
 * import { formatIds } from "./job_paths.ts";
 * console.assert(formatIds("q/%A/%j_%t_log.out", "12_3") === "q/12/12_3_0_log.out");
 * ```
 */
export function formatIds(path: string, job: string, task: number = 0): string {
  const [array, place] = job.split("_", 2);
  if (path.includes("%a") && place === undefined) {
    throw new OptionError(`"${path}" has %a, but job ${job} is no part of an array`, {
      where: "hydra.launcher.submitit_folder",
      fix: "use %j, which stands for the whole id",
    });
  }
  const ids: Readonly<Record<string, string>> = {
    "%j": job,
    "%t": String(task),
    "%A": array!,
    "%a": place ?? "",
  };
  return path.replace(/%[jtAa]/g, (tag) => ids[tag]!);
}

/** Where a queue keeps the files of one sweep's jobs; all paths are absolute, with tags for the ids. */
export interface QueueFolders {
  /** The nearest folder whose name does not depend on ids: what is written before there are any. */
  readonly shared: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly result: string;
  readonly script: string;
}

/** The files of a queue below `submitit_folder`, under the names that submitit gives them. */
export function queueFolders(folder: string): QueueFolders {
  const parts = resolve(folder).split(sep);
  const end = parts.findIndex((part) => TAGS.test(part));
  const file = (name: string): string => resolve(folder, name);
  return {
    shared: end < 0 ? resolve(folder) : parts.slice(0, end).join(sep) || sep,
    stdout: file("%j_%t_log.out"),
    stderr: file("%j_%t_log.err"),
    result: file("%j_%t_result.json"),
    script: file("%j_submission.sh"),
  };
}
