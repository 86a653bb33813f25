import { JobError } from "../errors.ts";
import type { Composition } from "../config/config_loader.ts";
import { numberJob, part, put } from "../config/hydra_node.ts";
import type { Resolvers } from "../config/resolvers.ts";
import type { JobCommand, JobProcesses, JobTicket } from "../sweep/job_process.ts";
import type { JobReturn } from "../sweep/sweeper.ts";
import { mayBeTold } from "./job_call.ts";
import { type JobEnd, readResult } from "./job_result.ts";
import { resolverCache, TICKET_VARIABLE, writeTicket } from "./job_ticket.ts";
import type { Streams } from "./logging.ts";
import { jobRecord } from "./run_job.ts";
import { thisProgram } from "./same_program.ts";

/** What the processes of a sweep's jobs share. */
export interface SweepFacts {
  /** Which call of `main` this is. */
  readonly call: number;
  readonly configName: string | undefined;
  /** Overrides of Hydra's own config, which every job gets. */
  readonly hydraOverrides: readonly string[];
  /** Those of the sweep's config, with what they returned so far. */
  readonly resolvers: Resolvers;
  /** The sweep's folder, absolute. */
  readonly sweepDir: string;
  readonly jobName: string;
  readonly streams: Streams;
  readonly loadJob: (overrides: readonly string[]) => Composition;
}

const THREADS = "FULGUR_THREADS";

/** Starts this program again for each job of a sweep, and reads what the jobs have written. */
export class SweepProcesses implements JobProcesses {
  readonly #facts: SweepFacts;
  readonly output: JobProcesses["output"];

  constructor(facts: SweepFacts) {
    this.#facts = facts;
    this.output = facts.streams;
  }

  issue(ticket: JobTicket, file: string): void {
    if (!mayBeTold()) {
      throw new JobError("A job's process could not be told which job it is", {
        where: `the environment variable ${TICKET_VARIABLE}`,
        fix: `allow it to be read: deno run --allow-env=${TICKET_VARIABLE} …`,
      });
    }
    const { call, configName, hydraOverrides, resolvers, sweepDir, streams } = this.#facts;
    writeTicket(file, {
      ...ticket,
      call,
      configName,
      allOverrides: [...hydraOverrides, ...ticket.overrides],
      sweepDir,
      cache: resolverCache(resolvers),
      color: ticket.host === "parent" && streams.color,
    });
  }

  command(ticketFile: string, atOnce: number): JobCommand {
    const { program, args } = thisProgram();
    return { program, args, env: { [TICKET_VARIABLE]: ticketFile, ...threads(atOnce) }, cwd: Deno.cwd() };
  }

  collect(ticket: JobTicket, id: string, resultFile: string): JobReturn | undefined {
    try {
      const end = readResult(resultFile);
      return end === undefined ? undefined : this.#returned(ticket, id, end);
    } catch (error) {
      if (error instanceof JobError) return this.lost(ticket, id, error);
      throw error;
    }
  }

  lost(ticket: JobTicket, id: string, error: JobError): JobReturn {
    const nowhere = { workingDir: Deno.cwd(), outputDir: "" };
    return this.#returned(ticket, id, { status: "failed", returnValue: undefined, error, ...nowhere });
  }

  #returned({ overrides, num }: JobTicket, id: string, end: JobEnd): JobReturn {
    const { config } = this.#facts.loadJob(overrides);
    numberJob(config, id, num);
    if (end.outputDir !== "") put(part(part(config, "hydra"), "runtime"), "output_dir", end.outputDir);
    const { status, returnValue, error, workingDir } = end;
    return { ...jobRecord(config, this.#facts.jobName), status, returnValue, error, workingDir };
  }
}

/** Jobs that run at the same time share the processors, where nobody says otherwise. */
function threads(atOnce: number): Record<string, string> {
  const readable = Deno.permissions.querySync({ name: "env", variable: THREADS }).state === "granted";
  if (atOnce <= 1 || !readable || Deno.env.get(THREADS) !== undefined) return {};
  return { [THREADS]: String(Math.max(1, Math.floor(navigator.hardwareConcurrency / atOnce))) };
}
