/**
 * Whole processes of the command line, from start to exit, with a warm module cache.
 *
 * `one step` also validates one batch and writes its checkpoint: an upper bound of the time to the first finished step.
 */
const CLI = new URL("../cli.ts", import.meta.url).pathname;

async function run(...overrides: string[]): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fulgur_bench_" });
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", CLI, "train", ...overrides, `paths.log_dir=${folder}/`],
    cwd: new URL("..", import.meta.url),
    stdout: "null",
    stderr: "piped",
  }).output();
  await Deno.remove(folder, { recursive: true });
  if (!success) throw new TypeError(new TextDecoder().decode(stderr));
}

const EXAMPLE = ["experiment=example", "trainer.accelerator=cpu"];
const ONE_STEP = [
  "trainer.min_epochs=1",
  "trainer.max_epochs=1",
  "+trainer.limit_train_batches=1",
  "+trainer.limit_val_batches=1",
  "test=false",
];

Deno.bench({
  name: "cli.ts train: start to exit with one step",
  group: "process",
  warmup: 1,
  n: 5,
  fn: async () => await run(...EXAMPLE, ...ONE_STEP),
});

Deno.bench({
  name: "cli.ts train experiment=example: 5 epochs, tested",
  group: "process",
  warmup: 0,
  n: 3,
  fn: async () => await run(...EXAMPLE),
});
