import { deepStrictEqual, throws } from "node:assert/strict";
import { JoblibLauncher, SubmititLocalLauncher, SubmititSlurmLauncher } from "../../core/sweep/mod.ts";
import { formatIds, queueFolders } from "../../core/sweep/job_paths.ts";

Deno.test("JoblibLauncher takes joblib's own options at values that change nothing, and no others", () => {
  new JoblibLauncher({ backend: "loky", batchSize: "1", nJobs: -2, timeout: 1.5, verbose: 50 });
  const refused = [
    { backend: "threading" },
    { prefer: "threads" },
    { require: "sharedmem" },
    { preDispatch: "all" },
    { batchSize: "4" },
    { tempFolder: "/tmp" },
    { maxNbytes: "1M" },
    { mmapMode: "c" },
    { nJobs: 0 },
    { nJobs: 1.5 },
    { timeout: 0 },
  ];
  for (const options of refused) {
    const [name, value] = Object.entries(options)[0]!;
    throws(() => new JoblibLauncher(options), {
      name: "OptionError",
      what: `hydra/launcher=joblib cannot use ${name} = ${JSON.stringify(value)}`,
    });
  }
});

Deno.test("SubmititLocalLauncher and SubmititSlurmLauncher refuse counts that are not above 0", () => {
  throws(
    () => new SubmititLocalLauncher({ timeoutMin: 0 }),
    /submitit_local cannot use timeoutMin = 0\n.*timeout_min/,
  );
  throws(() => new SubmititSlurmLauncher({ nodes: 0 }), /submitit_slurm cannot use nodes = 0\n/);
});

Deno.test("formatIds() fills in the ids of jobs, tasks and arrays", () => {
  deepStrictEqual(formatIds("a/%A/%a/%j_%t", "12_3", 4), "a/12/3/12_3_4");
  deepStrictEqual(formatIds("%A_%j", "12"), "12_12");
  throws(() => formatIds("%a", "12"), /"%a" has %a, but job 12 is no part of an array\n/);
});

Deno.test("queueFolders() shares the folder above the first that has an id in its name", () => {
  deepStrictEqual(queueFolders("/a/b%j/c").shared, "/a");
  deepStrictEqual(queueFolders("/a/b").shared, "/a/b");
  deepStrictEqual(queueFolders("/%j").shared, "/");
});
