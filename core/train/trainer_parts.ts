import { MisconfigurationError, nearest, OptionError } from "../errors.ts";
import type { Duration } from "./duration.ts";
import { isRecord, showValue, type Taken } from "../options.ts";
import { type Callback, isCheckpointCallback, stateKeyOf } from "./callback.ts";
import type { Logger } from "./logger.ts";
import type { Profiler } from "./profiler.ts";
import type { Settings } from "./settings.ts";
import type { TrainerOptions } from "./trainer_options.ts";

/** What a trainer adds where its options say so and nothing was given. */
export interface StandardParts {
  /** A callback that shows progress. */
  progressBar?(): Callback;
  /** A callback that shows the layers. */
  modelSummary?(): Callback;
  /** A callback that saves checkpoints. */
  modelCheckpoint?(): Callback;
  /** A callback that stops after `maxTime`. */
  timer?(duration: Duration): Callback;
  /** A logger that writes under a folder. */
  logger?(rootDir: string): Logger;
  /** Profilers by name. */
  readonly profilers?: Readonly<Record<string, () => Profiler>>;
  /** Whether a callback is of the kind that a part adds. */
  isProgressBar?(callback: Callback): boolean;
  isModelSummary?(callback: Callback): boolean;
  isTimer?(callback: Callback): boolean;
}

/**
 * The callbacks of a run in the order they are called: those given, what is added, checkpoints last.
 *
 * @throws {MisconfigurationError} where options and callbacks contradict each other.
 */
export function assembleCallbacks(
  o: Taken<TrainerOptions>,
  settings: Settings,
  parts: StandardParts,
): readonly Callback[] {
  const callbacks: Callback[] = o.callbacks === null
    ? []
    : Array.isArray(o.callbacks)
    ? [...o.callbacks]
    : [o.callbacks as Callback];
  const has = (is: ((callback: Callback) => boolean) | undefined) => is !== undefined && callbacks.some(is);
  refuse(
    !settings.enableCheckpointing && callbacks.some(isCheckpointCallback),
    "enable_checkpointing=false, but a ModelCheckpoint is among the callbacks",
  );
  refuse(
    !settings.enableProgressBar && has(parts.isProgressBar),
    "enable_progress_bar=false, but a progress bar is among the callbacks",
  );
  refuse(
    callbacks.filter((callback) => parts.isProgressBar?.(callback)).length > 1,
    "two progress bars are among the callbacks",
  );
  if (settings.maxTime !== null && !has(parts.isTimer)) {
    refuse(parts.timer === undefined, "max_time needs a Timer, which BaseTrainer does not add");
    callbacks.push(parts.timer!(settings.maxTime));
  }
  if (settings.enableProgressBar && !has(parts.isProgressBar) && parts.progressBar !== undefined) {
    callbacks.push(parts.progressBar());
  }
  if (settings.enableModelSummary && !has(parts.isModelSummary) && parts.modelSummary !== undefined) {
    callbacks.push(parts.modelSummary());
  }
  if (
    settings.enableCheckpointing && !callbacks.some(isCheckpointCallback) &&
    parts.modelCheckpoint !== undefined
  ) {
    callbacks.push(parts.modelCheckpoint());
  }
  return inOrder(callbacks);
}

/**
 * The callbacks of a run with those that the module's `configureCallbacks` gives: they take the places of callbacks of
 * the same class, or of a class that theirs extends.
 *
 * @param say Tells the user which ones give way.
 * @throws {MisconfigurationError} for what is no callback, and where two would overwrite each other's state.
 */
export function withModuleCallbacks(
  callbacks: readonly Callback[],
  given: Callback | readonly Callback[],
  say: (text: string) => void,
): readonly Callback[] {
  const own = Array.isArray(given) ? given as readonly Callback[] : [given as Callback];
  const wrong = own.findIndex((callback) => !isRecord(callback) || callback instanceof Promise);
  if (wrong >= 0) {
    throw new MisconfigurationError(
      `configureCallbacks() gave ${showValue(own[wrong])}, which is no callback`,
      {
        where: "configureCallbacks",
        fix: given instanceof Promise
          ? "take the async out: callbacks are made at once"
          : "return a callback, or a list of callbacks",
      },
    );
  }
  const givesWay = (callback: Callback): boolean =>
    // A plain object has no class that another could extend.
    callback.constructor !== Object && own.some((other) => other instanceof callback.constructor);
  const kept = callbacks.filter((callback) => !own.includes(callback) && !givesWay(callback));
  const gone = callbacks.filter((callback) => !own.includes(callback) && givesWay(callback));
  if (gone.length > 0) {
    const names = [...new Set(gone.map((callback) => callback.constructor.name))].sort().join(", ");
    say(`The callbacks of configureCallbacks() take the places of these of the Trainer: ${names}`);
  }
  return inOrder([...kept, ...own]);
}

/** Checkpoints last, so that they hold what the others did. */
function inOrder(callbacks: readonly Callback[]): readonly Callback[] {
  const ordered = [
    ...callbacks.filter((callback) => !isCheckpointCallback(callback)),
    ...callbacks.filter(isCheckpointCallback),
  ];
  refuseTwins(ordered);
  return ordered;
}

/** Two callbacks whose states would overwrite each other in a checkpoint. */
function refuseTwins(callbacks: readonly Callback[]): void {
  const seen = new Set<string>();
  for (const callback of callbacks) {
    if (callback.state === undefined) continue;
    const key = stateKeyOf(callback);
    refuse(seen.has(key), `two callbacks keep their state under the key ${key}`);
    seen.add(key);
  }
}

function refuse(wrong: boolean, what: string): void {
  if (!wrong) return;
  throw new MisconfigurationError(`Trainer cannot be set up: ${what}`, {
    where: "Trainer.callbacks",
    fix: "take one of them out",
  });
}

/** The loggers of a run; a fast development run has none. */
export function assembleLoggers(
  o: Taken<TrainerOptions>,
  settings: Settings,
  parts: StandardParts,
): readonly Logger[] {
  if (settings.fastDevRun > 0 || o.logger === false) return [];
  if (o.logger === null || o.logger === true) {
    return parts.logger === undefined ? [] : [parts.logger(settings.defaultRootDir)];
  }
  return Array.isArray(o.logger) ? o.logger : [o.logger as Logger];
}

/** The profiler of a run: given, or by name. */
export function chooseProfiler(profiler: Profiler | string | null, parts: StandardParts): Profiler | null {
  if (profiler === null || typeof profiler !== "string") return profiler;
  const make = parts.profilers?.[profiler];
  if (make !== undefined) return make();
  const names = Object.keys(parts.profilers ?? {});
  const near = nearest(profiler, names);
  throw new OptionError(`Trainer knows no profiler "${profiler}"`, {
    where: "Trainer.profiler",
    fix: names.length === 0
      ? "give a profiler object"
      : `${near === undefined ? "" : `did you mean "${near}"? `}valid: ${
        names.join(", ")
      }, or a profiler object`,
    data: { owner: "Trainer", option: "profiler", known: ["profiler"] },
  });
}
