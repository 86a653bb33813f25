import { acc, type Expr } from "../expr.ts";
import type { Accumulator } from "../kernel.ts";
import {
  acrossLanes,
  addToTotal,
  begin,
  beginTotal,
  finishTotal,
  isPositional,
  merge,
  restart,
  resultType,
  type Running,
  take,
} from "./accumulate.ts";
import type { FunctionBody, Local } from "./assembler.ts";
import { pushMin, type RowGrid, splitIndex } from "./map.ts";
import type { ReducePlan } from "./reduce.ts";
import type { Coordinate, Lanes, Walk } from "./walk.ts";

/** Words of a reduction's loop limits in the parameter block. */
export interface ReduceWords {
  readonly sizes: readonly number[];
  /** Size of the innermost reduced axis; it is cut into segments. */
  readonly inner: number;
  readonly segment: number;
  readonly segments: number;
  /** Segments of all rows. */
  readonly steps: number;
  readonly stepsPerPart: number;
  /** Steps after which running sums are folded into totals. */
  readonly foldEvery: number;
}

/**
 * Generates the loops of one reduction. Several sets of accumulators run side by side, for speed and for accuracy:
 * with lanes across the reduced axis, set u takes every fourth vector and the sets are merged at the end; with lanes
 * along the kept axis, set u has its own four kept points, so that whole cache lines are used.
 */
export class ReduceLoop {
  readonly #f: FunctionBody;
  readonly #walk: Walk;
  readonly #plan: ReducePlan;
  readonly #words: ReduceWords;
  readonly #unroll: number;
  readonly #written: boolean;
  /** Kept points of each set, where the sets have their own. */
  #points: readonly Coordinate[] | null = null;
  /** Results of finished phases, by set and number. */
  #results: Local[][] = [];

  /**
   * @param unroll How many sets run side by side.
   * @param written Whether the reduced axes are so short that every coordinate is written out.
   */
  constructor(
    f: FunctionBody,
    walk: Walk,
    plan: ReducePlan,
    words: ReduceWords,
    unroll: number,
    written: boolean,
  ) {
    this.#f = f;
    this.#walk = walk;
    this.#plan = plan;
    this.#words = words;
    this.#unroll = unroll;
    this.#written = written;
  }

  /** Generates the loops over kept points and everything inside. */
  generate(grid: RowGrid, values: readonly Expr[]): void {
    const f = this.#f;
    if (this.#plan.across) {
      grid.generateRows(f, this.#walk, values, () => this.#point("all"));
      return;
    }
    const axis = this.#plan.kept - 1;
    const block = this.#unroll === 1 ? null : {
      vectors: this.#unroll,
      body: (at: Local): void => {
        this.#points = Array.from({ length: this.#unroll }, (_, u) => {
          return { axis, at: f.keep(() => f.get(at).int(4 * u).op("i32.add")) };
        });
        this.#point("all");
        this.#points = null;
      },
    };
    grid.generate(f, this.#walk, values, () => this.#point(this.#walk.lanes), block);
  }

  /** All phases and stores of one kept point, of the four that lanes stand on, or of a block of them. */
  #point(lanes: Lanes): void {
    const { stores, elementStores, phases } = this.#plan;
    const sets = this.#points?.length ?? 1;
    this.#results = Array.from({ length: sets }, () => []);
    for (const phase of phases) {
      const results = this.#runPhase(phase, lanes);
      results.forEach((set, u) => this.#results[u]!.push(...set));
      if (this.#points === null) this.#nameResults(0);
    }
    for (let u = 0; u < sets; u++) this.#inSet(u, lanes, () => this.#walk.storeAll(0, stores.length));
    if (elementStores.length === 0) return;
    const body = (): void => this.#walk.storeAll(stores.length, stores.length + elementStores.length);
    this.#eachElement(elementStores.map((s) => s.value), lanes, body, () => {});
  }

  /** Lets expressions find the results of phases. */
  #nameResults(set: number): void {
    const accumulators = this.#plan.phases.flat();
    this.#results[set]!.forEach((local, i) => this.#walk.set(acc(i, resultType(accumulators[i]!)), local));
  }

  /** Generates `body` at the kept points of a set. */
  #inSet(set: number, lanes: Lanes, body: () => void, further: readonly Coordinate[] = []): void {
    if (this.#points === null) {
      if (further.length === 0) body();
      else this.#walk.enter(further, lanes, body);
      return;
    }
    this.#walk.enter([this.#points[set]!, ...further], lanes, () => {
      this.#nameResults(set);
      body();
    });
  }

  /** Runs one phase and gives the locals of its results, by set of kept points. */
  #runPhase(phase: readonly Accumulator[], lanes: Lanes): Local[][] {
    const f = this.#f;
    const { across } = this.#plan;
    const sets = across ? this.#unroll : this.#points?.length ?? 1;
    const current = Array.from({ length: sets }, () => phase.map((a) => begin(f, a)));
    const owners = across ? 1 : sets;
    const folds = phase.map((a) => a.combine === "sum" && a.value.type === "f32");
    const totals = Array.from({ length: owners }, () => folds.map((is) => is ? beginTotal(f) : null));
    const fold = (): void =>
      current.forEach((set, u) =>
        phase.forEach((a, i) => {
          const total = totals[u % owners]![i]!;
          if (total === null) return;
          addToTotal(f, total, set[i]!.value);
          restart(f, a, set[i]!);
        })
      );
    this.#eachElement(phase.map((a) => a.value), lanes, (set, position, only) => {
      const values = phase.map((a) => this.#walk.value(a.value));
      phase.forEach((a, i) =>
        take(f, a, current[set]![i]!, values[i]!, isPositional(a) ? position() : null, only)
      );
    }, fold);
    fold();
    return totals.map((own, owner) =>
      phase.map((a, i) => {
        const total = own[i]!;
        const result: Running = total === null ? current[owner]![i]! : finishTotal(f, total);
        if (across) {
          if (own[i] === null) { for (let u = 1; u < sets; u++) merge(f, a, result, current[u]![i]!); }
          acrossLanes(f, a, result);
        }
        return result.position ?? result.value;
      })
    );
  }

  /**
   * Loops over the reduced axes (over one part of them, where there are parts).
   *
   * @param body Gets the set, a function that gives the lanes' positions in reduced order, and the mask of lanes that
   * count (null for all).
   * @param fold Generated where running sums should be folded into totals.
   */
  #eachElement(
    roots: readonly Expr[],
    lanes: Lanes,
    body: (set: number, position: () => Local, only: Local | null) => void,
    fold: () => void,
  ): void {
    const f = this.#f;
    const w = this.#words;
    const { space, kept, parts } = this.#plan;
    this.#walk.prepare(roots);
    if (this.#written) {
      this.#writeOut(lanes, body);
      return;
    }
    const step = f.local("i32");
    const end = f.local("i32");
    if (parts > 1) {
      const part = this.#walk.coordinate(kept - 2);
      f.get(part).get(f.word(w.stepsPerPart)).op("i32.mul").set(step);
      const last = f.keep(() => f.get(step).get(f.word(w.stepsPerPart)).op("i32.add"));
      pushMin(f, last, f.word(w.steps));
      f.set(end);
    } else {
      f.int(0).set(step).get(f.word(w.steps)).set(end);
    }
    const untilFold = f.keep(() => f.get(f.word(w.foldEvery)));
    f.while(step, end, 1, () => {
      const outer = f.keep(() => f.get(step).get(f.word(w.segments)).op("i32.div_u"));
      const i = f.keep(() => {
        f.get(step).get(outer).get(f.word(w.segments)).op("i32.mul").op("i32.sub").get(f.word(w.segment)).op(
          "i32.mul",
        );
      });
      const high = f.keep(() => {
        const whole = f.keep(() => f.get(i).get(f.word(w.segment)).op("i32.add"));
        pushMin(f, whole, f.word(w.inner));
      });
      const axes = space.slice(kept, -1).map((_, d) => ({ axis: kept + d, size: w.sizes[kept + d]! }));
      const base = f.keep(() => f.get(outer).get(f.word(w.inner)).op("i32.mul"));
      this.#walk.enter(splitIndex(f, outer, axes), lanes, () => {
        this.#walk.prepare(roots);
        this.#segment(i, high, base, lanes, body);
      });
      f.get(untilFold).int(1).op("i32.sub").tee(untilFold).op("i32.eqz").if();
      fold();
      f.get(f.word(w.foldEvery)).set(untilFold);
      f.end();
    });
  }

  /** Generates `body` for each of few reduced coordinates, without a loop. */
  #writeOut(
    lanes: Lanes,
    body: (set: number, position: () => Local, only: Local | null) => void,
  ): void {
    const f = this.#f;
    const { space, kept } = this.#plan;
    const sizes = space.slice(kept);
    const count = sizes.reduce((a, b) => a * b, 1);
    for (let index = 0; index < count; index++) {
      let rest = index;
      const at: Coordinate[] = [];
      for (let d = sizes.length - 1; d >= 0; d--) {
        const place = rest % sizes[d]!;
        at.unshift({ axis: kept + d, at: f.keep(() => f.int(place)) });
        rest = Math.floor(rest / sizes[d]!);
      }
      const sets = this.#points?.length ?? 1;
      for (let u = 0; u < sets; u++) this.#inSet(u, lanes, () => body(u, () => f.i32(index), null), at);
    }
  }

  /** Loops over coordinates `i` … `high − 1` of the innermost reduced axis. */
  #segment(
    i: Local,
    high: Local,
    base: Local,
    lanes: Lanes,
    body: (set: number, position: () => Local, only: Local | null) => void,
  ): void {
    const f = this.#f;
    const { across, space } = this.#plan;
    const axis = space.length - 1;
    const positionAt = (at: Local) => (): Local => {
      const first = f.local("v128");
      f.get(base).get(at).op("i32.add").op("i32x4.splat").set(first);
      return across ? f.v("i32x4.add", first, f.lanes(0, 1, 2, 3)) : first;
    };
    if (!across) {
      f.while(i, high, 1, () => {
        const sets = this.#points?.length ?? 1;
        for (let u = 0; u < sets; u++) {
          this.#inSet(u, lanes, () => body(u, positionAt(i), null), [{ axis, at: i }]);
        }
      });
      return;
    }
    if (this.#unroll > 1) {
      const limit = f.keep(() => f.get(high).int(4 * this.#unroll - 1).op("i32.sub"));
      f.while(i, limit, 4 * this.#unroll, () => {
        for (let u = 0; u < this.#unroll; u++) {
          const at = f.keep(() => f.get(i).int(4 * u).op("i32.add"));
          this.#walk.enter([{ axis, at }], "all", () => body(u, positionAt(at), null));
        }
      });
    }
    const limit = f.keep(() => f.get(high).int(3).op("i32.sub"));
    f.while(
      i,
      limit,
      4,
      () => this.#walk.enter([{ axis, at: i }], "all", () => body(0, positionAt(i), null)),
    );
    f.get(i).get(high).op("i32.lt_s").if();
    const count = f.keep(() => f.get(high).get(i).op("i32.sub"));
    const counts = f.local("v128");
    f.get(count).op("i32x4.splat").set(counts);
    const only = f.v("i32x4.lt_s", f.lanes(0, 1, 2, 3), counts);
    this.#walk.enter([{ axis, at: i }], { count }, () => body(0, positionAt(i), only));
    f.end();
  }
}
