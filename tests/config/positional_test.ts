import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { Identity } from "../../core/nn/mod.ts";
import { count, required, takeOptions } from "../../core/options.ts";
import { instantiate, type InstantiateOptions } from "../../core/config/instantiate.ts";
import { loadText } from "../../core/config/load.ts";

/** Keeps whatever it is made with. */
class All {
  readonly given: readonly unknown[];

  constructor(...given: unknown[]) {
    this.given = given;
  }
}

class Several {
  constructor(readonly a: unknown, readonly b: unknown, readonly options: unknown) {}
}

class One {
  constructor(readonly size: unknown) {}
}

class Counted {
  static made = 0;

  constructor(readonly size: unknown) {
    Counted.made++;
  }
}

class Assigned {
  constructor(given: object) {
    Object.assign(this, given);
  }
}

interface OrderedOptions {
  size: number;
  depth?: number;
}

class Ordered {
  readonly options: OrderedOptions;

  constructor(options: OrderedOptions) {
    this.options = takeOptions<OrderedOptions>("mine.Ordered", options, { size: count(required), depth: 1 });
  }
}

class Derived extends Ordered {}

class Bare {
  readonly x = 1;
}

class Empty {
  // A comment that says constructor(size) declares nothing.
  constructor() {}
}

const half = Object.assign((input: number, options: object) => [input, options], { inputs: ["input"] });
const library = {
  mine: { All, Several, One, Counted, Assigned, Ordered, Derived, Bare, Empty, half },
  nn: { Identity },
};

async function built(yaml: string, options: Partial<InstantiateOptions> = {}): Promise<unknown> {
  return await instantiate(loadText(yaml, "config.yaml"), { library, ...options });
}

Deno.test("instantiate() gives a library class without an order its positions one by one, options last", async () => {
  const all = await built("{_target_: mine.All, _args_: [1, [2]], x: 3}") as All;
  deepStrictEqual(all.given, [1, [2], { x: 3 }]);
  deepStrictEqual((await built("{_target_: mine.All, _args_: [1, 2]}") as All).given, [1, 2]);
  const several = await built("{_target_: mine.Several, _args_: [1, 2], x: 3}") as Several;
  deepStrictEqual([several.a, several.b, several.options], [1, 2, { x: 3 }]);
});

Deno.test("instantiate() gives a class of one argument its only position", async () => {
  strictEqual((await built("{_target_: mine.One, _args_: [3]}") as One).size, 3);
  strictEqual((await built("{_target_: mine.Counted, _args_: [3]}") as Counted).size, 3);
  strictEqual(Counted.made, 1, "it is made once");
  deepStrictEqual({ ...await built("{_target_: mine.Assigned, _args_: [{a: 1}]}") as Assigned }, { a: 1 });
});

Deno.test("instantiate() makes options of positions where a class has an order of them", async () => {
  for (const name of ["Ordered", "Derived"]) {
    const made = await built(`{_target_: mine.${name}, _args_: [3], depth: 2}`) as Ordered;
    deepStrictEqual(made.options, { size: 3, depth: 2 });
  }
  await rejects(built("{_target_: mine.Ordered, _args_: [1, 2, 3]}"), {
    what: "mine.Ordered is given 3 values in _args_, and takes 2",
  });
});

Deno.test("instantiate() passes positions of a call, and of calls of a partial, as it does _args_", async () => {
  deepStrictEqual((await built("{_target_: mine.All, x: 3}", { args: [[1, 2]] }) as All).given, [[1, 2], {
    x: 3,
  }]);
  const partial = await built("{_target_: mine.All, _partial_: true, lr: 1}") as (...args: unknown[]) => All;
  deepStrictEqual(partial(["p"]).given, [["p"], { lr: 1 }]);
  deepStrictEqual(partial(["p"], { lr: 2 }).given, [["p"], { lr: 2 }]);
  const bound = await built("{_target_: mine.All, _partial_: true, _args_: [0]}") as (
    ...args: unknown[]
  ) => All;
  deepStrictEqual(bound(5).given, [0, 5]);
});

Deno.test("instantiate() refuses positions that nobody takes", async () => {
  for (const name of ["Bare", "Empty"]) {
    await rejects(built(`{_target_: mine.${name}, _args_: [1, 2]}`), {
      what: `mine.${name} takes no more values by position, and is given 2 in _args_`,
      fix: "give them by name, or leave _args_ out",
    });
  }
  await rejects(built("{_target_: mine.half, _args_: [1, 2]}"), {
    what: "mine.half takes no more values by position, and is given 1 in _args_",
  });
  const partial = await built("{_target_: mine.Bare, _partial_: true}") as (...args: unknown[]) => Bare;
  throws(() => partial(1), { what: "mine.Bare takes no more values by position, and is given 1 in _args_" });
});

Deno.test("instantiate() lets Identity ignore its positions, as torch does", async () => {
  await built("{_target_: torch.nn.Identity, _args_: [54]}");
});
