import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { answerShell, complete } from "../../core/app/completion.ts";
import { completionScript } from "../../core/app/completion_scripts.ts";
import { ConfigLoader } from "../../core/config/config_loader.ts";
import { completeVerbs } from "../../cli_completion.ts";
import { configTree } from "../support/config_tree.ts";
import { BASE_FILES } from "../support/hydra_app.ts";

const FILES = {
  ...BASE_FILES,
  "conf/srv/db/x": "",
  "conf/both/a": "",
  "conf/both/deep/b": "",
  "conf/other": "defaults:\n- db@copy: pg\n- _self_\nflag: true\nempty: null\nsave_dir: null\nneeded: ???\n",
};

/** The words for the last of a line's words; a blank at its end begins a new one. */
function completed(line: string): string[] {
  using tree = configTree(FILES);
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: `${tree.folder}/conf` }] });
  const words = line.split(" ");
  const typed = words.pop()!;
  return complete(() => ({ loader, configName: "config" }), words, typed).map(({ word }) => word);
}

Deno.test("complete() offers groups, keys and nested keys", () => {
  const all = completed("");
  const some = ["db=", "db.", "x=", "name=", "lst=", "lst.", "nest.", "srv/", "both=", "both/", "hydra."];
  for (const word of some) ok(all.includes(word), `${word} in ${all}`);
  deepStrictEqual(completed("ne"), ["nest."]);
  deepStrictEqual(completed("nest."), ["nest.a=", "nest.b="]);
  deepStrictEqual(completed("lst."), ["lst.0=", "lst.1=", "lst.2="]);
});

Deno.test("complete() offers a group's options and a key's present value", () => {
  deepStrictEqual(completed("db="), ["db=mysql", "db=pg"]);
  deepStrictEqual(completed("db=p"), ["db=pg"]);
  deepStrictEqual(completed("x="), ["x=1"]);
  deepStrictEqual(completed("nest.b="), ["nest.b=1"]);
  deepStrictEqual(completed("lst="), ["lst=[1,2,3]"]);
  deepStrictEqual(completed("nest="), []);
});

Deno.test("complete() offers several options: in a list, and for a sweep", () => {
  deepStrictEqual(completed("db=["), ["db=[mysql", "db=[pg"]);
  deepStrictEqual(completed("db=[pg,m"), ["db=[pg,mysql"]);
  deepStrictEqual(completed("db=[pg"), ["db=[pg,", "db=[pg]"]);
  deepStrictEqual(completed("-m db=pg,"), ["-m db=pg,mysql"].map((line) => line.slice(3)));
});

Deno.test("complete() descends into nested groups", () => {
  deepStrictEqual(completed("srv/"), ["srv/db="]);
  deepStrictEqual(completed("srv/db="), ["srv/db=x"]);
});

Deno.test("complete() keeps +, ++ and ~, and offers what each may stand before", () => {
  deepStrictEqual(completed("+db=m"), ["+db=mysql"]);
  deepStrictEqual(completed("+ne"), ["+nest."]);
  deepStrictEqual(completed("+nest."), []);
  deepStrictEqual(completed("++nest."), ["++nest.a=", "++nest.b="]);
  deepStrictEqual(completed("++d"), ["++db."]);
  deepStrictEqual(completed("~d"), ["~db", "~db."]);
  deepStrictEqual(completed("~nest."), ["~nest.a", "~nest.b"]);
});

Deno.test("complete() offers groups under other keys", () => {
  deepStrictEqual(completed("--config-name other db@"), ["db@copy="]);
  deepStrictEqual(completed("+db@new=p"), ["+db@new=pg"]);
});

Deno.test("complete() sees what was typed before", () => {
  deepStrictEqual(completed("db=pg db.port="), ["db.port=5432"]);
  deepStrictEqual(completed("+q.r=1 q."), ["q.r="]);
});

Deno.test("complete() leaves out what was typed before where it does not fit", () => {
  deepStrictEqual(completed("db=nope nest."), ["nest.a=", "nest.b="]);
  deepStrictEqual(completed("--config-dir nowhere nest."), ["nest.a=", "nest.b="]);
});

Deno.test("complete() offers flags and their values", () => {
  deepStrictEqual(completed("--mu"), ["--multirun"]);
  deepStrictEqual(completed("--cfg "), ["all", "hydra", "job"]);
  deepStrictEqual(completed("--cfg=h"), ["--cfg=hydra"]);
  deepStrictEqual(completed("-cn o"), ["other"]);
  deepStrictEqual(completed("-p nest.b"), ["nest.b"]);
  deepStrictEqual(completed("--info se"), ["searchpath"]);
  deepStrictEqual(completed("-sc install=f"), ["install=fish"]);
  deepStrictEqual(completed("-- -"), []);
});

Deno.test("complete() offers both values of a flag, nothing for null, and files for keys of paths", () => {
  deepStrictEqual(completed("-cn other flag="), ["flag=false", "flag=true"]);
  deepStrictEqual(completed("-cn other empty="), []);
  deepStrictEqual(completed("-cn other needed="), []);
  using tree = configTree({ "one": "", "sub/other": "" });
  deepStrictEqual(completed(`-cn other save_dir=${tree.folder}/`), [
    `save_dir=${tree.folder}/one.yaml`,
    `save_dir=${tree.folder}/sub/`,
  ]);
});

Deno.test("complete() tells what words mean: the present choice, the present value", () => {
  using tree = configTree(FILES);
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: `${tree.folder}/conf` }] });
  const about = (typed: string) => complete(() => ({ loader, configName: "config" }), [], typed);
  deepStrictEqual(about("db="), [{ word: "db=mysql", isOpen: false }, { word: "db=pg", isOpen: false }]);
  strictEqual(about("db").find(({ word }) => word === "db=")?.about, "mysql");
  deepStrictEqual(about("nam"), [{ word: "name=", about: "hello" }]);
});

Deno.test("completeVerbs() completes verbs first, then what the verb takes", async () => {
  const words = async (...line: string[]) => {
    return (await completeVerbs(line.slice(0, -1), line.at(-1)!)).map(({ word }) => word);
  };
  deepStrictEqual(await words("tr"), ["train"]);
  deepStrictEqual(await words("train", "debug=f"), ["debug=fdr"]);
  deepStrictEqual(await words("info", "tar"), ["targets"]);
  deepStrictEqual(await words("info", "targets", "x"), []);
  deepStrictEqual(await words("nope", ""), []);
});

Deno.test("answerShell() writes words as each shell reads them", async () => {
  const answer = (shell: string) => {
    return answerShell(shell, () => [{ word: "k=a b", about: "c" }, { word: "k=[d", isOpen: true }]);
  };
  Deno.env.set("COMP_LINE", "app k=");
  try {
    strictEqual(await answer("bash"), "a\\ b \n[d\n");
    strictEqual(await answer("zsh"), "k=a b\tc\t\nk=[d\t\t+\n");
    strictEqual(await answer("fish"), "k=a b\tc\nk=[d,\t\nk=[d]\t\n");
  } finally {
    Deno.env.delete("COMP_LINE");
  }
  await rejects(() => answer("bash"), /COMP_LINE is not set/);
});

Deno.test("completionScript() writes a script for bash, zsh and fish, and a way back", () => {
  const options = { command: "app", query: ["my app", "query=x"], main: "/a/b.ts" };
  const install = (shell: string) => completionScript(shell, "install", options);
  match(install("bash"), /\n {12}COMP_LINE=\$line COMP_WORDBREAKS=\$COMP_WORDBREAKS 'my app' query=x 2>/);
  match(install("bash"), /\ncomplete -o nospace -F _app_complete app b\.ts\n/);
  match(install("zsh"), /\ncompdef _app_complete app b\.ts\n/);
  match(install("fish"), /\nfor name in app b\.ts\n/);
  for (const shell of ["bash", "zsh", "fish"]) {
    match(completionScript(shell, "uninstall", options), /_app_complete/);
  }
  throws(() => install("tcsh"), /No completion plugin for 'tcsh' found, available/);
});
