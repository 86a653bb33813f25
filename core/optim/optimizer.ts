import { customInspect } from "../custom_inspect.ts";
import { CheckpointError, OptionError } from "../errors.ts";
import {
  camelCase,
  like,
  type OptionDefaults,
  Rule,
  snakeCase,
  takeOptions,
  Unsupported,
} from "../options.ts";
import { pythonLiteral } from "../python_literal.ts";
import { where } from "../ops/mod.ts";
import { dynamic, hostEffect, noGrad, type StoredTensor, type Tensor, tensor } from "../tensor/mod.ts";
import { type Arena, arenasOf } from "./arena.ts";

/** Parameters that share their own values of some options. */
export type GroupOptions<S> = Partial<S> & { readonly params: Iterable<Tensor> };

/** What every optimizer takes beside its settings `S`. */
export type OptimizerOptions<S> = Partial<S> & {
  /** The parameters, or groups of them that override options. */
  readonly params: Iterable<Tensor> | Iterable<GroupOptions<S>>;
};

/** Settings that every optimizer has. */
export interface BaseSettings {
  /** Learning rate. */
  lr: number;
}

/** Parameters with their settings, which may be changed between steps. */
export type ParamGroup<S> = S & {
  readonly params: readonly Tensor[];
  /** The learning rate before any scheduler, once there is one. */
  initialLr?: number;
};

/** A value of an optimizer's state, as a state dict holds it. */
export type OptimizerValue = Tensor | StoredTensor | number;

/** An optimizer's state under torch's names: per parameter (by its number), and the groups' settings. */
export interface OptimizerState {
  readonly state: Readonly<Record<string, Readonly<Record<string, OptimizerValue>>>>;
  readonly param_groups: readonly Readonly<Record<string, unknown>>[];
}

/** One arena's part of a step: what an update rule works with. All tensors are flat. */
export interface Update<S> {
  readonly group: ParamGroup<S>;
  /** The parameters' values. */
  readonly value: Tensor;
  /** Their gradients. */
  readonly grad: Tensor;
  /** State by name; see {@linkcode Optimizer.stateNames}. */
  readonly state: Readonly<Record<string, Tensor>>;
  /** A number computed anew at each step, from the group's settings and the count of this step (from 1). */
  scalar(compute: (settings: S, step: number) => number): Tensor;
  /** Changes the parameters, or a state, where there are gradients. */
  set(variable: Tensor, value: Tensor): void;
}

/** An arena with the optimizer's state for it. */
interface Block<S> {
  readonly group: ParamGroup<S>;
  readonly arena: Arena;
  readonly state: Readonly<Record<string, Tensor>>;
  /** Steps taken, per parameter. */
  readonly steps: number[];
}

/**
 * The base of optimizers: parameter groups, flat memory, state dicts. A rule says how one arena is updated.
 *
 * A step is one launch per arena: parameters, gradients and state lie flat. Parameters without a gradient are left
 * alone and their steps are not counted, as in torch. Changed settings take effect at the next step and compile
 * nothing.
 */
export abstract class Optimizer<S extends BaseSettings = BaseSettings> {
  /** The groups; a scheduler changes their `lr`. */
  readonly paramGroups: readonly ParamGroup<S>[];
  readonly #blocks: readonly Block<S>[];
  readonly #owner: string;
  readonly #settings: readonly string[];

  /**
   * @param owner The optimizer's name for errors: `optim.Adam`.
   * @param defaults Every setting in torch's order, with its default and what it takes.
   * @param check Refuses settings that cannot work; called per group.
   * @throws {OptionError} for unknown or impossible settings, no parameters, or a parameter in two groups.
   */
  constructor(
    owner: string,
    options: OptimizerOptions<S>,
    defaults: OptionDefaults<S>,
    check: (settings: S) => void = () => {},
  ) {
    this.#owner = owner;
    this.#settings = Object.keys(defaults).filter((name) => !(defaults[name] instanceof Unsupported));
    this.paramGroups = takeGroups(owner, options, defaults);
    for (const group of this.paramGroups) check(group);
    this.#blocks = this.paramGroups.flatMap((group) =>
      arenasOf(group.params).map((arena) => ({
        group,
        arena,
        state: Object.fromEntries(
          this.stateNames(group).map((name) => [name, arena.state(this.initialState(name, group))]),
        ),
        steps: arena.parameters.map(() => 0),
      }))
    );
  }

  /** Names of what is kept per parameter, as torch's state dict has them. */
  protected abstract stateNames(group: ParamGroup<S>): readonly string[];

  /** What a state starts from. */
  protected initialState(_name: string, _group: ParamGroup<S>): number {
    return 0;
  }

  /** The rule: what a step does to one arena. */
  protected abstract update(update: Update<S>): void;

  /** The flat memory of all groups, for clipping and for averaging gradients between processes. */
  get arenas(): Arena[] {
    return this.#blocks.map((block) => block.arena);
  }

  /** As torch prints it: each group's settings, sorted. */
  toString(): string {
    const groups = this.paramGroups.map(({ params: _, ...settings }, index) => {
      const named = Object.entries(settings).map(([name, value]) => [snakeCase(name), value] as const);
      named.sort(([a], [b]) => a < b ? -1 : 1);
      const lines = named.map(([name, value]) => `    ${name}: ${pythonLiteral(value)}\n`);
      return `Parameter Group ${index}\n${lines.join("")}`;
    });
    return `${this.constructor.name} (\n${groups.join("\n")})`;
  }

  /** What `console.log` shows. */
  [customInspect](): string {
    return this.toString();
  }

  /** Changes every parameter that has a gradient. Records only: nothing waits for the device. */
  step(): void {
    noGrad(() => {
      for (const block of this.#blocks) this.#stepBlock(block);
    });
  }

  /** Forgets every gradient; the next backward writes instead of adding. */
  zeroGrad(): void {
    for (const { params } of this.paramGroups) for (const parameter of params) parameter.zeroGrad();
  }

  /** The state under torch's names. Tensors are read from the device with `data()`. */
  stateDict(): OptimizerState {
    const order = this.paramGroups.flatMap((group) => group.params);
    const state: Record<string, Record<string, OptimizerValue>> = {};
    for (const { arena, state: flats, steps } of this.#blocks) {
      for (const [i, parameter] of arena.parameters.entries()) {
        if (steps[i] === 0 || Object.keys(flats).length === 0) continue;
        const own: Record<string, OptimizerValue> = { step: countTensor(steps[i]!) };
        for (const [name, flat] of Object.entries(flats)) own[name] = arena.part(flat, i);
        state[order.indexOf(parameter)] = own;
      }
    }
    let next = 0;
    const groups = this.paramGroups.map((group) => {
      const { params, ...settings } = group;
      const named = Object.entries(settings).map(([name, value]) => [snakeCase(name), value]);
      return { ...Object.fromEntries(named), params: params.map(() => next++) };
    });
    return {
      state: Object.fromEntries(Object.entries(state).sort((a, b) => +a[0] - +b[0])),
      param_groups: groups,
    };
  }

  /**
   * Continues from a state dict of this class, ours or torch's.
   *
   * @throws {CheckpointError} where groups, parameters or shapes differ; nothing is changed then.
   */
  loadStateDict(saved: OptimizerState): void {
    const sizes = this.paramGroups.map((group) => group.params.length);
    const given = saved.param_groups.map((group) =>
      (group["params"] as readonly number[] | undefined)?.length ?? -1
    );
    if (given.join() !== sizes.join()) {
      throw new CheckpointError(`The optimizer's state has groups of ${given.join(", ")} parameters`, {
        where: this.#owner,
        fix: `this optimizer has groups of ${sizes.join(", ")}; build it over the same parameters`,
      });
    }
    const ids = saved.param_groups.flatMap((group) => group["params"] as readonly number[]);
    const order = this.paramGroups.flatMap((group) => group.params);
    const entryOf = (parameter: Tensor) => saved.state[String(ids[order.indexOf(parameter)])];
    for (const { arena, state } of this.#blocks) {
      for (const parameter of arena.parameters) {
        this.#checkEntry(entryOf(parameter), parameter, Object.keys(state));
      }
    }
    for (const [i, group] of this.paramGroups.entries()) {
      for (const [key, value] of Object.entries(saved.param_groups[i]!)) {
        const name = camelCase(key);
        if (this.#settings.includes(name) || name === "initialLr") Object.assign(group, { [name]: value });
      }
    }
    for (const { arena, state, steps } of this.#blocks) {
      for (const [i, parameter] of arena.parameters.entries()) {
        const entry = entryOf(parameter);
        // Where torch does not count (SGD), a saved state has seen at least one step.
        steps[i] = entry === undefined ? 0 : numberOf(entry["step"] ?? 1);
      }
      for (const [name, flat] of Object.entries(state)) {
        flat.assign(arena.join(arena.parameters.map((p) => tensorOf(entryOf(p)?.[name] ?? null))));
      }
    }
  }

  #stepBlock(block: Block<S>): void {
    const { group, arena, state, steps } = block;
    const places = arena.withGrad();
    // Parameters that have missed a step are counted apart: their bias corrections differ.
    const byCount = new Map<number, number[]>();
    for (const place of places) {
      const count = steps[place]!;
      byCount.set(count, [...(byCount.get(count) ?? []), place]);
    }
    for (const same of byCount.values()) {
      hostEffect(() => same.forEach((place) => steps[place]!++));
      const mask = arena.mask(same);
      const first = same[0]!;
      this.update({
        group,
        value: arena.values,
        grad: arena.grads,
        state,
        scalar: (compute) => {
          // Read now and at each replay, not when the work runs: a scheduler may have stepped by then.
          let now = 0;
          hostEffect(() => now = compute(group, steps[first]!));
          return dynamic(() => now);
        },
        set: (variable, value) => variable.assign(mask === null ? value : where(mask, value, variable)),
      });
    }
  }

  #checkEntry(
    entry: Readonly<Record<string, OptimizerValue>> | undefined,
    parameter: Tensor,
    names: readonly string[],
  ): void {
    if (entry === undefined) return;
    numberOf(entry["step"] ?? 1);
    for (const name of names) {
      const value = entry[name];
      // torch's SGD has null before its first momentum.
      if (value === null) continue;
      if (value === undefined) {
        throw new CheckpointError(
          `The optimizer's state has no "${name}"; it has ${Object.keys(entry).join(", ")}`,
          {
            where: this.#owner,
            fix: "build the optimizer of the class and with the options that it was saved with",
          },
        );
      }
      if (typeof value !== "number" && value.shape.join() === parameter.shape.join()) continue;
      const shape = typeof value === "number" ? "a number" : `[${value.shape.join(", ")}]`;
      throw new CheckpointError(
        `The optimizer's "${name}" is ${shape}, and the parameter [${parameter.shape.join(", ")}]`,
        {
          where: this.#owner,
          fix: "build model and optimizer with the options they were saved with",
        },
      );
    }
  }
}

const PARAMS = like<Iterable<unknown>>(
  "give module.parameters(), or a list of groups with params each",
  (value) =>
    typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === "function" &&
    typeof value !== "string",
  [],
);

/** The table of a group: the rules stay, their defaults are what all groups were given. */
function inherited(
  table: Readonly<Record<string, unknown>>,
  all: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const entries = Object.entries(table).map(([name, rule]) => {
    if (name === "params" || rule instanceof Unsupported) return [name, rule];
    return [name, rule instanceof Rule ? rule.withDefault(all[name]) : all[name]];
  });
  return Object.fromEntries(entries);
}

function takeGroups<S extends BaseSettings>(
  owner: string,
  options: OptimizerOptions<S>,
  defaults: OptionDefaults<S>,
): ParamGroup<S>[] {
  type Given = Record<string, unknown>;
  const withParams: Given = { params: PARAMS, ...(defaults as object) };
  const take = (given: unknown, fallback: Given): Given & { params: Iterable<unknown> } =>
    takeOptions<Given>(owner, given as Given, fallback as OptionDefaults<Given>) as Given & {
      params: Iterable<unknown>;
    };
  const all = take(options, withParams);
  const params = [...all.params];
  const grouped = params.length > 0 && !isTensor(params[0]);
  const groups = grouped
    ? params.map((given) => take(given, inherited(withParams, all)))
    : [{ ...all, params }];
  const seen = new Set<unknown>();
  for (const group of groups) {
    group.params = [...group.params];
    for (const parameter of group.params) {
      if (!isTensor(parameter) || !parameter.isVariable) {
        throw wrongParams(
          owner,
          "params holds something that is no parameter",
          "give module.parameters()",
        );
      }
      if (seen.has(parameter)) {
        throw wrongParams(
          owner,
          "One parameter appears twice in params",
          "put each parameter into one group",
        );
      }
      seen.add(parameter);
    }
  }
  if (seen.size === 0) {
    throw wrongParams(
      owner,
      `${owner} has no parameters to change`,
      "give module.parameters(); in YAML, _partial_: true leaves them to the model",
    );
  }
  return groups as unknown as ParamGroup<S>[];
}

function wrongParams(owner: string, what: string, fix: string): OptionError {
  return new OptionError(what, { where: owner, fix, data: { owner, option: "params", known: ["params"] } });
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "isVariable" in value;
}

/** torch keeps the count as a tensor of one f32. */
function countTensor(count: number): StoredTensor {
  return { dtype: "f32", shape: [], data: Float32Array.of(count) };
}

function numberOf(value: OptimizerValue): number {
  if (typeof value === "number") return value;
  const host = typeof value.data === "function" ? (value as Tensor).node.host : value.data;
  if (host !== null && host.length === 1) return host[0]!;
  throw new CheckpointError("The optimizer's count of steps is no number on the host", {
    where: "Optimizer.loadStateDict",
    fix: "give it as a number, or read the tensor with data() first",
  });
}

function tensorOf(value: OptimizerValue | null): Tensor | null {
  if (value === null || typeof value === "number") return null;
  return typeof value.data === "function"
    ? value as Tensor
    : tensor(value.data, { shape: value.shape, dtype: (value as StoredTensor).dtype });
}
