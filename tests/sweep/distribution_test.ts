import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "npm:fast-check@^4.10.0";
import { ValueError } from "../../core/errors.ts";
import { Float } from "../../core/config/scalar.ts";
import {
  categorical,
  contains,
  discreteUniform,
  intLogUniform,
  intUniform,
  isSingle,
  logUniform,
  type ParamValue,
  singleValue,
  toExternal,
  toInternal,
  uniform,
} from "../../core/sweep/study/distribution.ts";
import {
  distributionJson,
  equalDistributions,
  parseDistribution,
} from "../../core/sweep/study/distribution_json.ts";
import { parsePythonJson, pythonJson } from "../../core/sweep/study/python_json.ts";
import { SpaceTransform } from "../../core/sweep/samplers/space_transform.ts";

Deno.test("discreteUniform() lowers its end to the last step, counted in decimals", () => {
  strictEqual(discreteUniform(0, 1, 0.3).high, 0.9);
  strictEqual(discreteUniform(0, 0.3, 0.1).high, 0.3);
  strictEqual(discreteUniform(-1e-5, 1e20, 0.5).high, 1e20);
  strictEqual(intUniform(1, 10, 4).high, 9);
  throws(() => discreteUniform(0, Infinity, 1), ValueError);
});

Deno.test("isSingle() is true of ranges and choices of one value, which singleValue() gives", () => {
  const single = [
    uniform(2, 2),
    logUniform(3, 3),
    discreteUniform(1, 1.4, 0.5),
    intUniform(4, 6, 3),
    categorical(["a"]),
  ];
  deepStrictEqual(single.map(isSingle), single.map(() => true));
  deepStrictEqual(single.map((d) => String(singleValue(d))), ["2.0", "3.0", "1.0", "4", "a"]);
  ok([uniform(0, 1), intUniform(1, 2), intLogUniform(1, 2), categorical([1, 2])].every((d) => !isSingle(d)));
});

Deno.test("contains() is true of both ends and of steps only", () => {
  ok(contains(uniform(0, 1), 1) && !contains(uniform(0, 1), 1.01));
  ok(contains(intUniform(1, 9, 4), 5) && !contains(intUniform(1, 9, 4), 6));
  ok(
    contains(discreteUniform(0, 1, 0.1), 0.30000000000000004) && !contains(discreteUniform(0, 1, 0.1), 0.35),
  );
  ok(contains(intLogUniform(1, 9), 9) && !contains(intLogUniform(1, 9), 1.5));
  ok(contains(categorical(["a", "b"]), 1) && !contains(categorical(["a", "b"]), 2));
});

Deno.test("toInternal() finds a choice as Python compares, and refuses what is none", () => {
  const choices = categorical([1, "1", null, 2.5]);
  deepStrictEqual([1, true, new Float(1), "1", null, 2.5].map((value) => toInternal(choices, value)), [
    0,
    0,
    0,
    1,
    2,
    3,
  ]);
  throws(() => toInternal(choices, "2"), /'2' is none of the choices/);
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
const width = fc.double({ noNaN: true, min: 1e-3, max: 1e6 });
const choice: fc.Arbitrary<ParamValue> = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));

const distribution = fc.oneof(
  fc.tuple(finite, width).map(([low, w]) => uniform(low, low + w)),
  fc.tuple(width, width).map(([low, w]) => logUniform(low, low + w)),
  fc.tuple(finite, width, width).map(([low, w, q]) => discreteUniform(low, low + w, q)),
  fc.tuple(fc.integer(), fc.nat(1000), fc.integer({ min: 1, max: 9 })).map(([low, w, s]) =>
    intUniform(low, low + w, s)
  ),
  fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.nat(1000)).map(([low, w]) => intLogUniform(low, low + w)),
  fc.array(choice, { minLength: 1 }).map(categorical),
);

Deno.test("parseDistribution() reads back what distributionJson() writes", () => {
  fc.assert(fc.property(distribution, (d) => equalDistributions(parseDistribution(distributionJson(d)), d)));
  throws(
    () => parseDistribution('{"name": "FloatDistribution", "attributes": {}}'),
    /Unknown distribution class/,
  );
});

Deno.test("SpaceTransform gives values of the distribution for every point inside its box", () => {
  fc.assert(
    fc.property(
      distribution,
      fc.array(fc.double({ noNaN: true, min: 0, max: 0.999 }), { minLength: 100, maxLength: 100 }),
      (d, u) => {
        const transform = new SpaceTransform(new Map([["x", d]]));
        const point = transform.low.map((low, i) => low + u[i % 100]! * (transform.high[i]! - low));
        const value = transform.untransform(point).get("x")!;
        // The very end of a log range may be passed by a rounding error.
        const slack = d.name === "LogUniformDistribution" && Number(value) >= d.low * (1 - 1e-12);
        return slack || d.name === "DiscreteUniformDistribution" || contains(d, toInternal(d, value));
      },
    ),
  );
});

Deno.test("SpaceTransform is undone by its inverse", () => {
  fc.assert(fc.property(distribution, fc.nat(), (d, seed) => {
    if (d.name === "CategoricalDistribution") {
      const value = d.choices[seed % d.choices.length]!;
      const transform = new SpaceTransform(new Map([["x", d]]));
      const back = transform.untransform(transform.transform(new Map([["x", value]]))).get("x")!;
      return toInternal(d, back) === toInternal(d, value);
    }
    const transform = new SpaceTransform(new Map([["x", d]]));
    const back = Number(
      transform.untransform(transform.transform(new Map([["x", toExternal(d, d.low)]]))).get("x"),
    );
    return Math.abs(back - d.low) <= 1e-9 * Math.max(1, Math.abs(d.low));
  }));
});

Deno.test("pythonJson() writes floats, words and letters as Python does, and parsePythonJson() reads them", () => {
  const value = {
    a: [1, new Float(1), 0.00001, NaN, Infinity, -Infinity],
    "é\u2028": '\ud83d\ude00"\n',
    b: null,
    c: true,
  };
  const text =
    '{"a": [1, 1.0, 1e-05, NaN, Infinity, -Infinity], "\\u00e9\\u2028": "\\ud83d\\ude00\\"\\n", "b": null, "c": true}';
  strictEqual(pythonJson(value), text);
  deepStrictEqual(parsePythonJson(text), value);
  deepStrictEqual(parsePythonJson('["NaN", "a\\"Infinity"]'), ["NaN", 'a"Infinity']);
});
