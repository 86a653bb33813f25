import { strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { SavedFiles } from "../../core/train/saved_files.ts";
import { tempFolder } from "../support/temp_folder.ts";

async function write(folder: string, path: string, text = "x"): Promise<void> {
  await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
  await Deno.writeTextFile(join(folder, path), text);
}

Deno.test("SavedFiles names checkpoints in the loggers' folders and outside the run's folder", async () => {
  const [folder, elsewhere] = [await tempFolder(), await tempFolder()];
  const files = new SavedFiles(folder);
  files.watch(elsewhere);
  await write(folder, "csv/version_0/checkpoints/epoch=0-step=10.ckpt");
  await write(elsewhere, "best.ckpt");
  await write(elsewhere, "notes.txt");
  strictEqual(
    files.text(),
    [
      `Saved in ${folder}`,
      "  checkpoint   csv/version_0/checkpoints/epoch=0-step=10.ckpt",
      `  checkpoint   ${elsewhere}/best.ckpt`,
    ].join("\n"),
  );
});

Deno.test("SavedFiles leaves out checkpoints and metrics of an earlier run in the same folder", async () => {
  const folder = await tempFolder();
  await write(folder, "checkpoints/old.ckpt");
  await write(folder, "checkpoints/last.ckpt");
  await write(folder, "csv/version_0/metrics.csv");
  await write(folder, ".hydra/config.yaml");
  const files = new SavedFiles(folder);
  await write(folder, "checkpoints/last.ckpt", "longer");
  await write(folder, "csv/version_1/metrics.csv");
  strictEqual(
    files.text(),
    [
      `Saved in ${folder}`,
      "  config       .hydra/config.yaml",
      "  checkpoint   checkpoints/last.ckpt",
      "  metrics      csv/version_1/metrics.csv",
    ].join("\n"),
  );
});

Deno.test("SavedFiles says nothing where a run left nothing", async () => {
  strictEqual(new SavedFiles(join(await tempFolder(), "none")).text(), "");
});
