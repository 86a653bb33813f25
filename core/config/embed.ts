import { type ContainerNode, DictNode } from "./node.ts";
import { splitKey } from "./key_path.ts";

/** The content under its package: `foo.bar` and `{a: 1}` give `{foo: {bar: {a: 1}}}`. The content is copied. */
export function embed(content: ContainerNode, packagePath: string): ContainerNode {
  let node = content.clone();
  node.parent = undefined;
  if (packagePath === "") return node;
  for (const step of splitKey(packagePath).reverse()) {
    const outer = new DictNode({ origin: node.origin });
    outer.setChild(step, node);
    node = outer;
  }
  return node;
}
