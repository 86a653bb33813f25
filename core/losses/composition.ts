import {
  type Batch,
  callNamed,
  checkMapping,
  inputNames,
  mapBatch,
  mappingsRule,
  type NamedCallable,
  ownInputs,
} from "../batch.ts";
import { MisconfigurationError, nearest, OptionError } from "../errors.ts";
import { isCallable, optional, record, showValue, takeOptions } from "../options.ts";
import type { Tensor } from "../tensor/mod.ts";
import { Loss } from "./reduction.ts";

/** Options of {@linkcode CriterionsComposition}. */
export interface CriterionsCompositionOptions {
  /** Losses by name. */
  readonly criterions: Readonly<Record<string, NamedCallable>>;
  /** For each loss: batch key → argument name. A loss without an entry takes its arguments under their own names. */
  readonly mapping?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Weight of each loss in the total; `null` is 1 for each. @default 1 / number of losses, for each one not named */
  readonly weights?: Readonly<Record<string, number>> | null;
}

/**
 * Several losses over one batch, and their weighted sum `total`.
 *
 * @throws {OptionError} where `mapping` or `weights` names a loss that is not there, or one is called `total`.
 *
 * @example
 * ```ts
 * import { tensor } from "../tensor/mod.ts";
 * import { CriterionsComposition, L1Loss, MSELoss } from "./mod.ts";
 * const criterions = new CriterionsComposition({
 *   criterions: { mse: new MSELoss(), l1: new L1Loss() },
 *   mapping: { mse: { output: "input", label: "target" }, l1: { output: "input", label: "target" } },
 *   weights: { mse: 2 },
 * });
 * const losses = criterions.forward({ output: tensor([1, 2]), label: tensor([1, 4]) });
 * console.assert(await losses["total"]!.item() === 2 * 2 + 0.5 * 1);
 * ```
 */
export class CriterionsComposition {
  readonly criterions: Readonly<Record<string, NamedCallable>>;
  readonly mapping: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The weight of each loss, defaults filled in. */
  readonly weights: Readonly<Record<string, number>>;

  constructor(options: CriterionsCompositionOptions) {
    const owner = "losses.CriterionsComposition";
    const o = takeOptions<CriterionsCompositionOptions>(owner, options, {
      criterions: record<NamedCallable>("give losses by name", () => true),
      mapping: mappingsRule({}),
      weights: optional(record<number>("give a number for each name", () => true, {}), {}),
    });
    const names = Object.keys(o.criterions);
    if (names.length === 0 || names.includes("total")) {
      throw new OptionError(
        names.length === 0 ? `${owner} has no criterions` : `${owner} has a criterion "total"`,
        {
          fix: names.length === 0
            ? "give at least one loss"
            : 'give it another name: "total" is the weighted sum',
          data: { owner, option: "criterions", known: ["criterions"] },
        },
      );
    }
    const { mapping } = o;
    const weights = o.weights ?? Object.fromEntries(names.map((name) => [name, 1]));
    for (const name of Object.keys(mapping)) requireKnown(owner, "mapping", name, names);
    for (const name of Object.keys(weights)) requireKnown(owner, "weights", name, names);
    for (const [name, criterion] of Object.entries(o.criterions)) {
      if (isCallable(criterion)) continue;
      throw new OptionError(`${owner} cannot call the criterion "${name}"`, {
        fix: "give a loss, or an object with forward(…)",
        data: { owner, option: "criterions", known: ["criterions"] },
      });
    }
    for (const [name, weight] of Object.entries(weights)) {
      if (Number.isFinite(weight)) continue;
      throw new OptionError(`${owner} cannot use the weight ${showValue(weight)} of "${name}"`, {
        fix: "give a number",
        data: { owner, option: "weights", known: ["weights"] },
      });
    }
    for (const [name, given] of Object.entries(mapping)) {
      checkMapping(owner, o.criterions[name]!, given, name);
    }
    this.criterions = o.criterions;
    this.mapping = mapping;
    this.weights = Object.fromEntries(names.map((name) => [name, weights[name] ?? 1 / names.length]));
  }

  /** Names of the losses, `total` last. */
  get names(): string[] {
    return [...Object.keys(this.criterions), "total"];
  }

  /**
   * Every loss of a batch by name, and `total`, their weighted sum.
   *
   * @throws {DataError} where the mapping names a batch key that is not there; it lists the keys.
   * @throws {MisconfigurationError} where a loss is no single number.
   */
  forward(batch: Batch): Record<string, Tensor> {
    const losses: Record<string, Tensor> = {};
    let total: Tensor | null = null;
    for (const [name, criterion] of Object.entries(this.criterions)) {
      const where = `criterions.${name}`;
      const mapping = this.mapping[name];
      const named = mapping === undefined
        ? ownInputs(batch, criterion, where, `mapping.${name}`)
        : mapBatch(batch, mapping, where);
      const loss = callNamed(criterion, named, where) as Tensor;
      if (loss.size !== 1) {
        throw new MisconfigurationError(`Loss "${name}" has shape [${loss.shape.join(", ")}]`, {
          where,
          fix: 'a loss of a composition is one number: use reduction "mean" or "sum"',
        });
      }
      losses[name] = loss;
      const weighted = loss.mul(this.weights[name]!);
      total = total === null ? weighted : total.add(weighted);
    }
    losses["total"] = total!;
    return losses;
  }

  /**
   * Checks the labels of a batch that have not left the host yet; for captured steps, whose `forward` no longer runs.
   *
   * @throws {ValueError} for a label outside the classes.
   */
  check(batch: Batch): void {
    for (const [name, criterion] of Object.entries(this.criterions)) {
      if (!(criterion instanceof Loss)) continue;
      const mapping = Object.entries(this.mapping[name] ?? ownNames(criterion));
      const key = mapping.find(([, argument]) => argument === "target")?.[0];
      // What the step computes, such as the output, need not be there yet.
      if (key !== undefined && Object.hasOwn(batch, key)) criterion.check(batch[key] as Tensor);
    }
  }
}

function ownNames(criterion: NamedCallable): Record<string, string> {
  return Object.fromEntries((inputNames(criterion) ?? ["input", "target"]).map((name) => [name, name]));
}

function requireKnown(owner: string, option: string, name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const near = nearest(name, names);
  throw new OptionError(`${owner} has no criterion "${name}", which ${option} names`, {
    fix: `${near === undefined ? "" : `did you mean "${near}"? `}The criterions are ${names.join(", ")}`,
    data: { owner, option, known: [option] },
  });
}
