import { ConfigError } from "../errors.ts";
import { importModule } from "../config/import_module.ts";
import type { ResolverFunction } from "../config/resolver_scope.ts";
import { type ResolverModule, RESOLVERS_KEY } from "../config/resolver_modules.ts";

/**
 * The functions that modules export, as resolvers.
 *
 * @throws {ConfigError} with the place that names a module which cannot be loaded.
 */
export async function loadResolvers(
  modules: readonly ResolverModule[],
  folders: readonly string[],
): Promise<Map<string, ResolverFunction>> {
  const resolvers = new Map<string, ResolverFunction>();
  for (const { specifier, where } of modules) {
    let module: Readonly<Record<string, unknown>>;
    try {
      module = await importModule(specifier, folders);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(`Cannot load the resolvers of '${specifier}':\n${error.what}`, {
        where: where === undefined ? RESOLVERS_KEY : `${RESOLVERS_KEY}, set in ${where}`,
        fix: error.fix,
        cause: error.cause,
      });
    }
    for (const [name, value] of Object.entries(module)) {
      if (typeof value === "function") resolvers.set(name, (args) => value(...args));
    }
  }
  return resolvers;
}
