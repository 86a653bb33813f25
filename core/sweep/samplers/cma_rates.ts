import { sum } from "../numeric/numpy_order.ts";

/** What follows from the dimension and the population size alone. */
export interface Rates {
  readonly weights: readonly number[];
  readonly parents: number;
  readonly muEff: number;
  readonly c1: number;
  readonly cmu: number;
  readonly cc: number;
  readonly cSigma: number;
  readonly dSigma: number;
  /** The expected length of a standard normal vector. */
  readonly chiN: number;
  /** Generations that the history goes back. */
  readonly historyTerm: number;
}

/** The usual population of a dimension (48). */
export function defaultPopulation(n: number): number {
  return 4 + Math.floor(3 * Math.log(n));
}

/** The expected length of a standard normal vector, nearly. */
export function expectedLength(n: number): number {
  return Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
}

/** The rates of CMA-ES with active weights; numbers are equations of Hansen 2016. */
export function ratesOf(n: number, size: number): Rates {
  const parents = Math.floor(size / 2);
  const raw = Array.from({ length: size }, (_, i) => Math.log((size + 1) / 2) - Math.log(i + 1)); // (49)
  const mass = (part: readonly number[]): number => sum(part) ** 2 / sum(part.map((x) => x * x));
  const muEff = mass(raw.slice(0, parents));
  const c1 = 2 / ((n + 1.3) ** 2 + muEff);
  const cmu = Math.min(1 - c1 - 1e-8, 2 * (muEff - 2 + 1 / muEff) / ((n + 2) ** 2 + muEff));
  const negativeShare = Math.min(
    1 + c1 / cmu, // (50)
    1 + 2 * mass(raw.slice(parents)) / (muEff + 2), // (51)
    (1 - c1 - cmu) / (n * cmu), // (52)
  );
  const positive = sum(raw.filter((x) => x > 0));
  const negative = sum(raw.filter((x) => x < 0).map(Math.abs));
  return {
    weights: raw.map((x) => x >= 0 ? 1 / positive * x : negativeShare / negative * x), // (53)
    parents,
    muEff,
    c1,
    cmu,
    cc: (4 + muEff / n) / (n + 4 + 2 * muEff / n), // (56)
    cSigma: (muEff + 2) / (n + muEff + 5), // (55)
    dSigma: damping(muEff, n, (muEff + 2) / (n + muEff + 5)),
    chiN: expectedLength(n),
    historyTerm: 10 + Math.ceil(30 * n / size),
  };
}

/** How slowly the step size changes. */
export function damping(muEff: number, n: number, cSigma: number): number {
  return 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma;
}
