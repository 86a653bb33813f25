import { strictEqual, throws } from "node:assert/strict";
import { takeOptions } from "../../core/options.ts";
import { queueFolders } from "../../core/sweep/job_paths.ts";
import { sbatchScript, scriptPath } from "../../core/sweep/sbatch_script.ts";
import { SLURM_DEFAULTS, type SubmititSlurmOptions } from "../../core/sweep/submitit_slurm_options.ts";

/** What the generator writes for options of `hydra/launcher=submitit_slurm`. */
interface ScriptCase {
  readonly options: Readonly<Record<string, unknown>>;
  readonly jobs: number;
  readonly error?: string;
  readonly script?: string;
  /** Where submitit keeps the script once it has an id. */
  readonly scripts?: readonly string[];
}

const golden: { readonly sbatch: readonly ScriptCase[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/launchers.json", import.meta.url)).replaceAll("<main>", "/main"),
);

for (const [i, expected] of golden.sbatch.entries()) {
  Deno.test(`sbatchScript() writes submitit's script, case ${i}: ${JSON.stringify(expected.options)}`, () => {
    const options = takeOptions<SubmititSlurmOptions>(
      "test",
      { submititFolder: "/main/s/.submitit/%j", name: "app", ...camel(expected.options) },
      SLURM_DEFAULTS,
    );
    const folders = queueFolders(options.submititFolder);
    if (expected.error !== undefined) {
      throws(() => scriptPath(folders, "12"), { name: "OptionError" });
      return;
    }
    const script = sbatchScript({
      options,
      folders,
      jobs: expected.jobs,
      exports: [],
      command: ["<command>"],
    });
    // Submitit tells its process the folder; ours are told a file by an environment variable.
    const told = expected.script!.replace(/ <command> .*\n/, " '<command>'\n");
    strictEqual(script, told);
    strictEqual(scriptPath(folders, "12"), `/main/${expected.scripts![0]}`);
  });
}

/** The options in one spelling, so that a case may replace a default of the test's. */
function camel(options: Readonly<Record<string, unknown>>): Partial<SubmititSlurmOptions> {
  const renamed = Object.entries(options).map(([key, value]) => {
    return [key === "submitit_folder" ? "submititFolder" : key, value];
  });
  return Object.fromEntries(renamed);
}
