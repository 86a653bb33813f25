const LARGEST = 65535;

/**
 * Workgroups per dimension for a flat number of workgroups; the shader numbers them `y · groups.x + x` and skips
 * those past the end.
 */
export function gridOf(groups: number): [number, number, number] {
  if (groups <= LARGEST) return [groups, 1, 1];
  const rows = Math.ceil(groups / 32768);
  return [Math.ceil(groups / rows), rows, 1];
}
