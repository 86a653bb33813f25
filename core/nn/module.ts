import { children, type Container, isContainer } from "../children.ts";
import { customInspect } from "../custom_inspect.ts";
import { CheckpointError, MisconfigurationError, nearest } from "../errors.ts";
import { snakeCase } from "../options.ts";
import { type Tensor, tensor } from "../tensor/mod.ts";
import type { StoredTensor } from "../tensor/safetensors.ts";
import { moduleText } from "./repr.ts";

/** What `loadStateDict` can put into a parameter or a buffer. */
export type StateValue = Tensor | StoredTensor;

/** How the names of a loaded state dict differed from the module's. */
export interface LoadReport {
  /** Names the module has and the state dict lacks. */
  readonly missing: readonly string[];
  /** Names the state dict has and the module lacks. */
  readonly unexpected: readonly string[];
}

/** What a tensor in a module's field is to the module. */
type Role = "parameter" | "buffer" | "transient buffer";

/**
 * The base of layers and networks: finds parameters, buffers and sub-modules in its fields.
 *
 * A field holding a module, or a {@linkcode Container} of modules, is a sub-module. A field holding what
 * `this.parameter(…)` or `this.buffer(…)` returned is a parameter or a buffer. Names are those of the fields, in
 * torch's spelling: `runningMean` is `running_mean` in a state dict. Private (`#`) fields stay private.
 *
 * @example
 * ```ts
 * import { Linear, Module } from "./mod.ts";
 * import type { Tensor } from "../tensor/mod.ts";
 * class Net extends Module {
 *   readonly first = new Linear({ inFeatures: 4, outFeatures: 2 });
 *   forward(x: Tensor): Tensor {
 *     return this.first.forward(x).relu();
 *   }
 * }
 * console.assert(Object.keys(new Net().stateDict()).join() === "first.weight,first.bias");
 * ```
 */
export abstract class Module implements Container {
  /** Whether layers such as dropout and batch norm behave as in training. */
  training = true;
  #roles = new Map<Tensor, Role>();
  #path = "";

  /** Computes the module's output. */
  abstract forward(...inputs: never[]): unknown;

  /** Where the module stands, for errors: its path under the outermost module that was asked for its parameters. */
  get location(): string {
    const name = `nn.${this.constructor.name}`;
    return this.#path === "" ? name : `${this.#path} (${name})`;
  }

  /** Makes a tensor a parameter of this module: trained, and part of its state. Keep the result in a field. */
  protected parameter(value: Tensor): Tensor {
    this.#roles.set(value, "parameter");
    return value.requiresGrad_(true);
  }

  /** Makes a tensor a buffer: part of the state, not trained. Keep the result in a field. */
  protected buffer(value: Tensor, options: { readonly persistent?: boolean } = {}): Tensor {
    this.#roles.set(value, options.persistent === false ? "transient buffer" : "buffer");
    return value;
  }

  /** The direct parts and their names; sequences and lists name theirs themselves. */
  *[children](): Iterable<readonly [name: string, part: unknown]> {
    for (const [field, value] of Object.entries(this)) {
      if (isContainer(value)) yield [snakeCase(field), value];
      else this.#refuseHidden(field, value);
    }
  }

  /** This module and all below it, each once, outermost first; the own name is `""`. */
  namedModules(): [name: string, module: Module][] {
    const found = new Map<Module, string>();
    for (const [name, module] of walk(this, "", [])) {
      if (!found.has(module)) found.set(module, name);
    }
    return Array.from(found, ([module, name]) => {
      module.#settle(name);
      return [name, module];
    });
  }

  /** What stands in the parentheses when the module is printed, as torch's `extra_repr`. */
  extraRepr(): string {
    return "";
  }

  /** As torch prints it: the class, its options, and the modules inside. */
  toString(): string {
    return moduleText(this, parts(this, ""));
  }

  /** What `console.log` shows. */
  [customInspect](): string {
    return this.toString();
  }

  /** This module and all below it. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** Trainable and frozen parameters with their names; one shared by two layers appears once. */
  namedParameters(): [name: string, parameter: Tensor][] {
    const found = new Map<Tensor, string>();
    for (const [path, module] of this.namedModules()) {
      for (const [name, value, role] of module.#own()) {
        if (role === "parameter" && !found.has(value)) found.set(value, join(path, name));
      }
    }
    return Array.from(found, ([value, name]) => [name, value]);
  }

  /** The parameters, in the order of {@linkcode Module.namedParameters}. */
  parameters(): Tensor[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** Buffers with their names, those that are not saved included. */
  namedBuffers(): [name: string, buffer: Tensor][] {
    const found = new Map<Tensor, string>();
    for (const [path, module] of this.namedModules()) {
      for (const [name, value, role] of module.#own()) {
        if (role !== "parameter" && !found.has(value)) found.set(value, join(path, name));
      }
    }
    return Array.from(found, ([value, name]) => [name, value]);
  }

  /** Parameters and saved buffers under torch's names. The tensors are the module's own, not copies. */
  stateDict(): Record<string, Tensor> {
    this.namedModules();
    const entries: [string, Tensor][] = [];
    for (const [path, module] of walk(this, "", [])) {
      const own = module.#own().filter(([, , role]) => role !== "transient buffer");
      // torch lists a module's parameters before its buffers, whatever the order of fields.
      own.sort((a, b) => Number(a[2] !== "parameter") - Number(b[2] !== "parameter"));
      for (const [name, value] of own) entries.push([join(path, name), value]);
    }
    return Object.fromEntries(entries);
  }

  /**
   * Copies values into parameters and buffers.
   *
   * @param options.strict Whether names must match exactly; where not, the report says how they differ.
   * @throws {CheckpointError} naming what is missing, unexpected or of another shape; nothing is changed then.
   */
  loadStateDict(
    state: Readonly<Record<string, StateValue>>,
    options: { readonly strict?: boolean } = {},
  ): LoadReport {
    const own = this.stateDict();
    const missing = Object.keys(own).filter((name) => !Object.hasOwn(state, name));
    const unexpected = Object.keys(state).filter((name) => !Object.hasOwn(own, name));
    const shapes = Object.entries(own).flatMap(([name, value]) => {
      const given = Object.hasOwn(state, name) ? state[name]! : null;
      if (given === null || given.shape.join() === value.shape.join()) return [];
      return [
        `${name} has shape [${given.shape.join(", ")}], and the module needs [${value.shape.join(", ")}]`,
      ];
    });
    const strict = options.strict ?? true;
    if (shapes.length > 0 || (strict && missing.length + unexpected.length > 0)) {
      throw mismatch(
        this.location,
        strict ? missing : [],
        strict ? unexpected : [],
        shapes,
        Object.keys(own),
      );
    }
    for (const [name, value] of Object.entries(own)) {
      if (!Object.hasOwn(state, name)) continue;
      const given = state[name]!;
      const source = "data" in given && typeof given.data !== "function"
        ? tensor(given.data, { shape: [...given.shape], dtype: given.dtype })
        : given as Tensor;
      value.assign(source.detach().to(value.dtype));
    }
    return { missing, unexpected };
  }

  /** Sets training behaviour here and below. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Sets evaluation behaviour here and below. */
  eval(): this {
    return this.train(false);
  }

  /** Freezes (`false`) or thaws every parameter here and below. */
  requiresGrad_(flag = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(flag);
    return this;
  }

  /** Forgets every gradient here and below. */
  zeroGrad(): this {
    for (const parameter of this.parameters()) parameter.zeroGrad();
    return this;
  }

  /** Calls a function on every module below, then on this one. */
  apply(fn: (module: Module) => void): this {
    // Outermost first, reversed, is children before parents; siblings keep their order as in torch.
    const visit = (module: Module, seen: Set<Module>): void => {
      if (seen.has(module)) return;
      seen.add(module);
      for (const [, part] of parts(module, "")) visit(part, seen);
      fn(module);
    };
    visit(this, new Set());
    return this;
  }

  /** Own parameters and buffers under their names. */
  #own(): [name: string, value: Tensor, role: Role][] {
    const own: [string, Tensor, Role][] = [];
    for (const [field, value] of Object.entries(this)) {
      const role = this.#roles.get(value as Tensor);
      if (role !== undefined) own.push([snakeCase(field), value as Tensor, role]);
    }
    return own;
  }

  /** Remembers the longest path seen, so that asking a part for its parameters does not shorten it. */
  #settle(path: string): void {
    if (!`.${this.#path}`.endsWith(`.${path}`) && path !== "") this.#path = path;
  }

  /** A plain list of modules would be forgotten silently. */
  #refuseHidden(field: string, value: unknown): void {
    if (!Array.isArray(value) || !value.some((item) => item instanceof Module)) return;
    throw new MisconfigurationError(
      `Field "${field}" is a plain list of modules, which would not be trained`,
      {
        where: this.location,
        fix: "wrap the list: new ModuleList(modules) or new Sequential(modules)",
      },
    );
  }
}

/** Modules in the order in which torch visits them; a module held twice appears under both names. */
function* walk(module: Module, path: string, above: readonly Module[]): Iterable<[string, Module]> {
  if (above.includes(module)) {
    throw new MisconfigurationError(`Module ${module.location} contains itself`, {
      where: path,
      fix: "keep references to outer modules in private (#) fields",
    });
  }
  yield [path, module];
  for (const [name, part] of parts(module, path)) yield* walk(part, name, [...above, module]);
}

/** The nearest modules below a container, through containers that are no modules. */
function* parts(container: Container, path: string): Iterable<[string, Module]> {
  for (const [name, part] of container[children]()) {
    if (part instanceof Module) yield [join(path, name), part];
    else if (isContainer(part)) yield* parts(part, join(path, name));
  }
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function mismatch(
  where: string,
  missing: readonly string[],
  unexpected: readonly string[],
  shapes: readonly string[],
  own: readonly string[],
): CheckpointError {
  const what: string[] = [];
  if (missing.length > 0) what.push(`it lacks ${list(missing)}`);
  if (unexpected.length > 0) what.push(`the module has no ${list(unexpected)}`);
  what.push(...shapes.slice(0, SHOWN));
  if (shapes.length > SHOWN) what.push(`and ${shapes.length - SHOWN} more differ in shape`);
  const near = unexpected.length > 0 ? nearest(unexpected[0]!, own) : undefined;
  const hint = near === undefined ? "" : `did you mean "${near}" by "${unexpected[0]}"? `;
  return new CheckpointError(`The state dict does not fit the module: ${what.join("; ")}`, {
    where,
    fix: hint +
      (shapes.length > 0
        ? "build the module with the options it was saved with"
        : "in code, loadStateDict(state, { strict: false }) takes only the names that match"),
  });
}

const SHOWN = 8;

function list(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}
