import { rejects, strictEqual, throws } from "node:assert/strict";
import { create } from "../../core/config/create.ts";
import { instantiate } from "../../core/config/instantiate.ts";
import { loadText } from "../../core/config/load.ts";
import { merge } from "../../core/config/merge.ts";
import type { ContainerNode, DictNode } from "../../core/config/node.ts";

const config = loadText("a: 1.0\nb: ['${a}', null, '???']\n__proto__: {x: yes}\n", "c.yaml") as DictNode;

Deno.test("JSON.stringify() of a config node shows the config", () => {
  strictEqual(JSON.stringify(config), '{"a":1,"b":["${a}",null,"???"],"__proto__":{"x":true}}');
  strictEqual(JSON.stringify({ inner: create([1n, 2]) }), '{"inner":["1",2]}');
});

Deno.test("String() of a config node shows the config, live objects by name", () => {
  class Net {
    readonly self = this;
  }
  strictEqual(String(config.child("b")), '["${a}",null,"???"]');
  strictEqual(`${config.child("a")}`, "1");
  strictEqual(
    String(create({ net: new Net(), f: Net }, { allowObjects: true })),
    '{"net":"<Net object>","f":"<Net>"}',
  );
  strictEqual(String(create(null)), "null");
});

Deno.test("console.log() of a config node shows the config as data", () => {
  strictEqual(Deno.inspect(create({ a: { b: [1, "x"] } })), Deno.inspect({ a: { b: [1, "x"] } }));
  strictEqual(Deno.inspect({ config: create({ a: 1 }) }), "{ config: { a: 1 } }");
});

Deno.test("merge() of plain objects says how to make nodes of them", () => {
  const plain = { a: 1 } as unknown as ContainerNode;
  throws(() => merge(plain, plain), { name: "ConfigTypeError", msg: "merge() takes config nodes, got dict" });
  throws(() => merge(config, null as unknown as ContainerNode), /got NoneType/);
});

Deno.test("instantiate() needs no options where targets are exports of files", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/own.ts`, "export const twice = ({ x }: { x: number }) => 2 * x;\n");
    strictEqual(await instantiate({ _target_: `${folder}/own.ts#twice`, x: 3 }), 6);
    await rejects(() => instantiate({ _target_: "nn.Linear" }), { name: "InstantiationError" });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
