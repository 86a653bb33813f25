import { ConfigError, type ErrorDetails } from "../errors.ts";

/** Hydra's last line of such an error, word for word. */
const SEE = "See https://hydra.cc/docs/1.2/advanced/override_grammar/basic for details";

/** An override does not follow the grammar. */
export class OverrideParseError extends ConfigError {
  override name = "OverrideParseError";
  /** The override as it was typed. */
  readonly override: string;
  /** Where the fault lies, counted from 1. */
  readonly column: number;

  constructor(what: string, details: ErrorDetails & { readonly override: string; readonly column: number }) {
    super(`${what}\n${SEE}`, {
      where: details.where ?? `override ${JSON.stringify(details.override)}, column ${details.column}`,
      fix: details.fix ??
        "quote the value: key='...', in a shell \"key='...'\"",
      cause: details.cause,
    });
    this.override = details.override;
    this.column = details.column;
  }
}

/** Configs were found but do not fit together: a defaults list, an override, or a merge is wrong. */
export class CompositionError extends ConfigError {
  override name = "CompositionError";
}

/** A config file, group option or config directory does not exist. */
export class MissingConfigError extends ConfigError {
  override name = "MissingConfigError";
  /** The config that was looked for, such as `db/pg`. */
  readonly config: string | undefined;
  /** What its group offers instead. */
  readonly options: readonly string[];

  constructor(
    what: string,
    details: ErrorDetails & { readonly config?: string | undefined; readonly options?: readonly string[] } =
      {},
  ) {
    super(what, details);
    this.config = details.config;
    this.options = details.options ?? [];
  }
}

/** A `_target_` cannot be found, is not callable, or threw when it was called. */
export class InstantiationError extends ConfigError {
  override name = "InstantiationError";
  /** The key of the node that failed, such as `model.optimizer`. */
  readonly fullKey: string;

  constructor(what: string, details: ErrorDetails & { readonly fullKey?: string } = {}) {
    super(what, details);
    this.fullKey = details.fullKey ?? "";
  }
}

/** The command line asks for something that does not exist or cannot be combined; the exit code is in `exitCode`. */
export class CommandLineError extends ConfigError {
  override name = "CommandLineError";
  /** 2 for command-line syntax, 1 otherwise. */
  readonly exitCode: number;
  /** Whether the message says all: no stack is offered. */
  readonly saysAll: boolean;

  constructor(
    what: string,
    details: ErrorDetails & { readonly exitCode?: number; readonly saysAll?: boolean } = {},
  ) {
    super(what, details);
    this.exitCode = details.exitCode ?? 1;
    this.saysAll = details.saysAll ?? this.exitCode === 2;
  }
}
