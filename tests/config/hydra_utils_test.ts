import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import * as fulgur from "../../mod.ts";
import { create } from "../../core/config/create.ts";
import { HydraConfig } from "../../core/config/hydra_config.ts";
import type { InstantiationError } from "../../core/config/hydra_errors.ts";
import { instantiate } from "../../core/config/instantiate.ts";
import { loadText } from "../../core/config/load.ts";
import type { DictNode } from "../../core/config/node.ts";

class ReLU {}
const argmax = (): number => 0;
const library = { nn: { ReLU }, ops: { argmax } };

/** What a YAML text describes, with targets of the library above unless another is given. */
async function built(yaml: string, options: Parameters<typeof instantiate>[1] = { library }) {
  return await instantiate(loadText(yaml, "model.yaml"), options) as Record<string, unknown>;
}

for (
  const [target, found] of [
    ["hydra.utils.get_class, path: torch.nn.ReLU", ReLU],
    ["hydra.utils.get_class, _args_: [torch.nn.ReLU]", ReLU],
    ["hydra.utils.get_method, path: torch.argmax", argmax],
    ["hydra.utils.get_static_method, path: torch.argmax", argmax],
    ["hydra.utils.get_object, path: nn.ReLU", ReLU],
  ] as const
) {
  Deno.test(`instantiate() passes what {_target_: ${target}} finds`, async () => {
    strictEqual((await built(`activation: {_target_: ${target}}`)).activation, found);
  });
}

Deno.test("instantiate() of hydra.utils.get_class looks a file up in the base folder", async () => {
  const base = new URL("../support/", import.meta.url).pathname;
  const config = "net: {_target_: hydra.utils.get_class, path: './targets.ts#Net'}";
  const { Net } = await import("../support/targets.ts");
  strictEqual((await built(config, { library: {}, base })).net, Net);
});

Deno.test("instantiate() builds the library's own names of the functions in the same way", async () => {
  const config = "activation: {_target_: config.getClass, path: torch.nn.ReLU}";
  strictEqual((await built(config, { library: fulgur })).activation, fulgur.nn.ReLU);
});

for (const name of ["instantiate", "call"]) {
  Deno.test(`instantiate() of hydra.utils.${name} builds a config that it was given, with more options`, async () => {
    const config = `
made:
  _target_: hydra.utils.${name}
  _recursive_: false
  config: {_target_: hydra.utils.get_class}
  path: torch.nn.ReLU
`;
    strictEqual((await built(config)).made, ReLU);
  });
}

Deno.test("instantiate() of hydra.utils.instantiate gives a config without targets back", async () => {
  deepStrictEqual((await built("made: {_target_: hydra.utils.instantiate, config: {z: 5}}")).made, { z: 5 });
});

Deno.test("instantiate() of hydra.utils.to_absolute_path starts where the app was started", async () => {
  const hydra = create({ hydra: { runtime: { cwd: "/home/ada" } } }) as DictNode;
  const config = `
home: {_target_: hydra.utils.get_original_cwd}
data: {_target_: hydra.utils.to_absolute_path, path: data}
`;
  await HydraConfig.run(hydra, async () => {
    deepStrictEqual(await built(config), { home: "/home/ada", data: "/home/ada/data" });
  });
});

for (
  const [target, text] of [
    ["get_class, path: torch.argmax", "Located non-class of type 'function' while loading 'torch.argmax'"],
    ["get_class, path: torch.nn.ReLU, x: 1", "get_class() got an unexpected keyword argument 'x'"],
    ["get_class, path: 5", "A path must be a string, got 'int'"],
    ["get_original_cwd", "get_original_cwd() must only be used after HydraConfig is initialized"],
  ] as const
) {
  Deno.test(`instantiate() of {_target_: hydra.utils.${target}} says what is wrong and where`, async () => {
    await rejects(() => built(`a: {_target_: hydra.utils.${target}}`), (error: InstantiationError) => {
      strictEqual(error.name, "InstantiationError");
      const [first, second, third] = error.what.split("\n");
      strictEqual(first, `Error in call to target 'hydra.utils.${target.split(",")[0]}':`);
      strictEqual(second!.replace(/^\w+: /, ""), text);
      strictEqual(third, "full_key: a");
      return true;
    });
  });
}

Deno.test("instantiate() of hydra.utils.get_class without its path names it", async () => {
  await rejects(
    () => built("a: {_target_: hydra.utils.get_class}"),
    /'hydra\.utils\.get_class' is called without its input "path"/,
  );
});
