import { JobError } from "../errors.ts";
import type { Resolvers } from "../config/resolvers.ts";
import type { JobTicket } from "../sweep/job_process.ts";
import { writeWhole } from "../sweep/whole_file.ts";
import { fromJson, type Json, toJson } from "./json_value.ts";

/** The variable that names a ticket's file to the process that is to run its job. */
export const TICKET_VARIABLE = "FULGUR_JOB";

/** A ticket with what the process needs to be the same app. */
export interface IssuedTicket extends JobTicket {
  /** Which call of `main` the sweep belongs to: a program may call it several times. */
  readonly call: number;
  readonly configName: string | undefined;
  /** Hydra's overrides of the sweep, then the job's own. */
  readonly allOverrides: readonly string[];
  /** The sweep's folder, absolute. */
  readonly sweepDir: string;
  /** What cached resolvers gave so far: one sweep has one `${now:}`. */
  readonly cache: ResolverCache;
  /** Whether the output may be coloured. */
  readonly color: boolean;
}

/** What cached resolvers returned, by name and argument texts. */
export type ResolverCache = Readonly<Record<string, Readonly<Record<string, Json>>>>;

const VERSION = 1;

/** Writes a ticket. @throws {JobError} where the file cannot be written. */
export function writeTicket(file: string, ticket: IssuedTicket): void {
  try {
    writeWhole(file, JSON.stringify({ version: VERSION, ...ticket }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new JobError(`Cannot write what job #${ticket.num} is to be told: ${reason}`, {
      where: file,
      fix: "check the folder, its permissions and the free space; hydra.sweep.dir=<folder> chooses another",
      cause,
    });
  }
}

/** Reads a ticket. @throws {JobError} where the file is missing, damaged or of another version. */
export function readTicket(file: string): IssuedTicket {
  let ticket: IssuedTicket & { readonly version: number };
  try {
    ticket = JSON.parse(Deno.readTextFileSync(file));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new JobError(`Cannot read which job to run: ${reason}`, {
      where: `${TICKET_VARIABLE}=${file}`,
      fix: `start sweeps with -m; ${TICKET_VARIABLE} is set by launchers only`,
      cause,
    });
  }
  if (ticket.version === VERSION) return ticket;
  throw new JobError(
    `The job was prepared by another version of Fulgur (${ticket.version}, not ${VERSION})`,
    {
      where: file,
      fix: "start the sweep again",
    },
  );
}

/**
 * The values of cached resolvers that a file can carry. Live objects are left out: a process of its own makes its own.
 */
export function resolverCache({ cache }: Resolvers): ResolverCache {
  const saved: Record<string, Record<string, Json>> = {};
  for (const [name, results] of cache) {
    for (const [key, value] of results) {
      try {
        (saved[name] ??= {})[key] = toJson(value);
      } catch (error) {
        if (!(error instanceof JobError)) throw error;
      }
    }
  }
  return saved;
}

/** Gives resolvers the values that the sweep's had. */
export function restoreCache(resolvers: Resolvers, cache: ResolverCache): void {
  for (const [name, results] of Object.entries(cache)) {
    const values = Object.entries(results).map(([key, value]): [string, unknown] => [key, fromJson(value)]);
    resolvers.cache.set(name, new Map(values));
  }
}
