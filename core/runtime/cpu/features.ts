/** A function of three vectors that is relaxed multiply-add, and stores its result. */
const RELAXED_MADD = [
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 8, 1, 0x60, 3, 0x7b, 0x7b, 0x7b, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfd, 0x85, 0x02, 0x0b],
];

let relaxed: boolean | undefined;

/** Whether the engine takes relaxed multiply-add. */
export function hasRelaxedMultiplyAdd(): boolean {
  return relaxed ??= WebAssembly.validate(Uint8Array.from(RELAXED_MADD));
}
