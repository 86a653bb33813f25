import assert from "node:assert/strict";
import { dirname } from "node:path";
import { tempFolder } from "./support/temp_folder.ts";

const ROOT = new URL("../", import.meta.url);

/** Writes the files that docs/components.md shows: TypeScript up to its trial, and configs. */
async function project(): Promise<string> {
  const folder = await tempFolder();
  const guide = await Deno.readTextFile(new URL("docs/components.md", ROOT));
  for (const [, code] of guide.matchAll(/^```(?:ts|yaml)\n([^]*?)^```/gm)) {
    const path = /^(?:# @package _global_\n)?(?:\/\/ \.\/|# )(\S+\.(?:ts|yaml))\n/.exec(code!)?.[1];
    if (path === undefined) continue;
    const text = code!.split("\n// In use:")[0]!.replaceAll('"../mod.ts"', `"${new URL("mod.ts", ROOT)}"`);
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  return folder;
}

/** What the command line prints, where it ends with the expected code. */
async function train(cwd: string, expected: number, ...words: string[]): Promise<string> {
  const cli = new URL("cli.ts", ROOT).href;
  const args = [
    "run",
    "-A",
    "--no-check",
    cli,
    "train",
    "--config-dir",
    "conf",
    "experiment=points",
    ...words,
  ];
  const env = { NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd, env }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(code, expected, text);
  return text;
}

Deno.test("docs/components.md describes a project that trains", async () => {
  const folder = await project();
  await train(folder, 0, "trainer.accelerator=cpu", "hydra.run.dir=out");
  const rows = (await Deno.readTextFile(`${folder}/out/metrics.jsonl`)).trim().split("\n")
    .map((line) => JSON.parse(line) as Record<string, number>);
  const totals = rows.flatMap((row) => row["val/total"] ?? []);
  assert.equal(totals.length, 3);
  assert.ok(totals[2]! < totals[0]!, totals.join());
  assert.ok(rows.some((row) => "val/within" in row) && rows.some((row) => "test/quantile" in row));
});

Deno.test("docs/components.md describes a module that takes the model's place", async () => {
  const folder = await project();
  const callback = "callbacks.metrics_callback";
  const words = ["model=line", `${callback}.metrics=null`, `${callback}.tracked_metric_name=null`];
  await train(folder, 0, "trainer.accelerator=cpu", "hydra.run.dir=out", ...words);
  const text = await Deno.readTextFile(`${folder}/out/metrics.jsonl`);
  assert.match(text, /"test\/total":/);
});

Deno.test("_target_ on the command line takes a quoted ./file.ts#Export", async () => {
  const folder = await project();
  const text = await train(
    folder,
    0,
    "--cfg=job",
    "--package=model.forward_fn.network.transform",
    'model.forward_fn.network.transform._target_="./net.ts#Net"',
  );
  assert.match(text, /_target_: \.\/net\.ts#Net/);
});

Deno.test("takeOptions() in a class of one's own names the place of an unknown option", async () => {
  const folder = await project();
  const path = `${folder}/conf/model/points.yaml`;
  await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace("input_size: 2", "input_sise: 2"));
  const text = await train(folder, 1, "hydra.run.dir=out");
  assert.match(text, /Net has no option "input_sise"/);
  assert.match(text, /conf\/model\/points\.yaml:7:42/);
  assert.match(text, /did you mean "input_size"\? It takes input_size, width/);
});
