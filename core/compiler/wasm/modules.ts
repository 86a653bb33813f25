const modules = new Map<string, Uint8Array<ArrayBuffer>>();

/** Module bytes by key, generated at first use. */
export function cachedModule(key: string, generate: () => Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let bytes = modules.get(key);
  if (bytes === undefined) {
    bytes = generate();
    modules.set(key, bytes);
  }
  return bytes;
}
