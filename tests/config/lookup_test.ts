import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { getClass, getMethod, getObject } from "../../core/config/lookup.ts";
import { ConfigError } from "../../core/errors.ts";
import { golden } from "../support/hydra_api.ts";

const FIND = { get_class: getClass, get_method: getMethod, get_object: getObject };

class Point {
  static make = (): Point => new Point();
}
const library = { targets: { Point, collect: () => null, VALUE: 5 } };

for (const { find, name, message, log } of golden.lookup) {
  Deno.test(`${FIND[find].name}() equals Hydra for '${name}'`, async () => {
    const lines: string[] = [];
    let said: string | null = null;
    try {
      await FIND[find](name, { library, log: { error: (line) => void lines.push(line) } });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      said = error.what;
    }
    strictEqual(said, message);
    deepStrictEqual(lines, log.map(([, , text]) => text));
  });
}
