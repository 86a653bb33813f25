import { type IssuedTicket, readTicket, TICKET_VARIABLE } from "./job_ticket.ts";

// Both belong to the process as a whole, whatever calls `main` and how often.
let calls = 0;
let found: GivenTicket | null | undefined;

/** The ticket that this process was started with. */
export interface GivenTicket {
  readonly file: string;
  /** @throws {JobError} as reading it does. */
  read(): IssuedTicket;
}

/** Counts a call of `main`; the first is 1. */
export function countCall(): number {
  return ++calls;
}

/** What this process is to do instead of what its command line says, where a launcher started it. */
export function givenTicket(): GivenTicket | undefined {
  if (found === undefined) found = takeTicket();
  return found ?? undefined;
}

function takeTicket(): GivenTicket | null {
  if (!mayBeTold()) return null;
  const file = Deno.env.get(TICKET_VARIABLE);
  if (file === undefined || file === "") return null;
  // A program that the task starts is no job of this sweep.
  Deno.env.delete(TICKET_VARIABLE);
  let ticket: IssuedTicket | undefined;
  return { file, read: () => ticket ??= readTicket(file) };
}

/** Whether a process with these permissions can be told which job to run: without it, each job would be a sweep again. */
export function mayBeTold(): boolean {
  return Deno.permissions.querySync({ name: "env", variable: TICKET_VARIABLE }).state === "granted";
}
