import assert from "node:assert/strict";
import { walkFiles } from "./support/files.ts";

/** Layers from the bottom up; a file may import from its own entry and from those named there. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "core/errors.ts": [],
  "core/show_value.ts": [],
  "core/option_rules.ts": ["core/errors.ts"],
  "core/options.ts": ["core/errors.ts", "core/option_rules.ts", "core/show_value.ts"],
  "core/children.ts": [],
  "core/custom_inspect.ts": [],
  "core/number_text.ts": [],
  "core/python_literal.ts": [],
  "core/mersenne_twister.ts": [],
  "core/batch.ts": ["core/errors.ts", "core/options.ts"],
  "core/runtime": ["core/errors.ts", "core/options.ts"],
  "core/compiler": ["core/errors.ts", "core/runtime", "shaders"],
  "core/ops": ["core/errors.ts", "core/options.ts", "core/runtime", "core/compiler"],
  "core/tensor": [
    "core/errors.ts",
    "core/options.ts",
    "core/mersenne_twister.ts",
    "core/custom_inspect.ts",
    "core/number_text.ts",
    "core/runtime",
    "core/compiler",
    "core/ops",
  ],
  "core/nn": ["TENSOR"],
  "core/optim": ["TENSOR"],
  "core/losses": ["TENSOR"],
  "core/metrics": ["TENSOR"],
  "core/transforms": ["TENSOR"],
  "core/data": ["TENSOR", "core/transforms"],
  "core/config": ["core/errors.ts", "core/options.ts"],
  "core/sweep": ["core/errors.ts", "core/options.ts", "core/mersenne_twister.ts", "core/config"],
  "core/app": ["core/errors.ts", "core/options.ts", "core/config", "core/sweep", "configs"],
  "core/train": ["TENSOR", "PARTS", "core/config"],
  "core/callbacks": ["TENSOR", "PARTS", "core/train", "core/config"],
  "core/loggers": ["TENSOR", "core/train", "core/config"],
  "core/profilers": ["TENSOR", "core/train"],
  "core/trainer": ["core/train", "core/callbacks", "core/loggers", "core/profilers"],
};

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  TENSOR: [
    "core/errors.ts",
    "core/options.ts",
    "core/children.ts",
    "core/custom_inspect.ts",
    "core/number_text.ts",
    "core/python_literal.ts",
    "core/batch.ts",
    "core/runtime",
    "core/compiler",
    "core/ops",
    "core/tensor",
  ],
  PARTS: ["core/nn", "core/optim", "core/losses", "core/metrics", "core/transforms", "core/data"],
};

/** Imports against the layers that are part of the design, with the reason. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // Ops name the tensor type only; the value comes in through `derived`.
  "core/ops": ["core/tensor/tensor.ts"],
};

const MAX_LINES = 450;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function layerOf(path: string): string {
  return Object.keys(MAY_IMPORT)
    .filter((layer) => path === layer || path.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0] ?? path;
}

async function importsUnder(folder: string): Promise<Import[]> {
  const found: Import[] = [];
  const pattern =
    /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"(\.[^"]+)"|import\("(\.[^"]+)"\)/g;
  for (const file of await walkFiles(folder, [".ts"])) {
    const text = (await Deno.readTextFile(file)).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    for (const match of text.matchAll(pattern)) {
      const specifier = match[3] ?? match[4]!;
      const target = new URL(specifier, `file:///${file}`).pathname.slice(1);
      const names = /\{([^}]*)\}/.exec(match[0])?.[1]?.split(",").map((n) => n.trim()).filter(Boolean);
      const typeOnly = match[2] !== undefined || (names?.every((n) => n.startsWith("type ")) ?? false);
      found.push({ file, target, typeOnly });
    }
  }
  return found;
}

Deno.test("core imports only downward through the layers", async () => {
  const wrong: string[] = [];
  for (const { file, target, typeOnly } of await importsUnder("core")) {
    const own = layerOf(file);
    const other = layerOf(target);
    const allowed = (MAY_IMPORT[own] ?? []).flatMap((name) => GROUPS[name] ?? [name]);
    const excepted = typeOnly && (EXCEPTIONS[own] ?? []).includes(target);
    const below = other === own || allowed.includes(other) || allowed.some((a) => target.startsWith(`${a}/`));
    if (!below && !excepted) wrong.push(`${file} imports ${target}`);
  }
  assert.deepEqual(wrong, []);
});

Deno.test("shaders are imported by the WGSL compiler only", async () => {
  const wrong = (await importsUnder("core"))
    .filter(({ file, target }) => target.endsWith(".wgsl") && !file.startsWith("core/compiler/wgsl/"));
  assert.deepEqual(wrong, []);
});

Deno.test(`no TypeScript file has more than ${MAX_LINES} lines`, async () => {
  const long: string[] = [];
  for (const folder of ["core", "tests", "bench", "examples"]) {
    for (const file of await walkFiles(folder, [".ts"])) {
      const lines = (await Deno.readTextFile(file)).split("\n").length - 1;
      if (lines > MAX_LINES) long.push(`${file}: ${lines}`);
    }
  }
  assert.deepEqual(long, []);
});

Deno.test("no file throws a bare Error", async () => {
  const bare: string[] = [];
  for (const file of await walkFiles("core", [".ts"])) {
    if (/\bnew Error\(/.test(await Deno.readTextFile(file))) bare.push(file);
  }
  assert.deepEqual(bare, []);
});
