import assert from "node:assert/strict";
import { walkFiles } from "./support/files.ts";

const ROOT = new URL("../", import.meta.url);

async function lockedIn(file: string): Promise<Readonly<Record<string, string>>> {
  return JSON.parse(await Deno.readTextFile(new URL(file, ROOT))).specifiers;
}

Deno.test("deno.lock holds what the library imports: all of it is fetched before the first command runs", async () => {
  const files = ["deno.json", ...await walkFiles("core", [".ts"])];
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(new URL(file, ROOT))));
  const imported = texts.join("\n");
  const nameOf = (specifier: string): string => specifier.slice(0, specifier.lastIndexOf("@"));
  const others = Object.keys(await lockedIn("deno.lock")).filter((specifier) =>
    !imported.includes(`${nameOf(specifier)}@`)
  );
  assert.deepEqual(others, []);
});

Deno.test("tests run with the versions that users get", async () => {
  const users = await lockedIn("deno.lock");
  const tests = await lockedIn("tests/deno.lock");
  for (const [specifier, version] of Object.entries(users)) {
    assert.equal(tests[specifier], version, specifier);
  }
});
