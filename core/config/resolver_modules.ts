import { place } from "./config_errors.ts";
import { CompositionError } from "./hydra_errors.ts";
import { type ConfigNode, type DictNode, isContainer } from "./node.ts";
import type { Override } from "./overrides.ts";
import { selectNode } from "./select.ts";
import { toData } from "./to_container.ts";

/** The key that names modules whose exported functions are resolvers. */
export const RESOLVERS_KEY = "hydra.resolvers";

/** A module that `hydra.resolvers` names. */
export interface ResolverModule {
  /** What the config says: `./resolvers.ts`, `npm:pkg`. */
  readonly specifier: string;
  /** File, line and column that name it. */
  readonly where: string | undefined;
}

/** Takes `hydra.resolvers` away where it is empty, as Hydra's own config has no such key, and gives what it names. */
export function resolverModules(hydra: DictNode): ResolverModule[] {
  const node = hydra.child("resolvers");
  if (node === undefined) return [];
  if (node.isNone || node.isMissing) {
    hydra.removeChild("resolvers");
    return [];
  }
  return modulesOf(node, toData(node, { resolve: true }));
}

/**
 * The modules that are known before the defaults list, which may use them already: those of the command line, or of the
 * primary config. What only the composed config can say is left out.
 */
export function earlyModules(
  primary: ConfigNode | undefined,
  overrides: readonly Override[],
): ResolverModule[] {
  const override = overrides.findLast((item) => item.keyElement === RESOLVERS_KEY);
  if (override !== undefined) {
    const names = Array.isArray(override.value) ? override.value : [override.value];
    const where = place(override.origin);
    return names.flatMap((name) => typeof name === "string" ? [{ specifier: name, where }] : []).filter(
      isPlain,
    );
  }
  const node = primary !== undefined && isContainer(primary) && primary.special === undefined
    ? selectNode(primary, RESOLVERS_KEY)
    : undefined;
  if (node === undefined || node.isNone || node.isMissing) return [];
  return modulesOf(node, toData(node)).filter(isPlain);
}

function isPlain({ specifier }: ResolverModule): boolean {
  return !specifier.includes("${");
}

function modulesOf(node: ConfigNode, named: unknown): ResolverModule[] {
  const where = (at: ConfigNode): string | undefined =>
    at.origin === undefined ? undefined : place(at.origin);
  const items = isContainer(node) ? [...node.children()] : [];
  const names = Array.isArray(named) ? named : [named];
  return names.map((specifier, i) => {
    if (typeof specifier === "string") return { specifier, where: where(items[i] ?? node) };
    throw new CompositionError("hydra.resolvers must name TypeScript files", {
      where: where(node),
      fix: "hydra.resolvers: [./resolvers.ts]; each exported function is a resolver",
    });
  });
}
