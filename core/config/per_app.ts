import { AsyncLocalStorage } from "node:async_hooks";

/** A value for each app that runs, however many run at the same time, and one for code outside of them. */
export class PerApp<T> {
  readonly #inside = new AsyncLocalStorage<T>();
  readonly #outside: T;

  /** @param outside The value where no app runs. */
  constructor(outside: T) {
    this.#outside = outside;
  }

  /** The value of the app that the code at hand belongs to. */
  current(): T {
    return this.#inside.getStore() ?? this.#outside;
  }

  /** Runs a body, and all that it awaits, with a value of its own. */
  run<R>(value: T, body: () => R): R {
    return this.#inside.run(value, body);
  }
}
