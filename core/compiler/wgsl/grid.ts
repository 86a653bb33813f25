import type { DeviceTraits } from "../../runtime/device.ts";

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

/**
 * Invocations of a workgroup whose invocations do not share anything: one vector of a processor on software
 * adapters, so that few blocks still spread over all cores; two or more warps on hardware.
 */
export function groupSize(traits: DeviceTraits): number {
  return traits.software ? 8 : 64;
}
