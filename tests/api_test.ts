import assert from "node:assert/strict";
import * as fulgur from "../mod.ts";

/** Names that the package exports, by namespace. A change here is a change of the public API: see CHANGELOG.md. */
const LISTED = new URL("./api.json", import.meta.url);

function exportedNames(): Record<string, string[]> {
  const names: Record<string, string[]> = { "": [] };
  for (const [name, value] of Object.entries(fulgur)) {
    const isNamespace = Object.prototype.toString.call(value) === "[object Module]";
    if (isNamespace) names[name] = Object.keys(value).sort();
    else names[""]!.push(name);
  }
  names[""]!.sort();
  return names;
}

Deno.test("mod.ts exports the listed names", async () => {
  const listed = JSON.parse(await Deno.readTextFile(LISTED)) as Record<string, string[]>;
  assert.deepEqual(exportedNames(), listed);
});
