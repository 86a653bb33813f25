/** A folder with config files, given as `group/option` → text; `<main>` in a text is the folder. */
export interface ConfigTree extends Disposable {
  readonly folder: string;
}

/** Writes config files into a temporary folder that is removed when it goes out of scope. */
export function configTree(files: Readonly<Record<string, string>>): ConfigTree {
  const folder = Deno.makeTempDirSync();
  for (const [name, text] of Object.entries(files)) {
    const path = `${folder}/${name}.yaml`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text.replaceAll("<main>", folder));
  }
  return { folder, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}
