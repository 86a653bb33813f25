import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { complete, completionScript, queryVerbCompletion } from "../../core/app/completion.ts";
import { ConfigLoader } from "../../core/config/config_loader.ts";
import { configTree } from "../support/config_tree.ts";
import { BASE_FILES } from "../support/hydra_app.ts";

function completed(line: string): string[] {
  using tree = configTree({ ...BASE_FILES, "conf/srv/db/x": "", "conf/both/a": "", "conf/both/deep/b": "" });
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: `${tree.folder}/conf` }] });
  return complete(loader, "config", line);
}

Deno.test("complete() offers groups, keys and nested keys", () => {
  const all = completed("");
  for (const word of ["db=", "db.", "x=", "name=", "lst.", "nest.", "srv/", "both", "hydra.", "hydra"]) {
    ok(all.includes(word), `${word} in ${all}`);
  }
  deepStrictEqual(completed("ne"), ["nest."]);
  deepStrictEqual(completed("nest."), ["nest.a=", "nest.b="]);
  deepStrictEqual(completed("lst."), ["lst.0=", "lst.1=", "lst.2="]);
});

Deno.test("complete() offers a group's options and a key's present value", () => {
  deepStrictEqual(completed("db="), ["db=mysql", "db=pg"]);
  deepStrictEqual(completed("db=p"), ["db=pg"]);
  deepStrictEqual(completed("x="), ["x=1"]);
  deepStrictEqual(completed("nest.b="), ["nest.b=1"]);
});

Deno.test("complete() descends into nested groups and keeps + and ~", () => {
  deepStrictEqual(completed("srv/"), ["srv/db="]);
  deepStrictEqual(completed("srv/db="), ["srv/db=x"]);
  deepStrictEqual(completed("+db=m"), ["+db=mysql"]);
  deepStrictEqual(completed("~d"), ["~db"]);
});

Deno.test("complete() sees what was typed before", () => {
  deepStrictEqual(completed("db=pg db.port="), ["db.port=5432"]);
  deepStrictEqual(completed("+q.r=1 q."), ["q.r="]);
});

Deno.test("complete() offers flags, and nothing for a config that cannot be composed", () => {
  ok(completed("--mu").includes("--multirun"));
  deepStrictEqual(completed("db=nope nest."), []);
});

Deno.test("complete() offers files for values that begin like a path", () => {
  using tree = configTree({ "one": "", "other": "" });
  const words = completed(`x=${tree.folder}/o`);
  deepStrictEqual(words, [`x=${tree.folder}/one.yaml`, `x=${tree.folder}/other.yaml`]);
});

Deno.test("queryVerbCompletion() completes verbs first, then what the verb takes", async () => {
  using tree = configTree(BASE_FILES);
  const query = async (line: string): Promise<string> => {
    Deno.env.set("COMP_LINE", line);
    const open = () => Promise.resolve({ configPath: `${tree.folder}/conf`, configName: "config" });
    return await queryVerbCompletion("bash", ["train", "eval"], open);
  };
  try {
    strictEqual(await query("fulgur "), "train eval\n");
    strictEqual(await query("fulgur tr"), "train\n");
    strictEqual(await query("fulgur train db="), "db=mysql db=pg\n");
  } finally {
    Deno.env.delete("COMP_LINE");
  }
});

Deno.test("completionScript() writes a script for bash, zsh and fish, and a way back", () => {
  match(completionScript("bash", "install", "app"), /complete -o nospace -o default -F _app_complete app\n/);
  match(completionScript("zsh", "install", "app"), /compdef _app_complete app\n/);
  match(completionScript("fish", "install", "app"), /complete -c app -x -a '\(_app_complete\)'\n/);
  for (const shell of ["bash", "zsh", "fish"]) {
    ok(completionScript(shell, "uninstall", "app").includes("_app_complete"));
  }
  throws(
    () => completionScript("tcsh", "install", "app"),
    /No completion plugin for 'tcsh' found, available/,
  );
});

Deno.test("The bash script completes in a real shell", async () => {
  const script = completionScript("bash", "install", "app", "printf 'db=mysql db=pg x='");
  const line = "app db=";
  const run = `${script}\nCOMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDS=(app db=) COMP_CWORD=1\n` +
    'COMP_LINE="app db="; COMP_POINT=7; COMP_WORDS=(app "db="); COMP_CWORD=1; _app_complete; echo "${COMPREPLY[@]}"';
  const { stdout, success } = await new Deno.Command("bash", { args: ["-c", run] }).output();
  ok(success);
  strictEqual(new TextDecoder().decode(stdout), "db=mysql db=pg\n");
});
