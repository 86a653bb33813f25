/** Measures how long named actions take. */
export interface Profiler {
  /**
   * An action begins.
   *
   * @throws {MisconfigurationError} where it is running already.
   */
  start(action: string): void;
  /**
   * An action ends.
   *
   * @throws {MisconfigurationError} where it was not started.
   */
  stop(action: string): void;
  /** The report of the actions so far, as text. */
  summary(): string;
  /**
   * Ends a run: shows or writes the report and forgets the actions.
   *
   * @param stage The run's name: `fit`, `validate`, `test` or `predict`.
   * @param logDir Where files go unless the profiler was given a folder.
   * @param print Shows text to the user.
   */
  teardown(stage: string, logDir: string, print: (text: string) => void): void | Promise<void>;
}

/** Runs a function as a named action; an async function's action ends with its promise. */
export function profiled<T>(profiler: Profiler | null, action: string, run: () => T): T {
  if (profiler === null) return run();
  profiler.start(action);
  let result: T;
  try {
    result = run();
  } catch (error) {
    profiler.stop(action);
    throw error;
  }
  if (!(result instanceof Promise)) {
    profiler.stop(action);
    return result;
  }
  return result.finally(() => profiler.stop(action)) as T;
}

/** Runs a function as a named action that ends when it returns, whatever it goes on to wait for. */
export function profiledUntilWait<T>(profiler: Profiler | null, action: string, run: () => T): T {
  if (profiler === null) return run();
  profiler.start(action);
  try {
    return run();
  } finally {
    profiler.stop(action);
  }
}
