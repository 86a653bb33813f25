/** Characters in a line of the terminal that standard output goes to; infinite for a file or a pipe. */
export function terminalWidth(): number {
  if (!Deno.stdout.isTerminal()) return Infinity;
  try {
    return Deno.consoleSize().columns;
  } catch {
    // a terminal that does not tell its size
    return 80;
  }
}
