const made: string[] = [];

globalThis.addEventListener("unload", () => {
  for (const folder of made) {
    try {
      Deno.removeSync(folder, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
});

/** A new folder, removed when the tests of the file have run. */
export async function tempFolder(): Promise<string> {
  const folder = await Deno.makeTempDir();
  made.push(folder);
  return folder;
}
