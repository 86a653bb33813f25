/** A module's class for messages; one without a name goes by the class that it extends. */
export function moduleName(module: object): string {
  for (let at: object | null = Object.getPrototypeOf(module); at !== null; at = Object.getPrototypeOf(at)) {
    const { name } = at.constructor;
    if (name !== "") return at === Object.getPrototypeOf(module) ? name : `(class extends ${name})`;
  }
  return "(module)";
}
