import { children } from "../children.ts";
import { MisconfigurationError, OptionError } from "../errors.ts";
import { hasMethods, isRecord, showValue } from "../options.ts";
import type { Tensor } from "../tensor/mod.ts";
import { Module } from "./module.ts";
import { moduleText } from "./repr.ts";

/** A module that takes one tensor and gives one. */
export interface Layer extends Module {
  forward(input: Tensor): Tensor;
}

/**
 * Modules one after another: each takes the result of the one before. Equals `torch.nn.Sequential`: parts are named
 * `0`, `1`, … in the state dict, or by the keys of the one object given.
 *
 * @throws {MisconfigurationError} where a part is no module.
 *
 * @example
 * ```ts
 * import { Linear, ReLU, Sequential } from "./mod.ts";
 * const net = new Sequential(new Linear({ inFeatures: 3, outFeatures: 2 }), new ReLU());
 * console.assert(Object.keys(net.stateDict()).join() === "0.weight,0.bias");
 * ```
 */
export class Sequential extends Module {
  /** Positions are its parts, not options. */
  static readonly positions = true;
  readonly #parts: readonly (readonly [name: string, module: Layer])[];

  constructor(...modules: readonly Layer[] | readonly [Readonly<Record<string, Layer>>]) {
    super();
    const [first] = modules;
    const named = modules.length === 1 && !(first instanceof Module) && typeof first === "object";
    const entries = named ? Object.entries(first) : Object.entries(modules as readonly Layer[]);
    this.#parts = requireModules("nn.Sequential", entries);
  }

  override *[children](): Iterable<readonly [string, Layer]> {
    yield* this.#parts;
  }

  /** Number of parts. */
  get length(): number {
    return this.#parts.length;
  }

  /** A part by its place; negative places count from the end. */
  at(index: number): Layer | undefined {
    return this.#parts.at(index)?.[1];
  }

  [Symbol.iterator](): Iterator<Layer> {
    return this.#parts.map(([, module]) => module)[Symbol.iterator]();
  }

  override forward(input: Tensor): Tensor {
    let value = input;
    for (const [, module] of this.#parts) value = module.forward(value);
    return value;
  }
}

/**
 * A list of modules that are trained and saved with the module that holds it. Equals `torch.nn.ModuleList`.
 *
 * @throws {MisconfigurationError} where an item is no module.
 *
 * @example
 * ```ts
 * import { Linear, ModuleList } from "./mod.ts";
 * const heads = new ModuleList([new Linear({ inFeatures: 2, outFeatures: 1 })]);
 * console.assert(heads.length === 1 && heads.at(0)?.weight.shape.join() === "1,2");
 * ```
 */
export class ModuleList<M extends Module = Module> extends Module {
  /** Positions are its parts, not options. */
  static readonly positions = true;
  readonly #modules: M[];

  /** @param modules The modules, or `{ modules }` as YAML writes it. */
  constructor(modules: Iterable<M> | { readonly modules?: Iterable<M> | null } | null = []) {
    super();
    const given = isRecord(modules) && !isIterable(modules) ? modules["modules"] ?? [] : modules ?? [];
    if (!isIterable(given)) {
      throw new OptionError(`nn.ModuleList cannot use modules = ${showValue(given)}`, {
        fix: "give a list of modules",
        data: { owner: "nn.ModuleList", option: "modules", known: ["modules"] },
      });
    }
    const parts = Object.entries([...given] as M[]);
    this.#modules = requireModules("nn.ModuleList", parts).map(([, module]) => module);
  }

  override *[children](): Iterable<readonly [string, M]> {
    for (const [i, module] of this.#modules.entries()) yield [String(i), module];
  }

  /** Number of modules. */
  get length(): number {
    return this.#modules.length;
  }

  /** A module by its place; negative places count from the end. */
  at(index: number): M | undefined {
    return this.#modules.at(index);
  }

  /** Adds a module at the end. */
  append(module: M): this {
    requireModules("nn.ModuleList", [[String(this.length), module]]);
    this.#modules.push(module);
    return this;
  }

  [Symbol.iterator](): Iterator<M> {
    return this.#modules[Symbol.iterator]();
  }

  /** As torch prints it: neighbours that look alike on one line, `(0-2): 3 x ReLU()`. */
  override toString(): string {
    return moduleText(this, this[children](), { collapse: true });
  }

  /**
   * A list does not say what to do with its modules.
   *
   * @throws {MisconfigurationError} always.
   */
  override forward(): never {
    throw new MisconfigurationError("ModuleList has no forward", {
      where: this.location,
      fix: "call its modules one by one, or use Sequential",
    });
  }
}

/**
 * Modules by name that are trained and saved with the module that holds it. Equals `torch.nn.ModuleDict`.
 *
 * @throws {MisconfigurationError} where a value is no module.
 *
 * @example
 * ```ts
 * import { Linear, ModuleDict } from "./mod.ts";
 * const heads = new ModuleDict({ left: new Linear({ inFeatures: 2, outFeatures: 1 }) });
 * console.assert(Object.keys(heads.stateDict()).join() === "left.weight,left.bias");
 * ```
 */
export class ModuleDict<M extends Module = Module> extends Module {
  /** Positions are its parts, not options. */
  static readonly positions = true;
  readonly #modules: ReadonlyMap<string, M>;

  constructor(modules: Readonly<Record<string, M>> = {}) {
    super();
    this.#modules = new Map(requireModules("nn.ModuleDict", Object.entries(modules)));
  }

  override *[children](): Iterable<readonly [string, M]> {
    yield* this.#modules;
  }

  /** A module by its name. */
  get(name: string): M | undefined {
    return this.#modules.get(name);
  }

  /** The names, in the order given. */
  keys(): string[] {
    return [...this.#modules.keys()];
  }

  /**
   * A dictionary does not say what to do with its modules.
   *
   * @throws {MisconfigurationError} always.
   */
  override forward(): never {
    throw new MisconfigurationError("ModuleDict has no forward", {
      where: this.location,
      fix: "call its modules by name: dict.get(name).forward(x)",
    });
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return hasMethods(value, Symbol.iterator) && typeof value === "object";
}

function requireModules<M extends Module>(
  owner: string,
  entries: readonly (readonly [string, M])[],
): readonly (readonly [string, M])[] {
  for (const [name, module] of entries) {
    if (module instanceof Module) continue;
    throw new MisconfigurationError(`Part "${name}" of ${owner} is no module`, {
      fix: "give objects of classes that extend nn.Module",
    });
  }
  return entries;
}
