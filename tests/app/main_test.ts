import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { DictNode } from "../../core/config/node.ts";
import type { RunContext } from "../../core/config/run_context.ts";
import { select } from "../../core/config/select.ts";
import { ConfigError } from "../../core/errors.ts";
import { BASE_FILES, runApp } from "../support/hydra_app.ts";

const JOB_YAML =
  "db:\n  driver: mysql\n  port: 3306\nx: 1\nname: hello\nlst:\n- 1\n- 2\n- 3\nnest:\n  a: 1\n  b: ${x}\n";
const HINT = "\nSet the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.\n";

Deno.test("main() --cfg job prints the composed config unresolved and makes no folder", () =>
  runApp(["--cfg", "job"], (run) => {
    strictEqual(run.stdout, JOB_YAML);
    strictEqual(run.code, 0);
    deepStrictEqual(run.files(), []);
  }));

Deno.test("main() --cfg job --resolve -p prints one package resolved under its header", () =>
  runApp(["--cfg", "job", "--resolve", "-p", "nest"], (run) => {
    strictEqual(run.stdout, "# @package nest\na: 1\nb: 1\n");
  }));

Deno.test("main() --cfg job -p prints a scalar bare", () =>
  runApp(["-c", "job", "-p", "nest.b"], (run) => strictEqual(run.stdout, "1\n")));

Deno.test("main() --cfg job -p of an absent package exits 1", () =>
  runApp(["--cfg", "job", "-p", "nope"], (run) => {
    strictEqual(run.stderr, "package 'nope' not found in config\n");
    strictEqual(run.code, 1);
  }));

Deno.test("main() --resolve alone exits 1 and says what it belongs to", () =>
  runApp(["--resolve"], (run) => {
    strictEqual(
      run.stderr,
      `The --resolve flag can only be used in conjunction with --cfg or --help\n${HINT}`,
    );
    strictEqual(run.code, 1);
  }));

Deno.test("main() with an invalid choice prints the usage and exits 2", () =>
  runApp(["--cfg", "bad"], (run) => {
    strictEqual(run.code, 2);
    match(
      run.stderr,
      /^usage: app [^]*\napp: error: argument --cfg\/-c: invalid choice: 'bad' \(choose from 'job', 'hydra', 'all'\)/,
    );
  }));

Deno.test("main() with two commands exits 1", () =>
  runApp(["--cfg", "job", "-m"], (run) => {
    strictEqual(run.code, 1);
    match(
      run.stderr,
      /^Only one of --run, --multirun, --cfg, --info and --shell_completion can be specified\n/,
    );
    ok(run.stderr.endsWith(HINT));
  }));

Deno.test("main() takes abbreviated flags, attached values and overrides on both sides", () =>
  runApp(["x=5", "--cf=job", "name=b", "--pack", "x"], (run) => strictEqual(run.stdout, "5\n")));

Deno.test("main() --cfg hydra leaves the help texts out, --cfg all puts hydra first", async () => {
  await runApp(["--cfg", "hydra"], (run) => {
    match(run.stdout, /^hydra:\n {2}run:\n/);
    ok(!run.stdout.includes("template:"));
    const keys = [...run.stdout.matchAll(/^ {2}(\w+):/gm)].map(([, key]) => key);
    strictEqual(
      keys.join(" "),
      "run sweep launcher sweeper hydra_logging job_logging env mode searchpath callbacks output_subdir overrides " +
        "job runtime verbose",
    );
  });
  await runApp(["--cfg", "all"], (run) => match(run.stdout, /^hydra:\n[^]*\ndb:\n/));
});

Deno.test("main() --cfg job --resolve turns what only a run knows into null", () =>
  runApp([
    "--cfg",
    "job",
    "--resolve",
    "+p.out=${hydra:runtime.output_dir}",
    "+p.ckpt='${p.out}/c'",
    "-p",
    "p",
  ], (run) => {
    strictEqual(run.stdout, "# @package p\nout: null\nckpt: None/c\n");
  }));

Deno.test("main() runs the task in a dated folder with its records and log", () =>
  runApp([], (run) => {
    strictEqual(run.code, 0);
    const [folder] = /^outputs\/\d{4}-\d\d-\d\d\/\d\d-\d\d-\d\d/.exec(run.files()[0]!)!;
    deepStrictEqual(run.files(), [
      `${folder}/.hydra/config.yaml`,
      `${folder}/.hydra/hydra.yaml`,
      `${folder}/.hydra/overrides.yaml`,
      `${folder}/app.log`,
    ]);
    strictEqual(run.read(`${folder}/.hydra/config.yaml`), JOB_YAML);
    strictEqual(run.read(`${folder}/.hydra/overrides.yaml`), "[]\n");
    match(run.read(`${folder}/.hydra/hydra.yaml`), /version: 1\.3\.5\n {4}version_base: '1\.3'\n/);
    match(
      run.read(`${folder}/app.log`),
      /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\]\[__main__\]\[INFO\] - hi\n$/,
    );
    match(run.stdout, /\[__main__\]\[INFO\] - hi\n$/);
  }));

Deno.test("main() with output_subdir=null writes the log alone", () =>
  runApp(
    ["hydra.output_subdir=null", "hydra.run.dir=o1"],
    (run) => deepStrictEqual(run.files(), ["o1/app.log"]),
  ));

Deno.test("main() names folder and log after the job and its overrides", () =>
  runApp(["hydra.job.name=foo", "hydra.run.dir=o/${hydra.job.override_dirname}", "x=3", "db=pg"], (run) => {
    ok(run.exists("o/db=pg,x=3/foo.log"));
    strictEqual(run.read("o/db=pg,x=3/.hydra/overrides.yaml"), "- x=3\n- db=pg\n");
  }));

Deno.test("main() with job.chdir=true runs the task in its folder and comes back", async () => {
  let inside = "";
  await runApp(["hydra.job.chdir=true", "hydra.run.dir=o"], (run) => {
    strictEqual(inside, `${run.folder}/o`);
    strictEqual(Deno.cwd(), run.folder);
  }, { task: () => void (inside = Deno.cwd()) });
});

Deno.test("main() sets env_set for the job only", async () => {
  let inside: string | undefined;
  await runApp(["++hydra.job.env_set.FULGUR_TEST_ENV=a"], () => {
    strictEqual(inside, "a");
    strictEqual(Deno.env.get("FULGUR_TEST_ENV"), undefined);
  }, { task: () => void (inside = Deno.env.get("FULGUR_TEST_ENV")) });
});

Deno.test("main() reports a failing job with its overrides, keeps its records, exits 1", () =>
  runApp(["hydra.run.dir=o", "+fail=true"], (run) => {
    strictEqual(run.code, 1);
    match(run.stderr, /^Error executing job with overrides: \['\+fail=true'\]\nRangeError: boom\n/);
    ok(run.stderr.endsWith(HINT));
    ok(!run.stderr.includes("core/app/run_job.ts"));
    ok(run.exists("o/.hydra/config.yaml"));
  }, {
    task: () => {
      throw new RangeError("boom");
    },
  }));

Deno.test("main() shows an error that explains itself without a stack", () =>
  runApp(
    [],
    (run) => {
      strictEqual(run.stderr, `Error executing job with overrides: []\nbad\n  fix: do better\n${HINT}`);
      const log = run.files().find((file) => file.endsWith("app.log"))!;
      match(run.read(log), /\]\[app\]\[ERROR\] - bad\n {2}fix: do better\n$/);
    },
    {
      task: () => {
        throw new ConfigError("bad", { fix: "do better" });
      },
    },
  ));

Deno.test("main() with an override of a missing key says +key= and the nearest key", () =>
  runApp(["nest.aa=1"], (run) => {
    strictEqual(run.code, 1);
    strictEqual(
      run.stderr,
      "Could not override 'nest.aa'.\nTo append to your config use +nest.aa=1\nKey 'aa' is not in struct\n" +
        "    full_key: nest.aa\n    object_type=dict\n" +
        "  where: command line:1:1\n    1 | nest.aa=1\n      | ^\n" +
        `  fix: did you mean "nest.a"?\n${HINT}`,
    );
  }));

Deno.test("main() with an unknown option lists the options and points at the word", () =>
  runApp(["db=mysq"], (run) => {
    strictEqual(
      run.stderr,
      "In 'config': Could not find 'db/mysq'\n\nAvailable options in 'db':\n\tmysql\n\tpg\nConfig search path:\n" +
        `\tprovider=hydra, path=pkg://hydra.conf\n\tprovider=main, path=file://${run.folder}/conf\n` +
        "\tprovider=schema, path=structured://\n" +
        '  where: command line:1:4\n    1 | db=mysq\n      |    ^\n  fix: did you mean "mysql"?\n' + HINT,
    );
  }));

Deno.test("main() with a sweep value and no -m says how to quote it in a shell", () =>
  runApp(["x=1,2"], (run) => {
    match(run.stderr, /^Ambiguous value for argument 'x=1,2'\n1\. .*\n2\. .* key=\\'value1,value2\\'\n3\. /);
  }));

Deno.test("main() -cn of an absent config names the search path", () =>
  runApp(["-cn", "nope"], (run) => {
    strictEqual(
      run.stderr,
      "Cannot find primary config 'nope'. Check that it's in your config search path.\n\nConfig search path:\n" +
        `\tprovider=hydra, path=pkg://hydra.conf\n\tprovider=main, path=file://${run.folder}/conf\n` +
        `\tprovider=schema, path=structured://\n${HINT}`,
    );
  }));

Deno.test("main() -cd adds a folder after the app's own", () =>
  runApp(
    ["-cd", "extra", "--cfg", "job", "db=new", "-p", "db"],
    (run) => strictEqual(run.stdout, "# @package db\nport: 2\n"),
    {
      files: { ...BASE_FILES, "extra/db/pg": "port: 9\n", "extra/db/new": "port: 2\n" },
    },
  ));

Deno.test("main() -cd lets the app's own file win", () =>
  runApp(
    ["-cd", "extra", "--cfg", "job", "db=pg", "-p", "db.port"],
    (run) => strictEqual(run.stdout, "5432\n"),
    {
      files: { ...BASE_FILES, "extra/db/pg": "port: 9\n" },
    },
  ));

Deno.test("main() refuses folders that are not there", async () => {
  await runApp(["-cd", "nodir"], (run) => {
    match(run.stderr, new RegExp(`^Additional config directory '${run.folder}/nodir' not found\n`));
  });
  await runApp(["-cp", "nopath"], (run) => {
    match(
      run.stderr,
      new RegExp(
        `^Primary config directory not found.\nCheck that the config directory '${run.folder}/nopath' exists and readable`,
      ),
    );
  });
});

Deno.test("main() --help shows groups and config", () =>
  runApp(["--help", "--resolve"], (run) => {
    strictEqual(
      run.stdout,
      "app is powered by Hydra.\n\n== Configuration groups ==\nCompose your configuration from those groups " +
        "(group=option)\n\ndb: mysql, pg\n\n\n== Config ==\nOverride anything in the config (foo.bar=value)\n\n" +
        `${JOB_YAML.replace("${x}", "1")}\n\nPowered by Hydra (https://hydra.cc)\n` +
        "Use --hydra-help to view Hydra specific help\n\n\n",
    );
  }));

Deno.test("main() --hydra-help lists flags and Hydra's groups without the app's config", () =>
  runApp(["--hydra-help"], (run) => {
    match(
      run.stdout,
      /^Hydra \(1\.3\.5\)\n[^]*--cfg,-c : Show config[^]*\nhydra\/launcher: basic, joblib, submitit_local, submitit_slurm\n/,
    );
  }, { options: { configName: "absent" } }));

Deno.test("main() --version and --info defaults-tree print and exit 0", async () => {
  await runApp(["--version"], (run) => strictEqual(run.stdout, "Hydra 1.3.5\n"));
  await runApp(["--info", "defaults-tree"], (run) => {
    match(run.stdout, /^\nDefaults Tree\n\*{13}\n<root>:\n {2}hydra\/config:\n/);
    match(run.stdout, /\n {2}config:\n {4}db: mysql\n {4}server: apache\n {4}_self_\n$/);
  });
});

Deno.test("main() --info defaults and searchpath print tables", async () => {
  await runApp(["--info", "searchpath"], (run) => {
    match(run.stdout, /\n\| Provider \| Search path +\|\n-+\n\| hydra +\| pkg:\/\/hydra\.conf/);
  });
  await runApp(["-i", "defaults", "db=pg"], (run) => {
    match(run.stdout, /\n\| Config path +\| Package +\| _self_ \| Parent +\| \n-+\n\|.* \|\n/);
    match(run.stdout, /\n\| db\/pg +\| db +\| False +\| config +\|\n/);
  });
});

Deno.test("main() with verbose names lowers those loggers alone", () =>
  runApp(["hydra.verbose=[a,b]"], (run) => {
    match(run.stdout, /\[a\]\[DEBUG\] - one\n/);
    ok(!run.stdout.includes("two"));
  }, {
    task: (_config: DictNode, context: RunContext) => {
      context.logger("a").debug("one");
      context.logger("c").debug("two");
    },
  }));

Deno.test("main() --experimental-rerun runs the recorded config again", async () => {
  const seen: unknown[] = [];
  await runApp(["hydra.run.dir=o", "x=7"], async (run) => {
    const { main } = await import("../../core/app/mod.ts");
    const streams = { stdout: () => {}, stderr: () => {}, color: false };
    const code = await main((config, context) => {
      seen.push(select(config, "nest.b"), context.outputDir);
    }, { args: ["--experimental-rerun", "o/.hydra"], streams, jobName: "app" });
    strictEqual(code, 0);
    deepStrictEqual(seen, [7, `${run.folder}/o`]);
  });
});

Deno.test("main() puts functions of hydra.resolvers at the config's disposal", () =>
  runApp(["--cfg", "job", "--resolve", "-p", "y"], (run) => strictEqual(run.stdout, "42\n"), {
    files: {
      "conf/config": `y: \${double:21}\nhydra:\n  resolvers: ["${
        new URL("../support/resolvers.ts", import.meta.url).pathname
      }"]\n`,
    },
  }));
