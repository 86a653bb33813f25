import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { at } from "../../core/config/access.ts";
import { composeConfig } from "../../core/config/compose.ts";
import { ConfigStore } from "../../core/config/config_store.ts";
import { create } from "../../core/config/create.ts";
import { dereference } from "../../core/config/interpolate.ts";
import { loadText } from "../../core/config/load.ts";
import { merge } from "../../core/config/merge.ts";
import type { ContainerNode, DictNode, ValueNode } from "../../core/config/node.ts";
import { evalResolver, evaluatePython } from "../../core/config/python_expression.ts";
import { Resolvers, resolversOf } from "../../core/config/resolvers.ts";
import { selectNode } from "../../core/config/select.ts";
import { toContainer } from "../../core/config/to_container.ts";

function config(yaml: string, scope: Resolvers): ContainerNode {
  const loaded = loadText(yaml, "a.yaml");
  loaded.scope = scope;
  return loaded;
}

Deno.test("Resolvers.register() calls an uncached resolver on each access", () => {
  let calls = 0;
  const node = config("a: ${count:}\n", new Resolvers().register("count", () => ++calls));
  deepStrictEqual([at(node, "a"), at(node, "a")], [1, 2]);
});

Deno.test("Resolvers.register() calls a cached resolver once per literal argument text", () => {
  let calls = 0;
  const scope = new Resolvers().register("c", ([x]) => `${String(x)}${++calls}`, { useCache: true });
  const node = config("x: 1\na: ${c:1}\nb: ${c:1}\nd: ${c:${x}}\n", scope) as DictNode;
  deepStrictEqual([at(node, "a"), at(node, "b"), at(node, "a"), at(node, "d")], ["11", "11", "11", "12"]);
  (node.child("x") as ValueNode).setRaw(5);
  strictEqual(at(node, "d"), "12");
});

Deno.test("Resolvers.fork() takes cached results along and keeps later ones apart", () => {
  let calls = 0;
  const first = new Resolvers().register("c", () => ++calls, { useCache: true });
  strictEqual(at(config("a: ${c:x}\n", first), "a"), 1);
  const job = first.fork();
  strictEqual(at(config("a: ${c:x}\n", job), "a"), 1);
  strictEqual(at(config("a: ${c:y}\n", job), "a"), 2);
  strictEqual(at(config("a: ${c:y}\n", first), "a"), 3);
});

Deno.test("Resolvers.register() refuses a name that is taken unless it may replace it", () => {
  const scope = new Resolvers().register("c", () => 1);
  throws(() => scope.register("c", () => 2), /resolver 'c' is already registered/);
  throws(() => scope.register("", () => 2), /cannot use an empty resolver name/);
  strictEqual(at(config("a: ${c:}\n", scope.register("c", () => 2, { replace: true })), "a"), 2);
  strictEqual(scope.remove("c"), true);
  strictEqual(scope.has("c"), false);
});

Deno.test("dereference() shares live objects through interpolations by identity", () => {
  class Net {}
  const net = new Net();
  const node = create({ params: { instances: { network: net } } }, { allowObjects: true }) as DictNode;
  const merged = merge(node, loadText("a: ${params.instances.network}\nb: ['${a}']\n", "b.yaml"));
  strictEqual((dereference(selectNode(merged, "a")!) as ValueNode).raw, net);
  const data = toContainer(merged, { resolve: true }) as { a: Net; b: Net[] };
  ok(data.a === net && data.b[0] === net);
});

Deno.test("oc.deprecated warns with the old and the new key", () => {
  const said: string[] = [];
  const scope = new Resolvers({ warn: (message) => said.push(message) });
  strictEqual(at(config("new: {key: 5}\nold: ${oc.deprecated:new.key}\n", scope), "old"), 5);
  deepStrictEqual(said, ["'old' is deprecated. Change your code and config to use 'new.key'"]);
});

Deno.test("oc.env reads the environment of its scope", () => {
  const scope = new Resolvers({ env: (name) => name === "ROOT" ? "/data" : undefined });
  strictEqual(at(config("a: ${oc.env:ROOT}/x\n", scope), "a"), "/data/x");
});

Deno.test("evalResolver evaluates the template's mode expression", () => {
  const yaml = [
    "callbacks: {best: {tracked_metric_name: '%'}}",
    `mode: '\${eval:"''max'' if ''\${oc.select:callbacks.best.tracked_metric_name,""}'' else ''min''"}'`,
    "",
  ].join("\n");
  const mode = (name: string) =>
    at(config(yaml.replace("'%'", name), new Resolvers().register("eval", evalResolver)), "mode");
  deepStrictEqual([mode("val/acc"), mode("'???'"), mode("null")], ["max", "min", "max"]);
});

Deno.test("evaluatePython() refuses what is no plain expression, and says what is allowed", () => {
  for (
    const [text, name] of [
      ["__import__('os').system('ls')", "NameError"],
      ["open('/etc/passwd')", "NameError"],
      ["(lambda: 1)()", "SyntaxError"],
      ["[x for x in [1]]", "SyntaxError"],
      ["f'{open}'", "NameError"],
      ["f'{().__class__}'", "AttributeError"],
      ["'{0.__class__}'.format(1)", "NotImplementedError"],
      ["f'{1=}'", "NotImplementedError"],
      ["'{:{}}'.format(1, 2)", "NotImplementedError"],
      ["'%*d' % (1, 2)", "NotImplementedError"],
      ["'a'.lower", "NotImplementedError"],
      ["'a'.encode()", "NotImplementedError"],
      ["'a'.split(sep=',')", "NotImplementedError"],
      ["().__class__.__bases__", "AttributeError"],
      ["'a'.__class__", "AttributeError"],
      ["'a'.constructor", "AttributeError"],
      ["constructor", "NameError"],
      ["toString()", "NameError"],
      ["(1)(2)", "TypeError"],
      ["a := 1", "SyntaxError"],
    ] as const
  ) {
    throws(() => evaluatePython(text), { name }, text);
  }
  throws(() => evaluatePython("'a'.encode()"), /str\.encode is not supported here\n/);
  throws(() => evaluatePython("'a'.nope()"), /'str' object has no attribute 'nope'/);
  throws(() => evaluatePython("model"), /fix: quote a text; it can use literals, operators/);
});

Deno.test("evaluatePython() names the failure of an interpolation as Python does", () => {
  const node = config("a: ${eval:'1 / 0'}\n", new Resolvers().register("eval", evalResolver));
  throws(() => at(node, "a"), {
    name: "InterpolationResolutionError",
    msg: "ZeroDivisionError raised while resolving interpolation: division by zero",
  });
});

Deno.test("dereference() wraps what a user's resolver throws", async () => {
  const scope = new Resolvers().register("boom", () => {
    throw new RangeError("too far");
  });
  await rejects(() => Promise.resolve().then(() => at(config("a: ${boom:}\n", scope), "a")), {
    msg: "RangeError raised while resolving interpolation: too far",
  });
});

Deno.test("dereference() finds the cycle of oc.select with itself", () => {
  const node = config("a: ${oc.select:b}\nb: ${oc.select:a}\n", new Resolvers());
  throws(() => at(node, "a"), { msg: "Recursive interpolation detected" });
});

Deno.test("composeConfig() takes resolvers beside Hydra's own", () => {
  const store = new ConfigStore().store("config", { twice: "${double:4}", year: "${now:%Y}" });
  const resolvers = () => new Resolvers().register("double", ([x]) => Number(x) * 2);
  const config = composeConfig({ searchPath: [], store, configName: "config", resolvers });
  strictEqual(at(config, "twice"), 8);
  match(String(at(config, "year")), /^\d{4}$/);
});

Deno.test("resolversOf() adds to the resolvers that a composed config has", () => {
  const store = new ConfigStore().store("config", { inner: { twice: "${double:4}" }, year: "${now:%Y}" });
  const config = composeConfig({ searchPath: [], store, configName: "config" });
  const inner = config.child("inner") as DictNode;
  resolversOf(inner).register("double", ([x]) => Number(x) * 2);
  strictEqual(at(inner, "twice"), 8);
  match(String(at(config, "year")), /^\d{4}$/);
});
