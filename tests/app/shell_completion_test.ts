import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isInstalled, startTerminal, type Terminal } from "../support/terminal.ts";

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const CLI = file("../../cli.ts");
const APP = file("../support/completed_app.ts");
const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = typeof SHELLS[number];

/** What is typed, a tab at its end included, and the line that comes of it. */
type Rows = Readonly<Record<string, string | Readonly<Record<Shell, string>>>>;

const hasTerminal = isInstalled("script");
const present = new Map(SHELLS.map((shell) => [shell, hasTerminal && isInstalled(shell)]));

/** A test in each shell that is installed; the others are shown as ignored. */
function inShells(name: string, run: (shell: Shell) => Promise<void>): void {
  for (const shell of SHELLS) {
    const missing = present.get(shell)
      ? ""
      : ` (ignored: ${hasTerminal ? shell : "script"} is not installed)`;
    Deno.test({
      name: `The ${shell} script ${name}${missing}`,
      ignore: missing !== "",
      fn: () => run(shell),
    });
  }
}

async function scriptOf(args: readonly string[]): Promise<string> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...args],
    env: { NO_COLOR: "1" },
  }).output();
  ok(success);
  return new TextDecoder().decode(stdout);
}

async function expectLines(shell: Shell, terminal: Terminal, rows: Rows): Promise<void> {
  for (const [typed, expected] of Object.entries(rows)) {
    const line = typeof expected === "string" ? expected : expected[shell];
    strictEqual(await terminal.line(typed), line, JSON.stringify(typed));
  }
}

/** A folder with files to complete. */
async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    Deno.mkdirSync(`${folder}/some dir`);
    Deno.mkdirSync(`${folder}/runs`);
    for (const name of ["runs/last.ckpt", "runs/.hidden", "some dir/file"]) {
      Deno.writeTextFileSync(`${folder}/${name}`, "");
    }
    await run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const alias = (name: string, path: string): string => `alias ${name}='${Deno.execPath()} run -A ${path}'\n`;

const CLI_ROWS: Rows = {
  "fulgur tr\t": "fulgur train ",
  "fulgur completion z\t": "fulgur completion zsh ",
  "fulgur info tar\t": "fulgur info targets ",
  "fulgur train --mul\t": "fulgur train --multirun ",
  "fulgur train --cfg j\t": "fulgur train --cfg job ",
  "fulgur train --cfg=j\t": "fulgur train --cfg=job ",
  "fulgur train -c j\t": "fulgur train -c job ",
  "fulgur train debug=f\t": "fulgur train debug=fdr ",
  "fulgur train hydra/launcher=j\t": "fulgur train hydra/launcher=joblib ",
  "fulgur train model.opt\t": "fulgur train model.optimizer.",
  "fulgur train model.optimizer.lr=\t": "fulgur train model.optimizer.lr=0.001 ",
  "fulgur train -m debug=fdr,o\t": "fulgur train -m debug=fdr,overfit ",
  "cd . && fulgur train debug=f\t": "cd . && fulgur train debug=fdr ",
};

inShells(
  "completes verbs, flags, groups, keys and values of cli.ts behind an alias",
  (shell) =>
    inFolder(async (folder) => {
      const script = await scriptOf([CLI, "completion", shell]);
      await using terminal = await startTerminal(shell, folder, alias("fulgur", CLI) + script);
      await expectLines(shell, terminal, CLI_ROWS);
    }),
);

inShells("completes lines that run cli.ts without an alias", (shell) =>
  inFolder(async (folder) => {
    const script = await scriptOf([CLI, "completion", shell]);
    await using terminal = await startTerminal(shell, folder, script);
    await expectLines(shell, terminal, {
      [`deno run -A ${CLI} tr\t`]: `deno run -A ${CLI} train `,
      [`deno run -A ${CLI} train debug=f\t`]: `deno run -A ${CLI} train debug=fdr `,
      [`${CLI} train debug=f\t`]: `${CLI} train debug=fdr `,
    });
  }));

inShells("completes a function of that name", (shell) =>
  inFolder(async (folder) => {
    const own = shell === "fish"
      ? `function fulgur; ${Deno.execPath()} run -A ${CLI} $argv; end\n`
      : `fulgur() { ${Deno.execPath()} run -A ${CLI} "$@"; }\n`;
    const script = await scriptOf([CLI, "completion", shell]);
    await using terminal = await startTerminal(shell, folder, own + script);
    await expectLines(shell, terminal, { "fulgur train debug=f\t": "fulgur train debug=fdr " });
  }));

const APP_ROWS: Rows = {
  "app db=s\t": "app db=sqlite ",
  "app db=[my\t": {
    bash: "app db=[mysql",
    // Zsh takes it for a pattern that matches no file, as it would when the line is run: it must be quoted.
    zsh: "app db=[my",
    fish: "app db=\\[mysql",
  },
  // Bash closes the quote of the only word there is.
  "app 'db=[mysql,p\t": { bash: "app 'db=[mysql,pg'", zsh: "app 'db=[mysql,pg", fish: "app 'db=[mysql,pg" },
  "app db@back\t": "app db@backup=",
  "app +db@more=p\t": "app +db@more=pg ",
  "app srv/\t": "app srv/inner=",
  "app srv/inner=\t": "app srv/inner=x ",
  "app '~nest.o\t": { bash: "app '~nest.other'", zsh: "app '~nest.other' ", fish: "app '~nest.other' " },
  "app ++nest.deep.l\t": "app ++nest.deep.leaf=",
  "app +nest.\t": "app +nest.deep.",
  "app fl\t": "app flag=",
  "app flag=f\t": "app flag=false ",
  "app name=\t": {
    bash: "app name=two\\ words ",
    zsh: "app name=two\\ words ",
    fish: "app name=two\\ words ",
  },
  "app url=\t": "app url=http://host:80/a ",
  "app tricky=\t": {
    bash: "app tricky=\\'it\\\\\\'s,\\ [so]\\' ",
    zsh: "app tricky=\\'it\\\\\\'s,\\ \\[so\\]\\' ",
    fish: "app tricky=\\'it\\\\\\'s,\\ \\[so\\]\\' ",
  },
  "app shape=\t": {
    bash: "app shape=[8,[4,a\\ b]] ",
    zsh: "app shape=\\[8,\\[4,a\\ b\\]\\] ",
    fish: "app shape=\\[8,\\[4,a\\ b\\]\\] ",
  },
  "app shape.1.\t": "app shape.1.",
  "app ckpt_path=ru\t": "app ckpt_path=runs/",
  "app ckpt_path=runs/\t": "app ckpt_path=runs/last.ckpt ",
  "app ckpt_path=./ru\t": "app ckpt_path=./runs/",
  "app ckpt_path=so\t": {
    bash: "app ckpt_path=some\\ dir/",
    zsh: "app ckpt_path=some\\ dir/",
    fish: "app ckpt_path=some\\ dir/",
  },
  "app 'name=a b' db=s\t": "app 'name=a b' db=sqlite ",
  "app db=pg db.port=\t": "app db=pg db.port=2 ",
  "app --config-dir ru\t": "app --config-dir runs/",
  "app --package nest.d\t": "app --package nest.deep",
  "app --shell-completion install=z\t": "app --shell-completion install=zsh ",
  "app nothing.at.all\t": "app nothing.at.all",
};

inShells(
  "of a user's own program completes values that are hard to type",
  (shell) =>
    inFolder(async (folder) => {
      const script = await scriptOf([APP, "--shell-completion", `install=${shell}`]);
      await using terminal = await startTerminal(shell, folder, alias("app", APP) + script);
      await expectLines(shell, terminal, APP_ROWS);
    }),
);

inShells("completes nothing any more once it is uninstalled", (shell) =>
  inFolder(async (folder) => {
    const script = await scriptOf([APP, "--shell-completion", `install=${shell}`]);
    const back = await scriptOf([APP, "--shell-completion", `uninstall=${shell}`]);
    await using terminal = await startTerminal(shell, folder, alias("app", APP) + script + back);
    await expectLines(shell, terminal, {
      "app db=sq\t": "app db=sq",
      [`deno run -A ${APP} db=sq\t`]: `deno run -A ${APP} db=sq`,
    });
  }));

inShells(
  "shows what may follow, each with what it means where the shell can",
  (shell) =>
    inFolder(async (folder) => {
      const script = await scriptOf([APP, "--shell-completion", `install=${shell}`]);
      await using terminal = await startTerminal(shell, folder, alias("app", APP) + script);
      if (shell === "fish") {
        const shown = await terminal.run('complete -C "app db="; complete -C "app nest."');
        // What switches the terminal's modes stands in front of a line's first word.
        // deno-lint-ignore no-control-regex
        const plain = shown.replace(/\x1b\[\?\d+[hl]/g, "");
        const words = [...plain.matchAll(/^(\S+=\S*|\S+\.)(?:\t|\r?$)/gm)].map(([, word]) => word);
        deepStrictEqual(words, ["db=mysql", "db=pg", "db=sqlite", "nest.deep.", "nest.other="]);
        return;
      }
      const shown = await terminal.shown("app db=\t");
      match(shown, /mysql +(?:\r\n)?pg +(?:\r\n)?sqlite/);
      if (shell === "zsh") match(await terminal.shown("app rat\t\t"), /ratio=/);
    }),
);
