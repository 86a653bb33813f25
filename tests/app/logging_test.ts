import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { Logging } from "../../core/app/mod.ts";
import { escapeCode } from "../../core/app/log_colors.ts";
import { ConfigError } from "../../core/errors.ts";
import { runApp } from "../support/hydra_app.ts";

const CONSOLE = { class: "logging.StreamHandler", formatter: "f", stream: "ext://sys.stdout" };

/** A logging config whose console writes in a format. */
function config(format: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    version: 1,
    formatters: { f: { format } },
    handlers: { console: CONSOLE },
    root: { level: "INFO", handlers: ["console"] },
    ...more,
  };
}

/** What two loggers write under a config. */
function written(config: unknown, color = false): string {
  let shown = "";
  const logging = new Logging({ stdout: (text) => void (shown += text), stderr: () => {}, color });
  logging.configure(config);
  logging.logger("app.part").info("hi");
  logging.logger("other").error("no");
  logging.close();
  return shown;
}

Deno.test("Logging reads %%, precision, width and conversions of formats as Python does", () => {
  strictEqual(written(config("%% %(levelname).1s %(message)s")), "% I hi\n% E no\n");
  strictEqual(
    written(config("[%(levelname)-8s|%(name)10s] %(message)r")),
    "[INFO    |  app.part] 'hi'\n[ERROR   |     other] 'no'\n",
  );
  strictEqual(
    written(config("%(levelno)05d %(processName)s %(threadName)s")),
    "00020 MainProcess MainThread\n00040 MainProcess MainThread\n",
  );
  match(written(config("%(msecs)03d")), /^\d{3}\n\d{3}\n$/);
});

Deno.test("Logging reads formats in the styles { and $ as Python does", () => {
  const styled = (format: string, style: string) =>
    written(config("", { formatters: { f: { format, style } } }));
  strictEqual(
    styled("{levelname:<8}|{name!r:>12}|{levelno:03d} {{{message}}}", "{"),
    "INFO    |  'app.part'|020 {hi}\nERROR   |     'other'|040 {no}\n",
  );
  match(styled("{asctime} {message}", "{"), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} hi\n/);
  strictEqual(styled("${levelname}: $message $$", "$"), "INFO: hi $\nERROR: no $\n");
  match(styled("{filename}:{lineno}", "{"), /^(logging_test\.ts:\d+\n){2}$/);
  for (
    const [format, style, what] of [
      ["plain", "{", /^Unable to configure formatter 'f': invalid format: no fields$/],
      ["{message", "{", /invalid format: expected '}' before end of string$/],
      ["{message!q}", "{", /invalid format: Unknown conversion specifier q$/],
      ["{message:d}", "{", /invalid format: Unknown format code 'd' for object of type 'str'$/],
      ["{nope}", "{", /Formatting field not found in record: 'nope'$/],
      ["{message.x}", "{", /invalid format: invalid field name\/expression: 'message\.x'$/],
      ["plain", "$", /invalid format: no fields$/],
      ["$ message", "$", /invalid format: bare '\$' not allowed$/],
      ["%(message)s", "q", /Style must be one of: %,{,\$$/],
    ] as const
  ) {
    throws(
      () => styled(format, style),
      (error) => error instanceof ConfigError && what.test(error.what),
      format,
    );
  }
});

Deno.test("Logging refuses keys that Python's handlers do not take", () => {
  for (
    const [handler, what, fix] of [
      [
        { class: "logging.StreamHandler", steam: "ext://sys.stdout" },
        "StreamHandler.__init__() got an unexpected keyword argument 'steam'",
        'did you mean "stream"? It takes class, level, formatter, filters, stream',
      ],
      [
        { class: "logging.FileHandler", filename: "x", maxBytes: 1 },
        "FileHandler.__init__() got an unexpected keyword argument 'maxBytes'",
        "It takes class, level, formatter, filters, filename, mode, encoding, delay, errors",
      ],
      [
        { class: "logging.FileHandler" },
        "FileHandler.__init__() missing 1 required positional argument: 'filename'",
        "name a file",
      ],
      [{ class: "logging.FileHandler", filename: "x", mode: "q" }, "invalid mode: 'q'", "a or w"],
      [
        { class: "logging.NullHandler", filters: ["x"] },
        "Unable to add filter 'x'",
        "leave filters out: they are not supported",
      ],
    ] as const
  ) {
    throws(() => written(config("%(message)s", { handlers: { console: handler } })), (error) => {
      ok(error instanceof ConfigError);
      strictEqual(error.what, `Unable to configure handler 'console': ${what}`);
      strictEqual(error.fix, fix);
      return true;
    });
  }
});

Deno.test("Logging knows the file, line and function that logged", () => {
  match(
    written(config("%(filename)s:%(lineno)d %(module)s %(funcName)s")),
    /^(logging_test\.ts:\d+ logging_test written\n){2}$/,
  );
});

Deno.test("Logging refuses what Python refuses in formats, levels and versions", () => {
  const refuses = (config: unknown, what: RegExp): void =>
    throws(() => written(config), (error) => error instanceof ConfigError && what.test(error.what));
  refuses(config("plain"), /^Unable to configure formatter 'f': Invalid format 'plain' for '%' style$/);
  refuses(config("%(nope)s"), /Formatting field not found in record: 'nope'$/);
  refuses(config("%(message)s", { root: { level: "info" } }), /^Unknown level: 'info'$/);
  refuses(config("%(message)s", { version: 2 }), /^Unsupported version: 2$/);
  refuses(config("%(bold)s %(message)s"), /Formatting field not found in record: 'bold'$/);
});

Deno.test("Logging gives loggers handlers of their own and stops where they do not propagate", () => {
  const format = "%(name)s %(message)s";
  const handlers = ["console"];
  strictEqual(
    written(config(format, { loggers: { app: { handlers, propagate: false } } })),
    "app.part hi\nother no\n",
  );
  strictEqual(
    written(config(format, { loggers: { app: { handlers } } })),
    "app.part hi\napp.part hi\nother no\n",
  );
  strictEqual(
    written(config(format, { loggers: { app: { handlers: [], propagate: false } } })),
    "other no\n",
  );
});

Deno.test("Logging writes colorlog's styles and grounds, and nothing for them without colours", () => {
  const colored = config("", {
    formatters: {
      f: {
        "()": "colorlog.ColoredFormatter",
        format: "%(bold)s%(bg_red)s%(log_color)s%(message)s",
        log_colors: { INFO: "bold_red,bg_white" },
      },
    },
  });
  strictEqual(
    written(colored, true),
    "\x1b[1m\x1b[41m\x1b[1;31m\x1b[47mhi\x1b[0m\n\x1b[1m\x1b[41mno\x1b[0m\n",
  );
  strictEqual(written(colored), "hi\nno\n");
  strictEqual(escapeCode("light_red"), "\x1b[91m");
  strictEqual(escapeCode("pink"), undefined);
});

Deno.test("Logging creates files that no logger uses, rotates others, and takes NullHandler", () => {
  const folder = Deno.makeTempDirSync();
  const logging = new Logging({ stdout: () => {}, stderr: () => {}, color: false });
  logging.configure(config("%(message)s", {
    handlers: {
      rotated: {
        class: "logging.handlers.RotatingFileHandler",
        filename: `${folder}/r.log`,
        maxBytes: 10,
        backupCount: 2,
        formatter: "f",
      },
      unused: { class: "logging.FileHandler", filename: `${folder}/unused.log` },
      late: { class: "logging.FileHandler", filename: `${folder}/late.log`, delay: true },
      none: { class: "logging.NullHandler" },
    },
    root: { level: "INFO", handlers: ["rotated", "none"] },
  }));
  for (let i = 0; i < 5; i++) logging.logger("a").info(`line${i}`);
  logging.close();
  const files = [...Deno.readDirSync(folder)].map(({ name }) => {
    return [name, Deno.readTextFileSync(`${folder}/${name}`)];
  });
  deepStrictEqual(Object.fromEntries(files), {
    "r.log": "line4\n",
    "r.log.1": "line3\n",
    "r.log.2": "line2\n",
    "unused.log": "",
  });
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("main() creates the log of a job whose root logger does not use it", () =>
  runApp(["hydra.job_logging.root.handlers=[console]", "hydra.run.dir=o"], (run) => {
    strictEqual(run.read("o/app.log"), "");
  }));

Deno.test("main() refuses a hydra.verbose that names nothing and an output_subdir that is missing", async () => {
  await runApp(["hydra.verbose=1"], (run) => {
    match(run.stderr, /^hydra\.verbose cannot be 1\n/);
  });
  await runApp(["hydra.verbose={a: 1}"], (run) => {
    match(run.stderr, /^hydra\.verbose cannot be \{"a":1\}\n/);
    strictEqual(run.code, 1);
  });
  await runApp(["hydra.output_subdir=???"], (run) => {
    match(run.stderr, /Missing mandatory value: hydra\.output_subdir\n/);
    strictEqual(run.code, 1);
  });
});
