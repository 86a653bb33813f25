import { OptionError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import { deviceInUse, dropDevice, useDevice } from "./engine.ts";

/** Where work runs. `auto` takes WebGPU on a hardware adapter, else the processor. */
export type Accelerator = "auto" | "cpu" | "gpu";

/** Options of {@linkcode init}. */
export interface InitOptions {
  /** @default "auto" */
  readonly accelerator?: Accelerator;
}

const opened = new Map<"cpu" | "webgpu", Device>();

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
    return opened.get("webgpu")?.traits.software === false;
  }
  const { hasHardwareAdapter } = await import("../runtime/webgpu/mod.ts");
  return await hasHardwareAdapter();
}

async function openOn(kind: "cpu" | "webgpu"): Promise<Device> {
  const known = opened.get(kind);
  if (kind === "cpu") {
    const [{ openCpu }, { lowerCpu }] = await Promise.all([
      import("../runtime/cpu/device.ts"),
      import("../compiler/wasm/lower.ts"),
    ]);
    const device = (known as Awaited<ReturnType<typeof openCpu>> | undefined) ?? await openCpu();
    opened.set(kind, device);
    useDevice(
      device,
      (_, program) =>
        device.load(
          program.kernels.flatMap((k) => lowerCpu(k, device.traits)),
          program.slots,
          program.blockBytes,
        ),
    );
    return device;
  }
  const [{ openWebGpu }, { lowerGpu }] = await Promise.all([
    import("../runtime/webgpu/device.ts"),
    import("../compiler/wgsl/lower.ts"),
  ]);
  const device = (known as Awaited<ReturnType<typeof openWebGpu>> | undefined) ?? await openWebGpu();
  opened.set(kind, device);
  useDevice(
    device,
    (_, program) =>
      device.load(
        program.kernels.flatMap((k) => lowerGpu(k, device.traits)),
        program.slots,
        program.blockBytes,
      ),
  );
  return device;
}

/** Opens the default device where none is open. */
export async function ensureDevice(): Promise<void> {
  if (deviceInUse() === null) await init();
}

/** Closes every open device; tensors on them are lost. */
export async function closeDevices(): Promise<void> {
  for (const [kind, device] of opened) {
    opened.delete(kind);
    dropDevice(device);
    await device.close();
  }
}
