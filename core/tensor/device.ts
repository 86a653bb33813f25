import { OptionError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import type { Lower } from "../compiler/schedule.ts";
import { deviceInUse, dropDevice, useDevice } from "./engine.ts";

/** Where work runs. `auto` takes WebGPU on a hardware adapter, else the processor. */
export type Accelerator = "auto" | "cpu" | "gpu";

/** Options of {@linkcode init}. */
export interface InitOptions {
  /** @default "auto" */
  readonly accelerator?: Accelerator;
}

/** An open device and its half of the compiler. */
interface Opened {
  readonly device: Device;
  readonly lower: Lower;
}

const opened = new Map<"cpu" | "webgpu", Opened>();

/**
 * Opens a device and makes it the current one; opening the same kind again returns the open one.
 *
 * @throws {DeviceError} for `gpu` where there is no adapter.
 *
 * @example
 * ```ts
 * import { init } from "./mod.ts";
 * const device = await init({ accelerator: "cpu" });
 * console.assert(device.kind === "cpu");
 * ```
 */
export async function init(options: InitOptions = {}): Promise<Device> {
  const accelerator = options.accelerator ?? "auto";
  if (accelerator !== "auto" && accelerator !== "cpu" && accelerator !== "gpu") {
    throw new OptionError(`No accelerator is called ${JSON.stringify(accelerator)}`, {
      where: "init",
      fix: "use auto, cpu or gpu",
    });
  }
  const kind = accelerator === "gpu" || (accelerator === "auto" && await hasHardware()) ? "webgpu" : "cpu";
  return kind === "cpu" ? await openOn("cpu") : await openOn("webgpu");
}

async function hasHardware(): Promise<boolean> {
  if (opened.has("webgpu") || navigator.gpu === undefined) {
    return opened.get("webgpu")?.device.traits.software === false;
  }
  const { hasHardwareAdapter } = await import("../runtime/webgpu/mod.ts");
  return await hasHardwareAdapter();
}

async function openOn(kind: "cpu" | "webgpu"): Promise<Device> {
  let entry = opened.get(kind);
  if (entry === undefined) {
    entry = kind === "cpu" ? await openProcessor() : await openGpu();
    opened.set(kind, entry);
  }
  useDevice(entry.device, entry.lower);
  return entry.device;
}

async function openProcessor(): Promise<Opened> {
  const [{ openCpu }, { lowerCpu }] = await Promise.all([
    import("../runtime/cpu/device.ts"),
    import("../compiler/wasm/lower.ts"),
  ]);
  const device = await openCpu();
  const lower: Lower = (_, { kernels, slots, blockBytes }) =>
    device.load(kernels.flatMap((kernel) => lowerCpu(kernel, device.kernels)), slots, blockBytes);
  return { device, lower };
}

async function openGpu(): Promise<Opened> {
  const [{ openWebGpu }, { lowerGpu }] = await Promise.all([
    import("../runtime/webgpu/device.ts"),
    import("../compiler/wgsl/lower.ts"),
  ]);
  const device = await openWebGpu();
  const lower: Lower = (_, { kernels, slots, blockBytes }) =>
    device.load(kernels.flatMap((kernel) => lowerGpu(kernel, device.traits)), slots, blockBytes);
  return { device, lower };
}

/** Opens the default device where none is open. */
export async function ensureDevice(): Promise<void> {
  if (deviceInUse() === null) await init();
}

/** Closes every open device; tensors on them are lost. */
export async function closeDevices(): Promise<void> {
  for (const [kind, { device }] of opened) {
    opened.delete(kind);
    dropDevice(device);
    await device.close();
  }
}
