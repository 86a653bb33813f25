/** Files with one of the endings under a folder, as paths relative to the project's root, sorted. */
export async function walkFiles(folder: string, endings: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const root = new URL("../../", import.meta.url);
  const walk = async (path: string): Promise<void> => {
    for await (const entry of Deno.readDir(new URL(`${path}/`, root))) {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory) await walk(child);
      else if (endings.some((ending) => entry.name.endsWith(ending))) found.push(child);
    }
  };
  await walk(folder);
  return found.sort();
}
