import { DeviceError } from "../../errors.ts";

/** How {@linkcode openWebGpu} chooses its adapter. */
export interface WebGpuOptions {
  /** Which adapter to prefer where a machine has several. @default "high-performance" */
  readonly powerPreference?: "low-power" | "high-performance";
  /** Take only an adapter that runs on the processor. @default false */
  readonly forceFallbackAdapter?: boolean;
  /**
   * Generate kernels for a hardware adapter or for a software one, whatever the adapter is.
   * @default what the adapter says it is
   */
  readonly software?: boolean;
  /** Store f16 natively where the adapter can; otherwise two share a 32-bit word. @default true */
  readonly f16?: boolean;
}

const LIMITS = [
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
  "minUniformBufferOffsetAlignment",
  "minStorageBufferOffsetAlignment",
] as const;

/** Features that are switched on where the adapter has them. */
const FEATURES: readonly GPUFeatureName[] = ["shader-f16", "timestamp-query"];

/**
 * The machine's WebGPU adapter, or `null` where there is none.
 *
 * @example
 * ```ts
 * import { findAdapter } from "./adapter.ts";
 * const adapter = await findAdapter();
 * console.log(adapter?.info.description ?? "no adapter");
 * ```
 */
export async function findAdapter(options: WebGpuOptions = {}): Promise<GPUAdapter | null> {
  const gpu = (globalThis.navigator as Partial<Navigator> | undefined)?.gpu;
  if (gpu === undefined) return null;
  return await quietly(() =>
    gpu.requestAdapter({
      powerPreference: options.powerPreference ?? "high-performance",
      forceFallbackAdapter: options.forceFallbackAdapter ?? false,
    })
  );
}

/** On Linux the graphics libraries write to stderr when this variable is missing; they need no more than a folder. */
const RUNTIME_FOLDER = "XDG_RUNTIME_DIR";

async function quietly<T>(request: () => Promise<T>): Promise<T> {
  const mayChange = Deno.build.os === "linux" &&
    Deno.permissions.querySync({ name: "env", variable: RUNTIME_FOLDER }).state === "granted";
  if (!mayChange || Deno.env.get(RUNTIME_FOLDER) !== undefined) return await request();
  Deno.env.set(RUNTIME_FOLDER, "/tmp");
  try {
    return await request();
  } finally {
    Deno.env.delete(RUNTIME_FOLDER);
  }
}

/** Whether the adapter is a processor that plays a GPU. */
export function isSoftware(adapter: GPUAdapter): boolean {
  return adapter.info.isFallbackAdapter ||
    /llvmpipe|lavapipe|swiftshader|software/i.test(adapter.info.description);
}

/** The adapter in words: its name, or its vendor and device where it gives none. */
export function describeAdapter(adapter: GPUAdapter): string {
  const { description, vendor, device } = adapter.info;
  return description !== "" ? description : `vendor ${vendor} device ${device}`;
}

/** Whether the machine has a WebGPU adapter at all, hardware or software. */
export async function hasAdapter(): Promise<boolean> {
  return await findAdapter() !== null;
}

/** Whether the machine has a WebGPU adapter that is a real GPU. */
export async function hasHardwareAdapter(): Promise<boolean> {
  const adapter = await findAdapter();
  return adapter !== null && !isSoftware(adapter);
}

/**
 * Opens the adapter with the largest limits and the useful features that it offers.
 *
 * @throws {DeviceError} where the machine has no adapter.
 */
export async function requestDevice(
  options: WebGpuOptions = {},
): Promise<{ adapter: GPUAdapter; gpu: GPUDevice }> {
  const adapter = await findAdapter(options);
  if (adapter === null) {
    throw new DeviceError("No WebGPU adapter was found", {
      where: "accelerator=gpu",
      fix: "use accelerator=cpu, or install a Vulkan driver (Mesa's lavapipe works without a GPU)",
    });
  }
  const requiredLimits: Record<string, number> = {};
  for (const name of LIMITS) requiredLimits[name] = adapter.limits[name];
  const gpu = await adapter.requestDevice({
    label: "fulgur",
    requiredLimits,
    requiredFeatures: FEATURES.filter((name) =>
      adapter.features.has(name) && (name !== "shader-f16" || options.f16 !== false)
    ),
  });
  return { adapter, gpu };
}
