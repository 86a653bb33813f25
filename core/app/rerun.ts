import { dirname, join } from "node:path";
import { decodeUtf8 } from "../config/decode_utf8.ts";
import { DictNode } from "../config/node.ts";
import { CommandLineError } from "../config/hydra_errors.ts";
import { HydraConfig } from "../config/hydra_config.ts";
import { addHydraResolvers } from "../config/hydra_resolvers.ts";
import { instantiate } from "../config/instantiate.ts";
import { loadText } from "../config/load.ts";
import { pythonStr } from "../config/python_text.ts";
import { resolverModules } from "../config/resolver_modules.ts";
import { Resolvers } from "../config/resolvers.ts";
import type { RunContext, TaskFunction } from "../config/run_context.ts";
import { select } from "../config/select.ts";
import { Logging, type Streams } from "./logging.ts";
import { loadResolvers } from "./load_resolvers.ts";
import { type MainOptions, moduleFolders } from "./main_options.ts";
import { loggingConfig, verbose } from "./run_job.ts";

/**
 * Runs the task again with the config that an earlier job recorded in its `.hydra` folder; the records are YAML where
 * Hydra pickles.
 */
export async function rerun(
  task: TaskFunction,
  file: string,
  overrides: readonly string[],
  options: MainOptions,
  streams: Streams,
): Promise<number> {
  streams.stderr("UserWarning: Experimental rerun CLI option, other command line args are ignored.\n");
  if (overrides.length > 0) streams.stderr("UserWarning: Config overrides are not supported as of now.\n");
  const folder = isDirectory(file) ? file : dirname(file);
  const config = read(join(folder, "config.yaml"), file);
  const hydra = read(join(folder, "hydra.yaml"), file).child("hydra");
  if (!(hydra instanceof DictNode)) {
    throw new CommandLineError(`${join(folder, "hydra.yaml")} has no hydra node`);
  }
  const folders = moduleFolders(options);
  const resolvers = options.loader?.resolvers?.() ?? new Resolvers();
  for (const [name, call] of await loadResolvers(resolverModules(hydra), folders)) {
    resolvers.register(name, call, { replace: true });
  }
  config.scope = addHydraResolvers(resolvers, { hydra });
  // The recorded `hydra` node refers to the job's own keys, so it is read below a copy of them.
  const whole = config.clone();
  whole.setChild("hydra", hydra);
  config.setFlag("struct", true);
  const logging = new Logging(streams);
  try {
    logging.configure(loggingConfig(hydra, "job_logging"), verbose(hydra));
    const context: RunContext = {
      outputDir: pythonStr(select(hydra, "runtime.output_dir")),
      hydra,
      logger: (name) => logging.logger(name),
      instantiate: async (node, kwargs = {}) => {
        return await instantiate(node, { library: await options.library?.() ?? {}, base: folders, kwargs });
      },
      signal: new AbortController().signal,
    };
    await HydraConfig.run(whole, () => task(config, context));
  } finally {
    logging.close();
  }
  return 0;
}

function isDirectory(path: string): boolean {
  return Deno.statSync(exists(path)).isDirectory;
}

function exists(path: string): string {
  try {
    Deno.statSync(path);
    return path;
  } catch {
    throw new CommandLineError(`File ${path} does not exist!`);
  }
}

function read(path: string, given: string): DictNode {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (cause) {
    throw new CommandLineError(`File ${path} does not exist!`, {
      fix: `name the .hydra folder of an earlier job, or its config.yaml; got ${given}`,
      cause,
    });
  }
  const node = loadText(decodeUtf8(bytes, path), path);
  if (node instanceof DictNode) return node;
  throw new CommandLineError(`${path} holds no dictionary`);
}
