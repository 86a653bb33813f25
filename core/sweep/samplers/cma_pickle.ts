/** CMA-ES between trials: as Optuna keeps it, the pickled object of the `cmaes` library. @module */
import { CheckpointError } from "../../errors.ts";
import { Float } from "../../config/scalar.ts";
import { FloatArray, pickle, type PickledObject, type PickleValue } from "../study/pickle.ts";
import { unpickle } from "../study/unpickle.ts";
import { CMA } from "./cma.ts";

const TYPE = "cmaes._cma.CMA";

/** The attributes of an object that `cmaes` would have made, as hexadecimal text. */
export function cmaText(cma: CMA): string {
  const { state, rates, dimension: n, low, high, populationSize, decomposition } = cma;
  const upper = state.covariance.flatMap((row, i) => row.slice(i));
  const zeros = (count: number): FloatArray => new FloatArray(new Array<number>(count).fill(0), [count, 1]);
  const entries: [string, PickleValue][] = [
    ["_n_dim", n],
    ["_popsize", populationSize],
    ["_mu", rates.parents],
    ["_mu_eff", new Float(rates.muEff)],
    ["_cc", new Float(rates.cc)],
    ["_c1", new Float(rates.c1)],
    ["_cmu", new Float(rates.cmu)],
    ["_c_sigma", new Float(rates.cSigma)],
    ["_d_sigma", new Float(rates.dSigma)],
    ["_cm", 1],
    ["_chi_n", new Float(rates.chiN)],
    ["_weights", new FloatArray(rates.weights)],
    ["_p_sigma", new FloatArray(state.stepPath)],
    ["_pc", new FloatArray(state.path)],
    ["_mean", new FloatArray(state.mean)],
    ["_c_1d", new FloatArray(upper)],
    ["_sigma", new Float(state.sigma)],
    ["_D", decomposition === undefined ? null : new FloatArray(decomposition.d)],
    ["_B", decomposition === undefined ? null : new FloatArray(decomposition.b.flat(), [n, n])],
    ["_bounds", new FloatArray(low.flatMap((x, i) => [x, high[i]!]), [n, 2])],
    ["_n_max_resampling", 10 * n],
    ["_g", state.generation],
    // Adapting the learning rate is a switch of newer versions, and off.
    ["_lr_adapt", false],
    ["_alpha", new Float(1.4)],
    ["_beta_mean", new Float(0.1)],
    ["_beta_Sigma", new Float(0.03)],
    ["_gamma", new Float(0.1)],
    ["_Emean", zeros(n)],
    ["_ESigma", zeros(n * n)],
    ["_Vmean", new Float(0)],
    ["_VSigma", new Float(0)],
    ["_eta_mean", new Float(1)],
    ["_eta_Sigma", new Float(1)],
    ["_tolx", new Float(state.leastWidth)],
    ["_tolxup", new Float(1e4)],
    ["_tolfun", new Float(1e-12)],
    ["_tolconditioncov", new Float(1e14)],
    ["_funhist_term", rates.historyTerm],
    ["_funhist_values", new FloatArray(state.history)],
  ];
  return pickle({ type: TYPE, state: new Map(entries) }).toHex();
}

/**
 * The evolution strategy of a text by {@linkcode cmaText} or by Optuna.
 *
 * @throws {CheckpointError} for another object.
 */
export function parseCma(text: string): CMA {
  const object = unpickle(Uint8Array.fromHex(text));
  if (object.type !== TYPE) {
    throw new CheckpointError(`The study keeps a ${object.type} where CMA-ES expects its own state`, {
      fix: "start another study with hydra.sweeper.study_name, or use the sampler that wrote it",
    });
  }
  const number = (name: string): number => Number(object.state.get(name));
  const n = number("_n_dim");
  const bounds = array(object, "_bounds");
  const mean = array(object, "_mean");
  const low = mean.map((_, i) => bounds[2 * i]!);
  const high = mean.map((_, i) => bounds[2 * i + 1]!);
  const sigma = number("_sigma");
  const isDecomposed = object.state.get("_B") instanceof FloatArray;
  return new CMA({ mean, sigma, low, high, populationSize: number("_popsize") }, {
    mean,
    sigma,
    covariance: symmetric(array(object, "_c_1d"), n),
    stepPath: array(object, "_p_sigma"),
    path: array(object, "_pc"),
    generation: number("_g"),
    history: array(object, "_funhist_values"),
    leastWidth: number("_tolx"),
  }, isDecomposed ? { b: rows(array(object, "_B"), n), d: array(object, "_D") } : undefined);
}

function array({ state }: PickledObject, name: string): number[] {
  const value = state.get(name);
  if (value instanceof FloatArray) return [...value.data];
  throw new CheckpointError(`The study's CMA-ES state has no ${name}`, {
    fix: "it was written by another version of the cmaes library; start another study",
  });
}

function rows(data: readonly number[], n: number): number[][] {
  return Array.from({ length: n }, (_, i) => data.slice(i * n, (i + 1) * n));
}

/** A matrix from its upper half, row by row. */
function symmetric(upper: readonly number[], n: number): number[][] {
  const matrix = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) matrix[i]![j] = matrix[j]![i] = upper[at++]!;
  }
  return matrix;
}
