import { type CpuLaunch, WORKSPACE } from "../../runtime/cpu/launch.ts";
import type { DType } from "../../runtime/dtype.ts";
import { input } from "../expr.ts";
import { lowerMap } from "./map.ts";

/** A packed operand of a convolution. */
export interface PackedOperand {
  readonly slot: number;
  readonly dtype: DType;
  readonly offset: number;
}

/** Copies operands that are stored as f16 into the workspace as f32; the others stay where they are. */
export function floatCopies(
  operands: readonly (PackedOperand & { readonly size: number })[],
  label: string,
  fused: boolean,
): {
  readonly operands: readonly PackedOperand[];
  readonly launches: readonly CpuLaunch[];
  readonly workspaceBytes: number;
} {
  let workspace = 0;
  const launches: CpuLaunch[] = [];
  const moved = operands.map(({ size, ...operand }): PackedOperand => {
    if (operand.dtype === "f32") return operand;
    const copy: PackedOperand = { slot: WORKSPACE, dtype: "f32", offset: workspace };
    launches.push(...lowerMap({
      kind: "map",
      label: `${label} (operand as f32)`,
      space: [size],
      loads: [{ ...operand, strides: [1], mask: null, indirect: null }],
      stores: [{ ...copy, strides: [1], value: input(0) }],
    }, fused));
    workspace += Math.ceil(size / 16) * 16;
    return copy;
  });
  const workspaceBytes = 4 * workspace;
  return { operands: moved, launches: launches.map((l) => ({ ...l, workspaceBytes })), workspaceBytes };
}
