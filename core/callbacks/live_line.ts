import { terminalWidth } from "../train/terminal_width.ts";

const CLEAR_LINE = "\r\x1b[2K";

/** Where a live line is drawn. */
export interface Terminal {
  /** Whether it can redraw a line. */
  readonly live: boolean;
  /** Whether colours may be written. */
  readonly color: boolean;
  /** Characters in a line. */
  width(): number;
  write(text: string): void;
}

/** The process's own terminal; `live` where standard output is one that can redraw. */
export function standardTerminal(): Terminal {
  const encoder = new TextEncoder();
  return {
    live: Deno.stdout.isTerminal() && !isDumb(),
    color: !Deno.noColor,
    width: terminalWidth,
    write(text) {
      const bytes = encoder.encode(text);
      for (let written = 0; written < bytes.length;) {
        written += Deno.stdout.writeSync(bytes.subarray(written));
      }
    },
  };
}

/** Whether the terminal says that it cannot redraw; not asked for where that would need a permission. */
function isDumb(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "TERM" });
  return state === "granted" && Deno.env.get("TERM") === "dumb";
}

/** One line at the bottom of a terminal that is drawn again and again, with ordinary lines going by above it. */
export class LiveLine {
  readonly #terminal: Terminal;
  #text = "";

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Draws the line anew. */
  draw(text: string): void {
    this.#text = text;
    // The cursor stays in sight: a process that is killed could not bring it back.
    this.#terminal.write(CLEAR_LINE + text);
  }

  /** Prints text above the line. */
  print(text: string): void {
    this.#terminal.write(this.#text === "" ? `${text}\n` : `${CLEAR_LINE}${text}\n${this.#text}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#text === "") return;
    this.#text = "";
    this.#terminal.write(CLEAR_LINE);
  }
}
