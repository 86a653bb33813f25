import { variable } from "./environment.ts";

/** The variable that allows blocklisted targets, divided by colons. */
export const ALLOWLIST_OVERRIDE = "HYDRA_INSTANTIATE_ALLOWLIST_OVERRIDE";

/** Python names that Hydra 1.3.5 does not build from a config: they end processes, run programs or remove files. */
const BLOCKED: Readonly<Record<string, string>> = {
  builtins: "__import__ compile eval exec exit help quit",
  ctypes: `CDLL OleDLL PyDLL WinDLL cdll.LoadLibrary oledll.LoadLibrary pydll.LoadLibrary windll.LoadLibrary`,
  importlib: "import_module",
  os: `
    chdir chmod chown chroot fchdir fchmod fchown fork forkpty getcwd kill killpg lchflags lchmod lchown popen
    posix_spawn posix_spawnp putenv remove removedirs rename renames replace rmdir setuid startfile system truncate
    unlink
  `,
  pty: "spawn",
  runpy: "run_module run_path",
  shutil: "chown move rmtree",
  subprocess: "Popen call check_call check_output getoutput getstatusoutput run",
  "sys.modules": "ipdb joblib psutil resource tkinter",
};

const NAMES: ReadonlySet<string> = new Set(
  Object.entries(BLOCKED).flatMap(([module, names]) => {
    return names.trim().split(/\s+/).map((name) => `${module}.${name}`);
  }),
);
const PREFIXES = ["os.exec", "os.spawn"];

/**
 * What Hydra says of a target that may not be built, or `undefined` for one that may.
 *
 * @param allowed Targets that may be built all the same. @default `HYDRA_INSTANTIATE_ALLOWLIST_OVERRIDE`
 *
 * @example
 * ```ts
 * import { blocklisted } from "./blocklist.ts";
 * console.assert(blocklisted("os.system")!.startsWith("Target 'os.system' is blocklisted"));
 * console.assert(blocklisted("posix.system", "os.system") === undefined && blocklisted("nn.Linear") === undefined);
 * ```
 */
export function blocklisted(target: string, allowed?: string): string | undefined {
  // Python has the functions of `os` under the system's name as well.
  const canonical = target.replace(/^(?:posix|nt)\./, "os.");
  if (!NAMES.has(canonical) && !PREFIXES.some((prefix) => canonical.startsWith(prefix))) return undefined;
  const entries = (allowed ?? variable(ALLOWLIST_OVERRIDE) ?? "").split(":");
  if (entries.includes(target) || entries.includes(canonical)) return undefined;
  return `Target '${target}' is blocklisted and cannot be instantiated from config\n` +
    "to prevent security vulnerabilities, set env var\n" +
    `${ALLOWLIST_OVERRIDE}=${target}:<other allowlisted targets> to bypass`;
}
