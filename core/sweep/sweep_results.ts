import { join, resolve } from "node:path";
import { create } from "../config/create.ts";
import type { ContainerNode } from "../config/node.ts";
import { pythonRepr, pythonStr } from "../config/python_text.ts";
import { float } from "../config/scalar.ts";
import { select } from "../config/select.ts";
import { toYaml } from "../config/to_yaml.ts";
import type { Study } from "./study/study.ts";
import type { SweepContext } from "./sweeper.ts";

/**
 * Shows the best trials of a study and writes them to `optimization_results.yaml` in the sweep's folder: one with its
 * value, or those of several objectives that no other one dominates.
 *
 * @throws {ValueError} where no trial of a study of one objective is complete.
 */
export function writeResults(study: Study, { config, log }: Pick<SweepContext, "config" | "log">): void {
  let results: ReadonlyMap<string, unknown>;
  if (study.isMultiObjective) {
    const front = study.bestTrials;
    log.info(`Number of Pareto solutions: ${front.length}`);
    for (const { values, params } of front) {
      log.info(`    Values: ${pythonRepr(values!.map(float))}, Params: ${pythonRepr(params)}`);
    }
    const solutions = front.map(({ params, values }) => {
      return new Map<string, unknown>([["params", params], ["values", values!.map(float)]]);
    });
    results = new Map<string, unknown>([["name", "optuna"], ["solutions", solutions]]);
  } else {
    const { params, values } = study.bestTrial;
    const best = float(values![0]!);
    log.info(`Best parameters: ${pythonRepr(params)}`);
    log.info(`Best value: ${pythonStr(best)}`);
    results = new Map<string, unknown>([["name", "optuna"], ["best_params", params], ["best_value", best]]);
  }
  const directory = pythonStr(select(config, "hydra.sweep.dir"));
  Deno.mkdirSync(resolve(directory), { recursive: true });
  Deno.writeTextFileSync(
    join(directory, "optimization_results.yaml"),
    toYaml(create(results) as ContainerNode),
  );
}
