import type { Expr } from "../expr.ts";
import { exprSize, visit } from "../expr.ts";
import { type Cell, leaveCell, type Partials, recombineCell, shareCell, SharedArrays } from "./cells.ts";
import { combinerOf } from "./combine.ts";
import { castText } from "./render.ts";
import { TEMPORARY, type View } from "./bindings.ts";
import {
  decompose,
  type Emission,
  emitLoad,
  emitStore,
  type LoadedValue,
  type Place,
  viewLoad,
  viewStores,
} from "./place.ts";
import type { ReducePlan } from "./reduce_plan.ts";
import { type ValueFunction, valueFunction } from "./values.ts";

/** What one launch of a reduction does. */
export interface Part {
  /** How many phases earlier launches have left in temporary memory. */
  readonly known: number;
  /** Phases that this launch walks. */
  readonly phases: readonly number[];
  /** Leave the results in temporary memory. */
  readonly partial: boolean;
  readonly stores: boolean;
  readonly elements: boolean;
}

/** Loop steps after which a running f32 sum is added to its total: keeps rounding errors small in long sums. */
const BLOCK = 64;

/** Generates the body of the function that reduces one work item. */
export class ReduceWalk {
  readonly #plan: ReducePlan;
  readonly #part: Part;
  readonly #sliced: boolean;
  readonly #lanes: number;
  readonly #columns: number;
  readonly #emission: Emission;
  readonly #cells: Cell[] = [];
  readonly #functions: ValueFunction[] = [];
  readonly #copies: readonly number[];
  readonly #lines: string[] = [];
  readonly #shared = new SharedArrays();
  readonly #loadViews: (View | null)[];
  readonly #kept: string[] = [];
  readonly #hoisted = new Map<number, LoadedValue>();
  readonly #usedHoisted: readonly number[];
  readonly #temporary: string = "";

  constructor(
    plan: ReducePlan,
    part: Part,
    sliced: boolean,
    lanes: number,
    columns: number,
    emission: Emission,
  ) {
    this.#plan = plan;
    this.#part = part;
    this.#sliced = sliced;
    this.#lanes = lanes;
    this.#columns = columns;
    this.#emission = emission;
    this.#copies = plan.width === 4 ? [0, 1, 2, 3] : [0];
    let word = 0;
    plan.kernel.phases.forEach((phase, p) => {
      for (const accumulator of phase) {
        const combiner = combinerOf(accumulator, emission.words);
        this.#cells.push({ number: this.#cells.length, phase: p, combiner, expr: accumulator.value, word });
        word += combiner.indexed ? 2 : 1;
      }
    });
    const used = this.#usedLoads();
    this.#loadViews = plan.loads.map(() => null);
    for (const i of used) {
      this.#loadViews[i] = viewLoad(plan.loads[i]!, plan.loads, plan.sizes, plan.vector, emission.bindings);
    }
    this.#usedHoisted = used.filter((i) => !plan.varies[i]);
    if (part.known > 0 || part.partial) {
      emission.bindings.view(TEMPORARY, "u32", 1, true);
      this.#temporary = emission.bindings.name(TEMPORARY);
    }
  }

  /** Declared types of the workgroup arrays. */
  shared(): readonly string[] {
    return this.#shared.types;
  }

  #partials(): Partials {
    const { points, slices, width } = this.#plan;
    return { memory: this.#temporary, points, slices, wide: width === 4, words: this.#emission.words };
  }

  /** Text of the functions that the body calls. */
  functions(): string {
    return this.#functions.map((f) => f.text).join("");
  }

  /** Text of the body. */
  body(): string {
    const { words } = this.#emission;
    const plan = this.#plan;
    const storeViews = this.#part.stores
      ? viewStores(
        plan.stores,
        plan.sizes.slice(0, plan.keptRank),
        this.#keptVector(),
        this.#emission.bindings,
      )
      : [];
    const elementViews = this.#part.elements
      ? viewStores(plan.elementStores, plan.sizes, plan.vector, this.#emission.bindings)
      : [];
    const lines = this.#lines;
    const steps = words.whole(plan.steps);
    if (this.#sliced) {
      const slices = words.whole(plan.slices);
      const points = words.whole(plan.points / plan.width);
      const share = words.whole(Math.ceil(plan.steps / plan.slices));
      lines.push(
        ...(plan.byColumns
          // Neighbouring invocations take neighbouring columns of the same rows.
          ? [`let slice = item / ${points};`, `let k = item - slice * ${points};`]
          : [`let k = item / ${slices};`, `let slice = item - k * ${slices};`]),
        `let begin = min(slice * ${share}, ${steps});`,
        `let end = min(begin + ${share}, ${steps});`,
      );
    } else {
      lines.push("let k = item;", "let begin = 0u;", `let end = ${steps};`);
    }
    const keptSizes = plan.sizes.slice(0, plan.keptRank);
    const keptSteps = keptSizes.map((n, d) => plan.width === 4 && d === plan.keptRank - 1 ? n / 4 : n);
    this.#kept.push(...decompose("k", keptSteps, plan.points / plan.width, "c", words, lines));
    for (const i of this.#usedHoisted) this.#load(i, this.#hoistedPlace(), this.#hoisted, lines);
    for (const cell of this.#cells) {
      if (cell.phase < this.#part.known) lines.push(...recombineCell(cell, this.#copies, this.#partials()));
    }
    for (const phase of this.#part.phases) this.#phase(phase);
    if (this.#part.partial) {
      if (this.#lanes > 1) lines.push("if (live & (lane == 0u)) {");
      for (const cell of this.#cells) {
        if (this.#part.phases.includes(cell.phase)) {
          lines.push(...leaveCell(cell, this.#copies, this.#partials()));
        }
      }
      if (this.#lanes > 1) lines.push("}");
    }
    if (this.#part.stores) this.#stores(storeViews);
    if (this.#part.elements) this.#elements(elementViews);
    return lines.join("\n  ");
  }

  /** The loads that this launch needs, those they are indexed by included. */
  #usedLoads(): number[] {
    const { kernel, loads } = this.#plan;
    const roots: Expr[] = [];
    for (const cell of this.#cells) if (this.#part.phases.includes(cell.phase)) roots.push(cell.expr);
    if (this.#part.stores) roots.push(...kernel.stores.map((s) => s.value));
    if (this.#part.elements) roots.push(...kernel.elementStores.map((s) => s.value));
    return closure(roots, loads.map((load) => load.indirect?.load));
  }

  #keptVector(): number {
    return this.#plan.width === 4 ? this.#plan.keptRank - 1 : -1;
  }

  /** A place whose reduced coordinates do not matter. */
  #hoistedPlace(): Place {
    const { sizes, keptRank } = this.#plan;
    const coordinates = sizes.map((_, d) => d < keptRank ? this.#kept[d]! : "0u");
    return { sizes, coordinates, vector: this.#keptVector(), flat: null };
  }

  #load(i: number, place: Place, values: Map<number, LoadedValue>, lines: string[]): void {
    const known = new Map([...this.#hoisted, ...values]);
    values.set(i, emitLoad(i, this.#plan.loads, this.#loadViews[i]!, place, known, this.#emission, lines));
  }

  /** Text of a finished accumulator for kept neighbour `j`. */
  #finished(leaf: Expr, j: number): string {
    const cell = this.#cells[leaf.value]!;
    if (cell.combiner.indexed) return castText(`i${leaf.value}_${j}`, "u32", leaf.type);
    return castText(`a${leaf.value}_${j}`, cell.combiner.type, leaf.type);
  }

  /**
   * A loop over the reduced elements of this work item.
   *
   * @param step Name of the loop's variable.
   * @param roots Expressions whose loads the body needs.
   * @param body Statements for one step, given the values of loads.
   * @param around Statements before and after each block of steps.
   */
  #loop(
    step: string,
    roots: readonly Expr[],
    body: (values: Map<number, LoadedValue>, place: Place, lines: string[]) => void,
    around: { readonly open: readonly string[]; readonly close: readonly string[] },
  ): void {
    const { sizes, keptRank, vector, steps, loads, varies } = this.#plan;
    const { words } = this.#emission;
    const inner: string[] = [];
    const before: string[] = [];
    const reducedSteps = sizes.slice(keptRank).map((n, d) => keptRank + d === vector ? n / 4 : n);
    const reduced = decompose(step, reducedSteps, steps, "d", words, inner);
    const place: Place = {
      sizes,
      coordinates: [...this.#kept, ...reduced],
      vector,
      flat: null,
      before: { axes: keptRank, prefix: `${step}h`, lines: before },
    };
    const values = new Map(this.#hoisted);
    for (const i of closure(roots, loads.map((load) => load.indirect?.load))) {
      if (varies[i]) this.#load(i, place, values, inner);
    }
    body(values, place, inner);
    const lane = this.#lanes === 1 ? "" : " + lane";
    const at = `${step}n`;
    this.#lines.push(...before, `var ${at} = begin${lane};`);
    if (around.open.length === 0) {
      this.#lines.push(...this.#walkTo("end", step, at, inner, this.#unroll(roots)));
      return;
    }
    this.#lines.push(
      `while (${at} < end) {`,
      `let ${step}stop = min(end, ${at} + ${BLOCK * this.#lanes}u);`,
      ...around.open,
      ...this.#walkTo(`${step}stop`, step, at, inner, this.#unroll(roots)),
      ...around.close,
      "}",
    );
  }

  /** Statements that walk from `at` to an end, several steps per trip where that pays. */
  #walkTo(end: string, step: string, at: string, inner: readonly string[], unroll: number): string[] {
    const single = [
      `while (${at} < ${end}) {`,
      `let ${step} = ${at};`,
      ...inner,
      `${at} += ${this.#lanes}u;`,
      "}",
    ];
    if (unroll === 1) return single;
    const steps = Array.from({ length: unroll }, (_, i) => i);
    return [
      `while (${at} + ${unroll - 1}u < ${end}) {`,
      ...steps.flatMap((i) => ["{", `let ${step} = ${at} + ${i}u;`, ...inner, "}"]),
      `${at} += ${unroll}u;`,
      "}",
      ...single,
    ];
  }

  /**
   * Steps per trip of a loop. Software adapters fetch memory one access after the other unless a trip holds several;
   * down a column, where each access touches another page, more so. Costly expressions hide that by themselves.
   */
  #unroll(roots: readonly Expr[]): number {
    if (this.#lanes > 1 || exprSize(roots) > 6) return 1;
    return this.#plan.byColumns ? 8 : 4;
  }

  #phase(phase: number): void {
    const cells = this.#cells.filter((cell) => cell.phase === phase);
    const open: string[] = [];
    const close: string[] = [];
    for (const { number, combiner } of cells) {
      for (const j of this.#copies) {
        this.#lines.push(`var a${number}_${j} = ${combiner.start};`);
        if (combiner.indexed) this.#lines.push(`var i${number}_${j} = begin;`);
        if (combiner.blocked) {
          open.push(`var p${number}_${j} = 0.0f;`);
          close.push(`a${number}_${j} += p${number}_${j};`);
        }
      }
    }
    const roots = cells.map((cell) => cell.expr);
    const compute = valueFunction(`phase${phase}`, roots, this.#emission.words);
    this.#functions.push(compute);
    const wide = this.#plan.vector >= this.#plan.keptRank;
    const step = `b${phase}`;
    this.#loop(step, roots, (values, _place, lines) => {
      const neighbours = wide ? [0, 1, 2, 3] : this.#copies;
      for (const j of neighbours) {
        lines.push(compute.call(`r${j}`, (leaf) => this.#leaf(leaf, wide ? 0 : j, j, values)));
      }
      cells.forEach((cell, n) => {
        const { combiner, number } = cell;
        const value = (j: number): string => combiner.prepare(compute.value(`r${j}`, n));
        if (combiner.indexed) {
          for (const j of neighbours) {
            const name = `${number}_${wide ? 0 : j}`;
            const position = wide ? `4u * ${step} + ${j}u` : step;
            lines.push(
              `let n${number}_${j} = ${value(j)};`,
              `let w${number}_${j} = ${combiner.better(`n${number}_${j}`, `a${name}`)};`,
              `a${name} = select(a${name}, n${number}_${j}, w${number}_${j});`,
              `i${name} = select(i${name}, ${position}, w${number}_${j});`,
            );
          }
          return;
        }
        const target = (j: number): string => `${combiner.blocked ? "p" : "a"}${number}_${j}`;
        if (wide) {
          const four = combiner.join(combiner.join(value(0), value(1)), combiner.join(value(2), value(3)));
          lines.push(`${target(0)} = ${combiner.join(target(0), four)};`);
        } else {
          for (const j of neighbours) lines.push(`${target(j)} = ${combiner.join(target(j), value(j))};`);
        }
      });
    }, { open, close });
    if (this.#lanes > 1) {
      for (const cell of cells) this.#lines.push(...shareCell(cell, this.#copies, this.#shared));
    }
  }

  #leaf(leaf: Expr, copy: number, j: number, values: ReadonlyMap<number, LoadedValue>): string {
    return leaf.op === "acc" ? this.#finished(leaf, copy) : values.get(leaf.value)!(j);
  }

  #stores(views: readonly View[]): void {
    const { stores, sizes, keptRank } = this.#plan;
    if (stores.length === 0) return;
    const lines: string[] = [];
    const compute = valueFunction("last", stores.map((s) => s.value), this.#emission.words);
    this.#functions.push(compute);
    for (const j of this.#copies) {
      lines.push(compute.call(`z${j}`, (leaf) => this.#leaf(leaf, j, j, this.#hoisted)));
    }
    const place: Place = {
      sizes: sizes.slice(0, keptRank),
      coordinates: this.#kept,
      vector: this.#keptVector(),
      flat: "k",
    };
    stores.forEach((store, n) =>
      emitStore(
        `y${n}`,
        store,
        views[n]!,
        place,
        (j) => compute.value(`z${j}`, n),
        null,
        this.#emission,
        lines,
      )
    );
    const conditions = [
      ...(this.#lanes > 1 ? ["live", "(lane == 0u)"] : []),
      ...(this.#sliced ? ["(slice == 0u)"] : []),
    ];
    if (conditions.length === 0) this.#lines.push(...lines);
    else this.#lines.push(`if (${conditions.join(" & ")}) {`, ...lines, "}");
  }

  #elements(views: readonly View[]): void {
    const { elementStores, vector } = this.#plan;
    const compute = valueFunction("element", elementStores.map((s) => s.value), this.#emission.words);
    this.#functions.push(compute);
    const neighbours = vector < 0 ? [0] : [0, 1, 2, 3];
    const wide = vector >= this.#plan.keptRank;
    this.#loop("be", elementStores.map((s) => s.value), (values, place, lines) => {
      for (const j of neighbours) {
        lines.push(compute.call(`r${j}`, (leaf) => this.#leaf(leaf, wide ? 0 : j, j, values)));
      }
      const stores: string[] = [];
      elementStores.forEach((store, n) =>
        emitStore(
          `y${n}`,
          store,
          views[n]!,
          place,
          (j) => compute.value(`r${j}`, n),
          null,
          this.#emission,
          stores,
        )
      );
      if (this.#lanes === 1) lines.push(...stores);
      else lines.push("if (live) {", ...stores, "}");
    }, { open: [], close: [] });
  }
}

/** Numbers of the loads that expressions read, with those that index them, in order. */
function closure(roots: readonly Expr[], indexedBy: readonly (number | undefined)[]): number[] {
  const used = new Set<number>();
  visit(roots, (e) => {
    if (e.op !== "input") return;
    const by = indexedBy[e.value];
    if (by !== undefined) used.add(by);
    used.add(e.value);
  });
  return [...used].sort((a, b) => a - b);
}
