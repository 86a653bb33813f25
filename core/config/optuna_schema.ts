/** The typed configs of Hydra's Optuna sweeper plugin, version 1.3. @module */
import { loadText } from "./load.ts";
import type { ContainerNode } from "./node.ts";
import {
  any,
  bool,
  dictOf,
  enumeration,
  field,
  floating,
  int,
  listOf,
  nested,
  optional,
  schema,
  str,
  structured,
} from "./schema.ts";
import type { Schema } from "./type_ref.ts";

const NOTHING = field(optional(any), null);
const SEED = field(optional(int), null);

const DIRECTION = enumeration("Direction", { minimize: 1, maximize: 2 });

const SAMPLER = schema("SamplerConfig", { _target_: str });

const SWEEPER = schema("OptunaSweeperConf", {
  _target_: field(str, "hydra_plugins.hydra_optuna_sweeper.optuna_sweeper.OptunaSweeper"),
  defaults: field(listOf(any), []),
  sampler: nested(SAMPLER),
  direction: field(any, DIRECTION.enum.members.get("minimize")),
  storage: NOTHING,
  study_name: field(optional(str), null),
  n_trials: field(int, 20),
  n_jobs: field(int, 2),
  max_failure_rate: field(floating, 0),
  search_space: field(optional(dictOf(any)), null),
  params: field(optional(dictOf(str)), null),
  custom_search_space: field(optional(str), null),
});

const SAMPLERS: Readonly<Record<string, Schema>> = {
  tpe: sampler("TPESampler", {
    seed: SEED,
    consider_prior: field(bool, true),
    prior_weight: field(floating, 1),
    consider_magic_clip: field(bool, true),
    consider_endpoints: field(bool, false),
    n_startup_trials: field(int, 10),
    n_ei_candidates: field(int, 24),
    multivariate: field(bool, false),
    warn_independent_sampling: field(bool, true),
  }),
  random: sampler("RandomSampler", { seed: SEED }),
  cmaes: sampler("CmaEsSampler", {
    seed: SEED,
    x0: field(optional(dictOf(any)), null),
    sigma0: field(optional(floating), null),
    independent_sampler: NOTHING,
    warn_independent_sampling: field(bool, true),
    consider_pruned_trials: field(bool, false),
    restart_strategy: NOTHING,
    inc_popsize: field(int, 2),
    use_separable_cma: field(bool, false),
    source_trials: NOTHING,
  }),
  nsgaii: sampler("NSGAIISampler", {
    seed: SEED,
    population_size: field(int, 50),
    mutation_prob: field(optional(floating), null),
    crossover_prob: field(floating, 0.9),
    swapping_prob: field(floating, 0.5),
    constraints_func: NOTHING,
  }),
  motpe: sampler("MOTPESampler", {
    seed: SEED,
    consider_prior: field(bool, true),
    prior_weight: field(floating, 1),
    consider_magic_clip: field(bool, true),
    consider_endpoints: field(bool, false),
    n_startup_trials: field(int, 10),
    n_ehvi_candidates: field(int, 24),
  }),
  // What the grid is made of is known only when the sweep begins.
  grid: sampler("GridSampler", { _partial_: field(bool, true) }),
};

function sampler(name: string, fields: Parameters<typeof schema>[1]): Schema {
  const target = { _target_: field(str, `optuna.samplers.${name}`) };
  return schema(`${name}Config`, { ...target, ...fields }, { extends: SAMPLER });
}

/** The plugin's configs by full name. */
export const OPTUNA_SCHEMAS: readonly (readonly [string, () => ContainerNode])[] = [
  ["hydra/sweeper/optuna", () => {
    const node = structured(SWEEPER);
    node.setChild("defaults", loadText("- sampler: tpe\n", "pkg://hydra.conf/hydra/sweeper/optuna.yaml"));
    return node;
  }],
  ...Object.entries(SAMPLERS).map(([name, type]): [string, () => ContainerNode] => [
    `hydra/sweeper/sampler/${name}`,
    () => structured(type),
  ]),
];
