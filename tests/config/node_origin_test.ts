import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { create } from "../../core/config/create.ts";
import { dereference } from "../../core/config/interpolate.ts";
import { loadText } from "../../core/config/load.ts";
import { merge } from "../../core/config/merge.ts";
import { type ConfigNode, DictNode, type ListNode, type ValueNode } from "../../core/config/node.ts";
import { codeFrame, Origin, Source } from "../../core/config/origin.ts";
import { selectNode } from "../../core/config/select.ts";
import { mergeDotlist, update } from "../../core/config/update.ts";

const origins = (node: ConfigNode): Record<string, string> => {
  const found: Record<string, string> = {};
  const walk = (at: ConfigNode): void => {
    if (at.parent !== undefined) found[at.fullKey()] = String(at.origin);
    if (at instanceof DictNode || "children" in at) {
      for (const child of (at as DictNode).children()) walk(child);
    }
  };
  walk(node);
  return found;
};

Deno.test("loadText() gives every value the line and column of its first character", () => {
  const config = loadText("a: 1\nb:\n  c: 'x'\n  d: [1, {e: 2}]\nf: |\n  text\n", "conf/a.yaml");
  deepStrictEqual(origins(config), {
    a: "conf/a.yaml:1:4",
    b: "conf/a.yaml:3:3",
    "b.c": "conf/a.yaml:3:6",
    "b.d": "conf/a.yaml:4:6",
    "b.d[0]": "conf/a.yaml:4:7",
    "b.d[1]": "conf/a.yaml:4:10",
    "b.d[1].e": "conf/a.yaml:4:14",
    f: "conf/a.yaml:5:4",
  });
});

Deno.test("merge() keeps the place that set each value last", () => {
  const first = loadText("a: 1\nb: {c: 1, d: 2}\nl: [1]\n", "first.yaml");
  const second = loadText("b: {d: 3}\n", "second.yaml");
  const third = loadText("l: [2, 3]\ne: 5\n", "third.yaml");
  deepStrictEqual(origins(merge(first, second, third)), {
    a: "first.yaml:1:4",
    b: "first.yaml:2:4",
    "b.c": "first.yaml:2:8",
    "b.d": "second.yaml:1:8",
    l: "third.yaml:1:4",
    "l[0]": "third.yaml:1:5",
    "l[1]": "third.yaml:1:8",
    e: "third.yaml:2:4",
  });
});

Deno.test("merge() leaves its inputs as they were", () => {
  const first = loadText("a: {b: 1}\n", "first.yaml");
  const second = loadText("a: {c: [1]}\n", "second.yaml");
  const merged = merge(first, second) as DictNode;
  update(merged, "a.c", [2]);
  deepStrictEqual(Object.keys(origins(first)), ["a", "a.b"]);
  strictEqual((selectNode(second, "a.c[0]") as ValueNode).raw, 1);
});

Deno.test("update() gives the value the origin it is told", () => {
  const config = loadText("a: {b: 1}\n", "first.yaml");
  const word = new Source("command line", "a.b=2");
  update(config, "a.b", 2, { origin: new Origin(word, 4) });
  strictEqual(String(selectNode(config, "a.b")!.origin), "command line:1:5");
});

Deno.test("mergeDotlist() names the word that set a value", () => {
  const config = create({}) as DictNode;
  mergeDotlist(config, ["a.b=[1, 2]"]);
  strictEqual(String(selectNode(config, "a.b[1]")!.origin), "dot list, a.b:1:5");
});

Deno.test("dereference() of a text with several parts keeps the place of the text", () => {
  const config = loadText("a: 1\nb: x${a}\n", "a.yaml") as DictNode;
  strictEqual(String(dereference(config.child("b")!).origin), "a.yaml:2:4");
});

Deno.test("codeFrame() puts the caret under the column, after tabs and in long lines", () => {
  strictEqual(codeFrame(new Origin(new Source("a", "\ta: x"), 4)), "1 | \ta: x\n  | \t   ^");
  const long = `${"x".repeat(300)}Y${"z".repeat(300)}`;
  const [line, caret] = codeFrame(new Origin(new Source("a", long), 300)).split("\n");
  strictEqual(line![caret!.indexOf("^")], "Y");
});

Deno.test("DictNode treats __proto__ and constructor as plain keys", () => {
  const config = loadText(
    "__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\n",
    "a.yaml",
  ) as DictNode;
  strictEqual(({} as { polluted?: number }).polluted, undefined);
  deepStrictEqual([...config.keys()], ["__proto__", "constructor"]);
});

Deno.test("clone() shares live objects and copies the rest", () => {
  const live = { run: () => 1 };
  class Net {}
  const net = new Net();
  const config = create({ a: net, b: [net] }, { allowObjects: true }) as DictNode;
  const copy = config.clone();
  strictEqual((copy.child("a") as ValueNode).raw, net);
  strictEqual(((copy.child("b") as ListNode).child(0) as ValueNode).raw, net);
  strictEqual(live.run(), 1);
});
