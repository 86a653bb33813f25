import { type Expr, visit } from "../expr.ts";
import type { AccessPlan, LoadPlan, StorePlan } from "./access.ts";
import type { FunctionBody, Local } from "./assembler.ts";
import { type Known, render } from "./render.ts";
import { loadEven, loadFour, loadLane, loadSplat, narrow, storeFour, storeLane, widen } from "./storage.ts";

/** Where the walk stands on one axis. */
export interface Coordinate {
  readonly axis: number;
  readonly at: Local;
}

/** Lanes that hold elements: all four, or the first `count` of the last block of a row. */
export type Lanes = "all" | { readonly count: Local };

interface Scope {
  readonly values: Map<Expr, Local>;
  readonly addresses: (Local | undefined)[];
  readonly valid: (Local | undefined)[];
  readonly coordinates: Map<number, Local>;
  readonly lanes: Lanes;
}

/**
 * The state of generated loops over an iteration space: for each load and store the address so far, and every value
 * already computed. Entering axes outermost first moves addresses along; whatever depends only on the axes entered so
 * far is loaded and computed there, outside the inner loops.
 */
export class Walk implements Known {
  readonly #f: FunctionBody;
  readonly #loads: readonly LoadPlan[];
  readonly #stores: readonly StorePlan[];
  readonly #laneAxis: number;
  readonly #scopes: Scope[] = [];

  constructor(f: FunctionBody, loads: readonly LoadPlan[], stores: readonly StorePlan[], laneAxis: number) {
    this.#f = f;
    this.#loads = loads;
    this.#stores = stores;
    this.#laneAxis = laneAxis;
    const addresses = [...loads, ...stores].map((p) => {
      if (p.pointer === null) return f.word(p.offset);
      return f.keep(() => f.get(f.word(p.pointer!)).get(f.word(p.offset)).op("i32.add"));
    });
    this.#scopes.push({ values: new Map(), addresses, valid: [], coordinates: new Map(), lanes: "all" });
  }

  get #scope(): Scope {
    return this.#scopes.at(-1)!;
  }

  /** Which lanes hold elements here. */
  get lanes(): Lanes {
    return this.#scope.lanes;
  }

  /** Where the walk stands on an axis it has entered. */
  coordinate(axis: number): Local {
    return this.#scope.coordinates.get(axis)!;
  }

  /** Address of a store at the coordinates entered so far. */
  addressOfStore(index: number): Local {
    return this.#scope.addresses[this.#loads.length + index]!;
  }

  /** Value of an expression that the open scopes know. */
  get(e: Expr): Local | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const local = this.#scopes[i]!.values.get(e);
      if (local !== undefined) return local;
    }
    return undefined;
  }

  /** Remembers a value until the scope closes. */
  set(e: Expr, local: Local): void {
    this.#scope.values.set(e, local);
  }

  /** Opens a scope at coordinates of further axes; `body` is generated inside, then the scope closes. */
  enter(coordinates: readonly Coordinate[], lanes: Lanes, body: () => void): void {
    const outer = this.#scope;
    const all = new Map(outer.coordinates);
    for (const { axis, at } of coordinates) all.set(axis, at);
    const plans: AccessPlan[] = [...this.#loads, ...this.#stores];
    this.#scopes.push({
      values: new Map(),
      addresses: plans.map((p, i) => this.#advance(p, outer.addresses[i]!, coordinates)),
      valid: this.#loads.map((p, i) => this.#checkMask(p, outer.valid[i], coordinates)),
      coordinates: all,
      lanes,
    });
    body();
    this.#scopes.pop();
  }

  #advance(plan: AccessPlan, from: Local, coordinates: readonly Coordinate[]): Local {
    const f = this.#f;
    const moving = coordinates.filter(({ axis }) => (plan.strides[axis] ?? null) !== null);
    if (moving.length === 0) return from;
    return f.keep(() => {
      f.get(from);
      for (const { axis, at } of moving) this.#pushStep(plan, axis, at).op("i32.add");
    });
  }

  /** Pushes coordinate times stride. */
  #pushStep(plan: AccessPlan, axis: number, at: Local): FunctionBody {
    const f = this.#f;
    f.get(at);
    if (axis === this.#laneAxis && plan.lane === "unit") {
      const shift = plan.pointer === null
        ? 0
        : { f32: 2, i32: 2, u32: 2, f16: 1, u8: 0, bool: 0 }[plan.dtype];
      return shift === 0 ? f : f.int(shift).op("i32.shl");
    }
    return f.get(f.word(plan.strides[axis]!)).op("i32.mul");
  }

  #checkMask(
    plan: LoadPlan,
    before: Local | undefined,
    coordinates: readonly Coordinate[],
  ): Local | undefined {
    const f = this.#f;
    let valid = before;
    for (const { axis, at } of coordinates) {
      const mask = plan.mask[axis] ?? null;
      if (mask === null || axis === this.#laneAxis) continue;
      const earlier = valid;
      valid = f.keep(() => {
        this.#pushInside(at, 0, mask);
        if (earlier !== undefined) f.get(earlier).op("i32.and");
      });
    }
    return valid;
  }

  /** Pushes whether `at + step` lies within the bounds, by one unsigned comparison. */
  #pushInside(at: Local, step: number, [low, high]: readonly [number, number]): void {
    const f = this.#f;
    f.get(at).int(step).op("i32.add").get(f.word(low)).op("i32.sub");
    f.get(f.word(high)).get(f.word(low)).op("i32.sub").op("i32.lt_u");
  }

  /** Whether a load's value can differ between places that share the coordinates entered so far. */
  #isSettled(load: LoadPlan): boolean {
    const here = this.#scope.coordinates;
    const open = (axis: number): boolean =>
      !here.has(axis) && ((load.strides[axis] ?? null) !== null || (load.mask[axis] ?? null) !== null);
    for (let axis = 0; axis < load.strides.length; axis++) if (open(axis)) return false;
    return load.indirect === null || this.#isSettled(this.#loads[load.indirect.load]!);
  }

  /** Computes every part of the expressions that further axes cannot change. */
  prepare(roots: readonly Expr[]): void {
    const ready = new Map<Expr, boolean>();
    visit(roots, (e) => {
      let now: boolean;
      if (this.get(e) !== undefined || e.op === "const") now = true;
      else if (e.op === "input") now = this.#isSettled(this.#loads[e.value]!);
      else now = e.args.length > 0 && e.args.every((a) => ready.get(a)!);
      ready.set(e, now);
    });
    visit(roots, (e) => {
      if (!ready.get(e) || this.get(e) !== undefined || e.op === "const") return;
      if (e.op === "input") this.set(e, this.#load(e.value));
      else render(this.#f, e, this);
    });
  }

  /** The local that holds an expression's value at the coordinates entered. */
  value(e: Expr): Local {
    this.prepare([e]);
    return render(this.#f, e, this);
  }

  #load(index: number): Local {
    const f = this.#f;
    const plan = this.#loads[index]!;
    const scope = this.#scope;
    let address = scope.addresses[index]!;
    let spread: Local | undefined;
    if (plan.indirect !== null) {
      const chosen = this.#clampedIndex(plan.indirect);
      if (this.#loads[plan.indirect.load]!.lane === "none" && this.#isUniform(plan.indirect.load)) {
        const base = address;
        address = f.keep(() =>
          f.get(base).get(chosen).op("i32x4.extract_lane", 0).get(f.word(plan.indirect!.stride)).op("i32.mul")
            .op("i32.add")
        );
      } else {
        spread = f.v("i32x4.mul", chosen, f.splatWord(plan.indirect.stride));
      }
    }
    if (plan.pointer === null) return this.#iota(plan, index, address, spread);
    const masked = plan.mask[this.#laneAxis] ?? null;
    const valid = scope.valid[index];
    const raw = f.local("v128");
    f.get(f.i32(0)).set(raw);
    if (valid !== undefined) f.get(valid).if();
    if (masked === null) {
      this.#loadLanes(plan, address, spread, raw);
    } else {
      const at = scope.coordinates.get(this.#laneAxis)!;
      if (spread === undefined && scope.lanes === "all" && (plan.lane === "unit" || plan.lane === "pair")) {
        f.get(at).get(f.word(masked[0])).op("i32.ge_s");
        f.get(at).int(3).op("i32.add").get(f.word(masked[1])).op("i32.lt_s").op("i32.and").if();
        this.#loadLanes(plan, address, spread, raw);
        f.else();
        this.#loadEach(plan, address, spread, raw, (lane) => this.#pushInside(at, lane, masked));
        f.end();
      } else {
        this.#loadEach(plan, address, spread, raw, (lane) => {
          this.#pushInside(at, lane, masked);
          if (scope.lanes !== "all") f.get(scope.lanes.count).int(lane).op("i32.gt_s").op("i32.and");
        });
      }
    }
    if (valid !== undefined) f.end();
    return raw;
  }

  /** Whether all lanes read the same element of a load. */
  #isUniform(index: number): boolean {
    const plan = this.#loads[index]!;
    if (plan.lane !== "none" || (plan.mask[this.#laneAxis] ?? null) !== null) return false;
    return plan.indirect === null || this.#isUniform(plan.indirect.load);
  }

  #clampedIndex(indirect: { readonly load: number; readonly last: number }): Local {
    const f = this.#f;
    const index = this.#inputValue(indirect.load);
    return f.v("i32x4.min_s", f.v("i32x4.max_s", index, f.i32(0)), f.splatWord(indirect.last));
  }

  /** Value of a load that an indirection needs, whether or not an expression names it. */
  #inputValue(index: number): Local {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      for (const [e, local] of this.#scopes[i]!.values) {
        if (e.op === "input" && e.value === index) return local;
      }
    }
    return this.#load(index);
  }

  #iota(plan: LoadPlan, index: number, address: Local, spread: Local | undefined): Local {
    const f = this.#f;
    let value = f.local("v128");
    f.get(address).op("i32x4.splat").set(value);
    if (plan.lane === "unit") value = f.v("i32x4.add", value, f.lanes(0, 1, 2, 3));
    else if (plan.lane !== "none") {
      const steps = f.v("i32x4.mul", f.lanes(0, 1, 2, 3), f.splatWord(plan.strides[this.#laneAxis]!));
      value = f.v("i32x4.add", value, steps);
    }
    if (spread !== undefined) value = f.v("i32x4.add", value, spread);
    const valid = this.#scope.valid[index];
    if (valid !== undefined) {
      const mask = f.local("v128");
      f.int(0).get(valid).op("i32.sub").op("i32x4.splat").set(mask);
      value = f.v("v128.and", value, mask);
    }
    const masked = plan.mask[this.#laneAxis] ?? null;
    if (masked === null) return value;
    const at = f.local("v128");
    f.get(this.#scope.coordinates.get(this.#laneAxis)!).op("i32x4.splat").get(f.lanes(0, 1, 2, 3)).op(
      "i32x4.add",
    );
    f.set(at);
    const below = f.v("i32x4.lt_s", at, f.splatWord(masked[1]));
    const inside = f.v("v128.andnot", below, f.v("i32x4.lt_s", at, f.splatWord(masked[0])));
    return f.v("v128.and", value, inside);
  }

  /** Loads four lanes into `raw`, all of them valid as far as the mask goes. */
  #loadLanes(plan: LoadPlan, address: Local, spread: Local | undefined, raw: Local): void {
    const f = this.#f;
    const { lanes } = this.#scope;
    if (spread !== undefined || plan.lane === "any") {
      const inside = lanes === "all" ? null : (lane: number) => {
        f.get(lanes.count).int(lane).op("i32.gt_s");
      };
      this.#loadEach(plan, address, spread, raw, inside);
    } else if (plan.lane === "none") {
      f.get(loadSplat(f, plan.dtype, address)).set(raw);
    } else if (plan.lane === "unit") {
      f.get(loadFour(f, plan.dtype, address)).set(raw);
    } else {
      f.get(loadEven(f, address)).set(raw);
    }
  }

  /** Loads lanes one by one, those for which `inside` pushes true. */
  #loadEach(
    plan: LoadPlan,
    address: Local,
    spread: Local | undefined,
    raw: Local,
    inside: ((lane: number) => void) | null,
  ): void {
    const f = this.#f;
    const bits = f.local("v128");
    f.get(f.i32(0)).set(bits);
    for (let lane = 0; lane < 4; lane++) {
      if (inside !== null) {
        inside(lane);
        f.if();
      }
      loadLane(f, plan.dtype, bits, lane, () => {
        this.#pushLaneAddress(plan, address, lane);
        if (spread !== undefined) f.get(spread).op("i32x4.extract_lane", lane).op("i32.add");
      });
      if (inside !== null) f.end();
    }
    f.get(widen(f, plan.dtype, bits)).set(raw);
  }

  #pushLaneAddress(plan: AccessPlan, address: Local, lane: number): void {
    const f = this.#f;
    f.get(address);
    if (lane === 0 || plan.lane === "none") return;
    f.get(f.word(plan.strides[this.#laneAxis]!));
    if (lane > 1) f.int(lane).op("i32.mul");
    f.op("i32.add");
  }

  /** Writes the value of store number `index` at the coordinates entered. */
  store(index: number, value: Local): void {
    const f = this.#f;
    const plan = this.#stores[index]!;
    const { addresses, lanes } = this.#scope;
    const address = addresses[this.#loads.length + index]!;
    const bits = narrow(f, plan.dtype, value);
    if (plan.lane === "none") {
      storeLane(f, plan.dtype, bits, 0, () => f.get(address));
    } else if (lanes === "all" && plan.lane === "unit") {
      storeFour(f, plan.dtype, bits, address);
    } else {
      for (let lane = 0; lane < 4; lane++) {
        if (lanes !== "all") f.get(lanes.count).int(lane).op("i32.gt_s").if();
        storeLane(f, plan.dtype, bits, lane, () => this.#pushLaneAddress(plan, address, lane));
        if (lanes !== "all") f.end();
      }
    }
  }

  /** Evaluates stores `from` … `to − 1`, all of them before the first is written. */
  storeAll(from: number, to: number): void {
    const values = this.#stores.slice(from, to).map((s) => this.value(s.value));
    values.forEach((value, i) => this.store(from + i, value));
  }
}
