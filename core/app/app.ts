import { resolve } from "node:path";
import { ConfigError, nearest } from "../errors.ts";
import { attribute, items } from "../config/access.ts";
import type { ComposeOptions, Composition, ConfigLoader } from "../config/config_loader.ts";
import { numberJob, part, put } from "../config/hydra_node.ts";
import { instantiate } from "../config/instantiate.ts";
import type { Library } from "../config/names.ts";
import { DictNode, MISSING } from "../config/node.ts";
import { pythonStr } from "../config/python_text.ts";
import type { RunContext, TaskFunction } from "../config/run_context.ts";
import { EnumMember } from "../config/scalar.ts";
import type { ResolverModule } from "../config/resolver_modules.ts";
import type { ResolverFunction } from "../config/resolver_scope.ts";
import { select, selectNode } from "../config/select.ts";
import { toContainer } from "../config/to_container.ts";
import * as sweep from "../sweep/mod.ts";
import type { JobReturn, LaunchContext, Launcher, Sweeper } from "../sweep/mod.ts";
import {
  type HydraCallback,
  HydraCallbacks,
  LogJobReturnCallback,
  NoCallback,
  PickleJobInfoCallback,
} from "./hydra_callbacks.ts";
import type { GivenTicket } from "./job_call.ts";
import { JobChild } from "./job_child.ts";
import { SweepProcesses } from "./job_processes.ts";
import type { JobEnd } from "./job_result.ts";
import { restoreCache } from "./job_ticket.ts";
import { loadResolvers } from "./load_resolvers.ts";
import { Logging, type Streams } from "./logging.ts";
import type { AppOptions } from "./main_options.ts";
import { pluginLogger, PLUGINS } from "./plugins.ts";
import { JobFailure } from "./report.ts";
import { type JobOptions, loggingConfig, runJob, verbose } from "./run_job.ts";
import { infoLines } from "./show.ts";

/** Where a sweep's jobs have their folders. */
const SWEEP_KEYS = { directoryKey: "hydra.sweep.dir", subdirectoryKey: "hydra.sweep.subdir" } as const;

/** Runs jobs and sweeps of one app. */
export class App {
  readonly #loader: ConfigLoader;
  readonly #task: TaskFunction;
  readonly #jobName: string;
  readonly #streams: Streams;
  readonly #options: AppOptions;
  readonly #logging: Logging;
  readonly #abort = new AbortController();
  readonly #resolvers: Map<string, ResolverFunction>;
  readonly #call: number;
  readonly #folders: readonly string[];
  #library: Promise<Library> | undefined;

  /**
   * @param resolvers Filled by `loadResolvers`; the loader gives them to every config.
   * @param call Which of the program's calls of `main` this is.
   * @param folders Where `./file.ts` of a config is looked up, whatever a job's working directory is.
   */
  constructor(
    loader: ConfigLoader,
    task: TaskFunction,
    jobName: string,
    streams: Streams,
    options: AppOptions,
    resolvers: Map<string, ResolverFunction> = new Map(),
    call: number = 1,
    folders: readonly string[] = [Deno.cwd()],
  ) {
    this.#folders = folders;
    this.#resolvers = resolvers;
    this.#call = call;
    this.#loader = loader;
    this.#task = task;
    this.#jobName = jobName;
    this.#streams = streams;
    this.#options = options;
    this.#logging = new Logging(streams);
  }

  /** Composes and runs one job, or a sweep where the command line or the config says so. */
  async run(
    configName: string | undefined,
    overrides: readonly string[],
    multirun: boolean,
  ): Promise<number> {
    await this.loadResolvers({ configName, overrides, fromShell: true });
    const mode = this.#mode({ configName, overrides });
    let sweeps = multirun;
    let words = overrides;
    if (mode === null || mode === undefined) {
      words = [...overrides, `hydra.mode=${multirun ? "MULTIRUN" : "RUN"}`];
    } else if (mode === "MULTIRUN") sweeps = true;
    else if (mode !== "RUN") {
      const near = nearest(pythonStr(mode), ["RUN", "MULTIRUN"]);
      throw new ConfigError(`Invalid value '${pythonStr(mode)}', expected one of [RUN, MULTIRUN]`, {
        where: "hydra.mode",
        fix: near === undefined ? undefined : `did you mean "${near}"?`,
      });
    } else if (multirun) {
      this.#warn("\n\tRunning Hydra app with --multirun, overriding with `hydra.mode=MULTIRUN`.");
      words = [...overrides, "hydra.mode=MULTIRUN"];
    }
    const options = { configName, overrides: words, fromShell: true } as const;
    const release = this.#listen();
    try {
      return sweeps ? await this.#sweep(options) : await this.#runOne(options);
    } finally {
      release();
      this.#logging.close();
    }
  }

  /** Runs the one job that a launcher started this process for, and tells how it ended. */
  async runTicket(given: GivenTicket): Promise<number> {
    const ticket = given.read();
    const child = new JobChild(ticket, given.file, this.#abort);
    child.listen();
    let end: JobEnd;
    let canResume = false;
    try {
      const options = { configName: ticket.configName, overrides: ticket.allOverrides, fromShell: true };
      await this.loadResolvers(options);
      const resolvers = this.#loader.resolvers();
      restoreCache(resolvers, ticket.cache);
      const job = this.#loader.compose({ ...options, resolvers });
      numberJob(job.config, child.id, ticket.num);
      canResume = selectNode(job.config, "ckpt_path") !== undefined;
      const callbacks = await this.#callbacks(this.#configureHydraLogging(job.config));
      const result = await this.#runJob(job, callbacks, { ...SWEEP_KEYS, directory: ticket.sweepDir });
      const outputDir = String(select(job.config, "hydra.runtime.output_dir"));
      end = { ...result, outputDir };
    } catch (error) {
      const nowhere = { workingDir: Deno.cwd(), outputDir: "" };
      end = { status: "failed", returnValue: undefined, error, ...nowhere };
    }
    this.#logging.close();
    return child.finish(end, canResume);
  }

  /** Imports the modules that `hydra.resolvers` names, so that interpolations may use their functions. */
  async loadResolvers(options: ComposeOptions): Promise<void> {
    // The defaults list may use those that the primary config names; others may be named by what it brings in.
    await this.#register(this.#loader.resolverModules(options));
    const all = { ...options, runMode: "multirun", validateSweeps: false } as const;
    await this.#register(this.#loader.compose(all).resolverModules);
  }

  async #register(modules: readonly ResolverModule[]): Promise<void> {
    for (const [name, call] of await loadResolvers(modules, this.#folders)) this.#resolvers.set(name, call);
  }

  /** The mode that the config itself asks for; a config that cannot be composed asks for none. */
  #mode(options: ComposeOptions): unknown {
    try {
      const { config } = this.#loader.compose({ ...options, runMode: "multirun", validateSweeps: false });
      const mode = select(config, "hydra.mode");
      return mode instanceof EnumMember ? mode.name : mode;
    } catch (error) {
      if (error instanceof ConfigError) return null;
      throw error;
    }
  }

  async #runOne(options: ComposeOptions): Promise<number> {
    const job = this.#loader.compose({ ...options, runMode: "run" });
    const hydra = this.#configureHydraLogging(job.config);
    this.#logInfo(options);
    const callbacks = await this.#callbacks(hydra);
    await callbacks.notify("onRunStart", job.config, options.configName);
    const result = await this.#runJob(job, callbacks, { directoryKey: "hydra.run.dir" });
    await callbacks.notify("onRunEnd", job.config, options.configName, result);
    if (result.status === "failed") this.#fail(result);
    return this.#abort.signal.aborted ? 130 : 0;
  }

  /** Throws what a job threw; after Ctrl-C the task's own word for that is shown and is no failure. */
  #fail(job: JobReturn): void {
    const { error } = job;
    const isInterrupt = error instanceof Error && /^(?:Interrupted|Abort)Error$/.test(error.name);
    if (!this.#abort.signal.aborted || !isInterrupt) throw new JobFailure(job.overrides, error);
    this.#streams.stderr(`${error.message}\n`);
  }

  async #sweep(options: ComposeOptions): Promise<number> {
    const master = this.#loader.compose({ ...options, runMode: "multirun" });
    const hydra = this.#configureHydraLogging(master.config);
    this.#logInfo({ ...options, runMode: "multirun" });
    const callbacks = await this.#callbacks(hydra);
    await callbacks.notify("onMultirunStart", master.config, options.configName);
    const words = (key: string) => toContainer(selectNode(hydra, `overrides.${key}`)!) as string[];
    const loadJob = (overrides: readonly string[]): Composition => {
      const job = this.#loader.compose({
        configName: options.configName,
        overrides: [...words("hydra"), ...overrides],
        resolvers: master.resolvers.fork(),
        fromShell: true,
      });
      // Jobs are numbered by who launches them, whatever the words say.
      numberJob(job.config, MISSING, MISSING);
      return job;
    };
    for (const kind of ["sweeper", "launcher"]) attribute(hydra, kind);
    const target = (kind: string): string => pythonStr(select(hydra, `${kind}._target_`));
    const context: LaunchContext = {
      config: master.config,
      loader: this.#loader,
      log: this.#logging.logger(pluginLogger(target("launcher"))),
      warn: (message) => this.#warn(message),
      instantiate: this.instantiate,
      loadJob,
      signal: this.#abort.signal,
      processes: new SweepProcesses({
        call: this.#call,
        configName: options.configName,
        hydraOverrides: words("hydra"),
        resolvers: master.resolvers,
        sweepDir: resolve(pythonStr(attribute(part(hydra, "sweep"), "dir"))),
        jobName: this.#jobName,
        streams: this.#streams,
        loadJob,
      }),
      runJob: async (job, index) => {
        this.#abort.signal.throwIfAborted();
        if (selectNode(job.config, "hydra.job.num")?.isMissing !== false) {
          numberJob(job.config, String(index), index);
        }
        const result = await this.#runJob(job, callbacks, SWEEP_KEYS);
        this.#configureHydraLogging(master.config);
        return result;
      },
      rethrow: (job) => {
        throw new JobFailure(job.overrides, job.error);
      },
    };
    const launcher = await this.#plugin<Launcher>(hydra, "launcher");
    launcher.setup(context);
    const sweeper = await this.#plugin<Sweeper>(hydra, "sweeper");
    const log = this.#logging.logger(pluginLogger(target("sweeper")));
    // As Hydra's launchers do, which begins a log anew that is opened with `mode: w`.
    const launch: Launcher["launch"] = (jobs, firstIndex) => {
      this.#configureHydraLogging(master.config);
      return launcher.launch(jobs, firstIndex);
    };
    sweeper.setup({ ...context, launcher: { setup: (given) => launcher.setup(given), launch }, log });
    try {
      await sweeper.sweep(words("task"));
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
    }
    await callbacks.notify("onMultirunEnd", master.config, options.configName);
    return this.#abort.signal.aborted ? 130 : 0;
  }

  #runJob(
    job: Composition,
    callbacks: HydraCallbacks,
    place: Pick<JobOptions, "directoryKey" | "subdirectoryKey" | "directory">,
  ): Promise<JobReturn> {
    return runJob(job, {
      task: this.#task,
      callbacks,
      logging: this.#logging,
      signal: this.#abort.signal,
      instantiate: this.instantiate,
      jobName: this.#jobName,
      ...place,
    });
  }

  /** Builds what a config describes from the app's library. */
  readonly instantiate: RunContext["instantiate"] = async (config, kwargs = {}) => {
    this.#library ??= Promise.resolve(this.#options.library?.() ?? {});
    return await instantiate(config, { library: await this.#library, base: this.#folders, kwargs });
  };

  #configureHydraLogging(config: DictNode): DictNode {
    const hydra = config.child("hydra") as DictNode;
    this.#logging.configure(loggingConfig(hydra, "hydra_logging"), verbose(hydra));
    return hydra;
  }

  /** What `--info all` shows, first thing where Hydra's own log is at DEBUG, as of `hydra.verbose=true`. */
  #logInfo(options: ComposeOptions): void {
    const name = "hydra._internal.hydra";
    if (!this.#logging.isEnabledFor(name, "DEBUG")) return;
    const log = this.#logging.logger(name);
    const [lines, config] = infoLines(this.#loader, options);
    for (const line of lines) log.debug(line);
    log.info(config);
  }

  async #callbacks(hydra: DictNode): Promise<HydraCallbacks> {
    const node = hydra.child("callbacks");
    const made: (HydraCallback | NoCallback)[] = [];
    if (node instanceof DictNode) {
      for (const [, entry] of items(node)) {
        const isTarget = entry instanceof DictNode && entry.child("_target_") !== undefined;
        const callback = isTarget ? await this.#build(entry, "callback") : await this.instantiate(entry);
        made.push(isTarget && callback !== null ? callback as HydraCallback : new NoCallback(entry));
      }
    }
    return new HydraCallbacks(made, (message) => this.#warn(message));
  }

  async #plugin<P>(hydra: DictNode, kind: "launcher" | "sweeper"): Promise<P> {
    return await this.#build(hydra.child(kind) as DictNode, kind) as P;
  }

  /** Builds a plugin: one of ours under Hydra's name, or what its `_target_` finds. */
  async #build(node: DictNode, kind: string): Promise<unknown> {
    const copy = node.clone();
    const target = String(select(copy, "_target_"));
    const ours = PLUGINS.get(target);
    const app = { LogJobReturnCallback, PickleJobInfoCallback };
    const library = ours === undefined
      ? await (this.#library ??= Promise.resolve(this.#options.library?.() ?? {}))
      : {};
    if (ours !== undefined) put(copy, "_target_", ours.path);
    const needsLog = ours?.path.startsWith("app.") === true;
    const kwargs = needsLog ? { log: this.#logging.logger(pluginLogger(target)) } : {};
    try {
      return await instantiate(copy, {
        library: { ...library, sweep: { ...library.sweep as object, ...sweep }, app },
        base: this.#folders,
        kwargs,
      });
    } catch (error) {
      if (kind === "callback" || ours !== undefined || !(error instanceof ConfigError)) throw error;
      throw new ConfigError(`Unknown plugin class : '${target}'\n${error.what}`, {
        where: error.where,
        fix: error.fix ?? `hydra/${kind} has ${this.#loader.groupOptions(`hydra/${kind}`).join(", ")}`,
        cause: error,
      });
    }
  }

  #warn(message: string): void {
    this.#streams.stderr(`UserWarning: ${message}\n`);
  }

  /** Lets the first Ctrl-C ask the task to stop and the second one end the process. */
  #listen(): () => void {
    if (this.#options.handleInterrupt === false) return () => {};
    const interrupt = (): void => {
      this.#streams.stderr("\nStopping after this step; press Ctrl-C again to stop at once.\n");
      this.#abort.abort();
      // Without a listener the system ends the process, even in the middle of a long computation.
      Deno.removeSignalListener("SIGINT", interrupt);
    };
    Deno.addSignalListener("SIGINT", interrupt);
    return () => Deno.removeSignalListener("SIGINT", interrupt);
  }
}
