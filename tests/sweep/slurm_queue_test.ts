import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { hasEnded, readAccounts } from "../../core/sweep/slurm_queue.ts";

Deno.test("readAccounts() reads sacct's states of single jobs, arrays and ranges, without their steps", () => {
  const text =
    "JobID|State|NodeList\n5|RUNNING|n1\n5.batch|RUNNING|n1\n5.0|FAILED|n1\n7_0|CANCELLED by 1000|n2\n" +
    "7_3|OUT_OF_MEMORY|n2\n7_[4-6,9%2]|PENDING|None assigned\n";
  deepStrictEqual(Object.fromEntries(readAccounts(text)), {
    "5": "RUNNING",
    "7_0": "CANCELLED",
    "7_3": "OUT_OF_MEMORY",
    "7_4": "PENDING",
    "7_5": "PENDING",
    "7_6": "PENDING",
    "7_9": "PENDING",
  });
});

Deno.test("readAccounts() of a job that is not known yet is empty", () => {
  strictEqual(readAccounts("JobID|State|NodeList").size, 0);
  strictEqual(readAccounts("").size, 0);
});

Deno.test("hasEnded() holds for states after which a job writes no more", () => {
  const open = ["PENDING", "RUNNING", "REQUEUED", "COMPLETING", "PREEMPTED", "SUSPENDED", "UNKNOWN", ""];
  deepStrictEqual(open.filter(hasEnded), []);
  const ended = ["COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", "NODE_FAIL", "OUT_OF_MEMORY", "GONE"];
  deepStrictEqual(ended.filter(hasEnded), ended);
});
