import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "npm:fast-check@^4.10.0";
import { fromJson, toJson } from "../../core/app/json_value.ts";
import { readResult, writeResult } from "../../core/app/job_result.ts";
import { readTicket } from "../../core/app/job_ticket.ts";
import { errorFrom, errorJson, RemoteError } from "../../core/app/remote_error.ts";
import { startFlags, wordsOf } from "../../core/app/same_program.ts";
import { Float } from "../../core/config/scalar.ts";
import { InstantiationError } from "../../core/config/hydra_errors.ts";
import { JobError, OptionError } from "../../core/errors.ts";
import { writeWhole } from "../../core/sweep/whole_file.ts";

/** Runs with a temporary folder that is removed afterwards. */
function inFolder(run: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("fromJson() gives back what toJson() was given, through text", () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, true, false, undefined, NaN, Infinity, -Infinity, -0, new Float(1)),
      fc.double(),
      fc.bigInt(),
      fc.string(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.constant("$"), fc.string()), tie("value"), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
      fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 3 }).map((entries) => new Map(entries)),
    ),
  }));
  fc.assert(
    fc.property(value, (given) => {
      deepStrictEqual(fromJson(JSON.parse(JSON.stringify(toJson(given)))), given);
    }),
    { seed: 7, numRuns: 300 },
  );
});

Deno.test("toJson() names what it refuses and where it is", () => {
  const loop: unknown[] = [];
  loop.push(loop);
  throws(
    () => toJson({ a: [1, () => 2] }),
    /^JobError: The job returned something of type function, which no file can carry\n.*at a\.1\n/,
  );
  throws(
    () => toJson(new Date(0)),
    /The job returned something of type Date, which no file can carry\n {2}where: the returned value\n/,
  );
  throws(() => toJson(loop), /The job returned something of type Array, which contains itself\n/);
  deepStrictEqual(toJson([loop.length, loop.length]), [1, 1]);
});

Deno.test("errorFrom() makes an error of the same class, with its message, stack and cause", () => {
  const cause = new Deno.errors.NotFound("no x");
  const error = new OptionError("bad", { where: "here", fix: "this", cause });
  const back = errorFrom(JSON.parse(JSON.stringify(errorJson(error)))) as OptionError;
  ok(back instanceof OptionError);
  deepStrictEqual([back.what, back.where, back.fix, back.stack], ["bad", "here", "this", error.stack]);
  ok(back.cause instanceof Deno.errors.NotFound);
});

Deno.test("errorFrom() keeps the name of a class that it does not know", () => {
  class Own extends TypeError {
    override name = "OwnError";
  }
  const own = errorFrom(errorJson(new Own("a"))) as Error;
  ok(own instanceof RemoteError);
  deepStrictEqual([own.name, own.message], ["OwnError", "a"]);
  strictEqual((errorFrom(errorJson(new InstantiationError("b"))) as Error).name, "InstantiationError");
  strictEqual(errorFrom(errorJson("text")), "text");
});

Deno.test("writeResult() makes a failure of a value that no file can carry", () =>
  inFolder((folder) => {
    const end = { returnValue: Symbol("x"), error: undefined, workingDir: "/w", outputDir: "/o" };
    const written = writeResult(`${folder}/r.json`, { ...end, status: "completed" });
    strictEqual(written.status, "failed");
    const read = readResult(`${folder}/r.json`)!;
    deepStrictEqual([read.status, read.workingDir, read.outputDir], ["failed", "/w", "/o"]);
    ok(read.error instanceof JobError);
  }));

Deno.test("readResult() of a file that is not there is undefined, of a damaged one a JobError", () =>
  inFolder((folder) => {
    strictEqual(readResult(`${folder}/none.json`), undefined);
    Deno.writeTextFileSync(`${folder}/cut.json`, '{"version": 1, "sta');
    throws(() => readResult(`${folder}/cut.json`), JobError);
  }));

Deno.test("readTicket() explains a file that is missing, damaged or of another version", () =>
  inFolder((folder) => {
    throws(
      () => readTicket(`${folder}/none.json`),
      /^JobError: Cannot read which job to run: .*\n {2}where: FULGUR_JOB=/,
    );
    Deno.writeTextFileSync(`${folder}/old.json`, '{"version": 0}');
    throws(() => readTicket(`${folder}/old.json`), /prepared by another version of Fulgur \(0, not 1\)/);
  }));

Deno.test("startFlags() leaves out what is for the first process only", () => {
  const flags = (...words: string[]) => startFlags(["deno", ...words, "app.ts", "x=1"], ["x=1"]);
  deepStrictEqual(flags("run", "-A", "--config", "deno.json"), ["run", "-A", "--config", "deno.json"]);
  deepStrictEqual(flags("run", "--watch=a,b", "--inspect-brk=1:2", "--reload", "-r", "-q"), ["run", "-q"]);
  deepStrictEqual(flags(), []);
  strictEqual(startFlags(["deno", "run", "app.ts", "y=1"], ["x=1"]), undefined);
});

Deno.test("wordsOf() divides a line whose ends are known", () => {
  const words = wordsOf("/a b/deno run -A app.ts x=1 y=a b", "/a b/deno", ["x=1", "y=a b"]);
  deepStrictEqual(words, ["/a b/deno", "run", "-A", "app.ts", "x=1", "y=a b"]);
  deepStrictEqual(wordsOf("deno run app.ts", "/bin/deno", []), ["/bin/deno", "run", "app.ts"]);
  strictEqual(wordsOf("deno run app.ts y=1", "/bin/deno", ["x=1"]), undefined);
});

Deno.test("writeWhole() leaves nothing behind where it cannot write", () =>
  inFolder((folder) => {
    Deno.mkdirSync(`${folder}/a/full`, { recursive: true });
    throws(() => writeWhole(`${folder}/a`, "text"));
    deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["a"]);
  }));
