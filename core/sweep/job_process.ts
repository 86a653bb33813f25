import type { JobError } from "../errors.ts";
import type { JobReturn } from "./sweeper.ts";

/**
 * Who watches over a job's process. A child of the `parent` is told to stop by it and ends with it; a job in a queue
 * outlives the program that handed it in, learns its id from the queue and is told to stop by it.
 */
export type JobHost = "parent" | "local" | "slurm";

/** How long a job in a queue may run. */
export interface TimeLimit {
  readonly timeoutMs: number;
  /** How long before the end the job is asked to stop. */
  readonly signalDelayMs: number;
  /** How many times more it may run out of time and be started again; it fails the next time. */
  readonly restarts: number;
}

/** A job for a process of its own. */
export interface JobTicket {
  /** The job's task overrides. */
  readonly overrides: readonly string[];
  /** `hydra.job.num`. */
  readonly num: number;
  /** `hydra.job.id`; `%j` stands for the id that the queue gives. */
  readonly id: string;
  /** Where the process writes how the job ended; `%j` and `%t` stand for the job's id and its task's number. */
  readonly resultFile: string;
  readonly host: JobHost;
  /** For a job in a queue. */
  readonly limit?: TimeLimit | undefined;
}

/** How the program is started once more. */
export interface JobCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Variables beside those that this process has. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Runs jobs in processes of their own: each is this program, started again with a ticket that says which job it is. */
export interface JobProcesses {
  /** Where the output of jobs goes that this process shows. */
  readonly output: { stdout(text: string): void; stderr(text: string): void };
  /**
   * Writes a ticket to a file.
   *
   * @throws {JobError} where it cannot be written.
   */
  issue(ticket: JobTicket, file: string): void;
  /**
   * What starts the job of a ticket.
   *
   * @param atOnce How many jobs share this machine's processors.
   * @throws {JobError} where this program cannot be started again.
   */
  command(ticketFile: string, atOnce: number): JobCommand;
  /** How a job ended, from the file that its process has written; `undefined` where there is none. */
  collect(ticket: JobTicket, id: string, resultFile: string): JobReturn | undefined;
  /** How a job ended whose process left no result. */
  lost(ticket: JobTicket, id: string, error: JobError): JobReturn;
}
