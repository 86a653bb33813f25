import assert from "node:assert/strict";
import { specialise } from "../../core/compiler/wgsl/specialise.ts";
import { libraryCalls, libraryText } from "../../core/compiler/wgsl/library.ts";
import { ShaderError } from "../../core/errors.ts";
import { findAdapter } from "../../core/runtime/webgpu/adapter.ts";
import { gpuTest } from "../support/gpu_kernels.ts";

const SOURCE = `alias T = f32; // storage type
const TILE: u32 = 16;
@group(1) @binding(0) var<storage, read_write> s0: array<u32>;
fn last(x: f32) -> f32 {
  if (x > 0.0) { return x; }
  return 0.0;
}
fn other() {}
`;

Deno.test("specialise swaps the value of a const and an alias and keeps the comment", () => {
  const code = specialise(SOURCE, { TILE: 8, T: "i32" });
  assert.match(code, /^const TILE: u32 = 8;$/m);
  assert.match(code, /^alias T = i32; \/\/ storage type$/m);
});

Deno.test("specialise swaps the type of a var with attributes before it", () => {
  assert.match(specialise(SOURCE, { s0: "array<vec4u>" }), /s0: array<vec4u>;/);
});

Deno.test("specialise swaps a whole function body, inner braces included", () => {
  const code = specialise(SOURCE, { last: "return x * 2.0;" });
  assert.match(code, /^fn last\(x: f32\) -> f32 \{ return x \* 2\.0; \}\nfn other\(\) \{\}$/m);
});

Deno.test("specialise enables f16 where a swap needs it and only there", () => {
  assert.match(specialise(SOURCE, { T: "f16" }), /^enable f16;\n/);
  assert.doesNotMatch(specialise(SOURCE, { T: "u32" }), /enable/);
});

Deno.test("specialise names the declarations there are when one is unknown", () => {
  assert.throws(() => specialise(SOURCE, { TILES: 4 }), (error: unknown) => {
    assert.ok(error instanceof ShaderError);
    assert.equal(error.what, 'The shader declares no "TILES"');
    assert.equal(error.fix, 'did you mean "TILE"?');
    return true;
  });
});

Deno.test("libraryText brings the functions that a function calls, each once", () => {
  const text = libraryText(["tanhOf", "expOf"]);
  const names = [...text.matchAll(/^fn (\w+)/gm)].map((m) => m[1]);
  assert.equal(new Set(names).size, names.length);
  assert.ok(["tanhOf", "expOf", "expTail", "scaleOf", "isNan"].every((name) => names.includes(name)));
  assert.ok(!names.includes("erfOf"));
});

Deno.test("libraryCalls finds the library functions in a text", () => {
  assert.deepEqual(libraryCalls("let t0 = expOf(x); let t1 = max(t0, sinOf(x)); expOf(t1)"), [
    "expOf",
    "sinOf",
  ]);
});

const SHADERS = new URL("../../shaders/", import.meta.url);

for (const file of [...Deno.readDirSync(SHADERS)].map((entry) => entry.name).sort()) {
  gpuTest(`shaders/${file} is a valid module as it lies on disk`, async () => {
    const adapter = await findAdapter();
    const device = await adapter!.requestDevice();
    const module = device.createShaderModule({ code: await Deno.readTextFile(new URL(file, SHADERS)) });
    const { messages } = await module.getCompilationInfo();
    assert.deepEqual(messages.map((m) => `${m.lineNum}: ${m.message}`), []);
    device.destroy();
  });
}
