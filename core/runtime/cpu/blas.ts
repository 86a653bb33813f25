import { DeviceError } from "../../errors.ts";
import type { CpuMemory } from "./memory.ts";
import type { SgemmLaunch, SgemmOperand } from "./launch.ts";

const ROW_MAJOR = 101;
const NO_TRANSPOSE = 111;
const TRANSPOSE = 112;

const SYMBOLS = {
  cblas_sgemm: {
    // Addresses are plain numbers: the memory's base is known, and a number costs no allocation.
    parameters: [
      "i32",
      "i32",
      "i32",
      "i32",
      "i32",
      "i32",
      "f32",
      "usize",
      "i32",
      "usize",
      "i32",
      "f32",
      "usize",
      "i32",
    ],
    result: "void",
  },
  openblas_get_config: { parameters: [], result: "pointer", optional: true },
  openblas_set_num_threads: { parameters: ["i32"], result: "void", optional: true },
  MKL_Set_Num_Threads: { parameters: ["i32"], result: "void", optional: true },
} as const;

/**
 * Products of less work than this run on one thread. The library's own threads spin for milliseconds after each call
 * and would take the processors from ours.
 */
const THREADED_FLOP = 100e6;

type Library = Deno.DynamicLibrary<typeof SYMBOLS>;

/** Libraries by name, fast ones only: the reference BLAS is slower than our own kernels. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  linux: ["libopenblas.so.0", "libopenblas.so", "libmkl_rt.so.2", "libmkl_rt.so"],
  darwin: ["/System/Library/Frameworks/Accelerate.framework/Accelerate"],
  windows: ["libopenblas.dll", "mkl_rt.2.dll"],
};

/** A native BLAS that multiplies matrices inside the device's own memory. */
export interface Blas {
  /** Name and version for people. */
  readonly name: string;
  /** Runs the products of a launch; `pointers` are the addresses of a, b and c. */
  run(launch: SgemmLaunch, a: number, b: number, c: number): void;
  close(): void;
}

/**
 * Finds a BLAS and proves it by a small product. Gives null where there is none, or no permission to load one.
 *
 * @param choice `auto` to look for one by name, `off` for none, or the path of a library.
 * @throws {DeviceError} where a library was named and cannot be used.
 */
export function openBlas(choice: string, memory: CpuMemory, threads: number): Blas | null {
  if (choice === "off") return null;
  const named = choice !== "auto";
  const names = named ? [choice] : NAMES[Deno.build.os] ?? [];
  for (const name of names) {
    if (Deno.permissions.querySync({ name: "ffi", path: name }).state !== "granted" && !named) continue;
    const blas = tryLibrary(name, memory, threads, named);
    if (blas !== null) return blas;
  }
  return null;
}

function tryLibrary(path: string, memory: CpuMemory, threads: number, named: boolean): Blas | null {
  let library: Library;
  try {
    library = Deno.dlopen(path, SYMBOLS);
  } catch (cause) {
    if (!named) return null;
    throw new DeviceError(`The BLAS library ${path} cannot be loaded`, {
      where: "cpu device, FULGUR_BLAS",
      fix: 'name a library with cblas_sgemm, or "off"',
      cause,
    });
  }
  const useThreads = threadSetter(library);
  const blas: Blas = {
    name: nameOf(library, path),
    run: (launch, a, b, c) => {
      useThreads(2 * launch.m * launch.n * launch.k > THREADED_FLOP ? threads : 1);
      multiply(library, baseOf(memory), launch, a, b, c);
    },
    close: () => library.close(),
  };
  if (isRight(blas, memory)) return blas;
  library.close();
  if (!named) return null;
  throw new DeviceError(`The BLAS library ${path} gives wrong products`, {
    where: "cpu device, FULGUR_BLAS",
    fix: 'name another library (32-bit integers), or "off"',
  });
}

/** Tells the library how many threads to use, where that changes. */
function threadSetter({ symbols }: Library): (threads: number) => void {
  let current = 0;
  return (threads) => {
    if (threads === current) return;
    current = threads;
    symbols.openblas_set_num_threads?.(threads);
    symbols.MKL_Set_Num_Threads?.(threads);
  };
}

/** Where the memory lies in the process; growing does not move it. */
function baseOf(memory: CpuMemory): number {
  const pointer = Deno.UnsafePointer.of(memory.bytes as unknown as Uint8Array<ArrayBuffer>);
  return Number(Deno.UnsafePointer.value(pointer));
}

function nameOf({ symbols }: Library, path: string): string {
  const config = symbols.openblas_get_config?.() ?? null;
  if (config !== null) return Deno.UnsafePointerView.getCString(config).split(" ").slice(0, 2).join(" ");
  if (path.includes("Accelerate")) return "Accelerate";
  return path.includes("mkl") ? "MKL" : path.split("/").at(-1)!;
}

function multiply(
  library: Library,
  base: number,
  launch: SgemmLaunch,
  a: number,
  b: number,
  c: number,
): void {
  const { m, n, k } = launch;
  const order = (o: SgemmOperand): number => o.transposed ? TRANSPOSE : NO_TRANSPOSE;
  const aAt = base + a + 4 * launch.a.offset;
  const bAt = base + b + 4 * launch.b.offset;
  const cAt = base + c + 4 * launch.c.offset;
  // Numbers are taken for addresses as well as the bigints of the declared type.
  const sgemm = library.symbols.cblas_sgemm as unknown as (...values: number[]) => void;
  for (const [da, db, dc] of launch.batches) {
    sgemm(
      ROW_MAJOR,
      order(launch.a),
      order(launch.b),
      m,
      n,
      k,
      1,
      aAt + 4 * da,
      launch.a.leading,
      bAt + 4 * db,
      launch.b.leading,
      0,
      cAt + 4 * dc,
      launch.c.leading,
    );
  }
}

/** Whether [[1, 2], [3, 4]] times [[5, 6], [7, 8]] transposed comes out as it should. */
function isRight(blas: Blas, memory: CpuMemory): boolean {
  const buffer = memory.allocate(64);
  memory.floats.set([1, 2, 3, 4, 5, 6, 7, 8, NaN, NaN, NaN, NaN], buffer.address / 4);
  const operand = (offset: number, transposed: boolean): SgemmOperand => {
    return { pointer: 0, offset, leading: 2, transposed };
  };
  const { address } = buffer;
  blas.run(
    {
      kind: "sgemm",
      label: "probe",
      m: 2,
      n: 2,
      k: 2,
      a: operand(0, false),
      b: operand(4, true),
      c: operand(8, false),
      batches: [[0, 0, 0]],
      workspaceBytes: 0,
    },
    address,
    address,
    address,
  );
  const result = memory.floats.subarray(address / 4 + 8, address / 4 + 12).join();
  memory.free(buffer);
  return result === "17,23,39,53";
}
