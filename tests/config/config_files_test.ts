import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createServer } from "node:net";
import { YamlError } from "../../core/config/config_errors.ts";
import { ConfigLoader } from "../../core/config/config_loader.ts";
import { ConfigStore } from "../../core/config/config_store.ts";
import { decodeUtf8 } from "../../core/config/decode_utf8.ts";
import { MissingConfigError } from "../../core/config/hydra_errors.ts";
import { loadText } from "../../core/config/load.ts";
import { openSource } from "../../core/config/search_path.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import { ConfigError } from "../../core/errors.ts";

/** Runs with a config directory that has these files. */
async function withFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  run: (folder: string) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const [path, content] of Object.entries(files)) {
      const file = `${folder}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content);
    }
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function compose(folder: string, configName: string, ...overrides: string[]): string {
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: folder }], jobName: "app" });
  const { config } = loader.compose({ configName, overrides });
  config.removeChild("hydra");
  return toYaml(config);
}

function failure(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    ok(error instanceof ConfigError, `${String(error)} is no ConfigError`);
    return error;
  }
  throw new TypeError("nothing was thrown");
}

const bytes = (...parts: (string | number)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...new TextEncoder().encode(part)] : [part]),
  );

Deno.test("ConfigLoader refuses a file that is no UTF-8 and names file, byte and place", async () => {
  await withFiles({ "config.yaml": bytes("b: é\na: ", 0xe9, "\n") }, (folder) => {
    const error = failure(() => compose(folder, "config"));
    ok(error instanceof YamlError);
    strictEqual(error.what, "'utf-8' codec can't decode byte 0xe9 in position 9: invalid continuation byte");
    strictEqual(String(error.origin), `${folder}/config.yaml:2:4`);
  });
});

Deno.test("decodeUtf8() says what Python says of bytes that are no UTF-8", () => {
  for (
    const [data, what] of [
      [bytes("a: ", 0xff), "byte 0xff in position 3: invalid start byte"],
      [bytes("a: ", 0x80), "byte 0x80 in position 3: invalid start byte"],
      [bytes("é", 0xc0, 0x80), "byte 0xc0 in position 2: invalid start byte"],
      [bytes(0xe2, 0x82), "bytes in position 0-1: unexpected end of data"],
      [bytes("€", 0xf0, 0x9f, "x"), "bytes in position 3-4: invalid continuation byte"],
      [bytes(0xed, 0xa0, 0x80), "byte 0xed in position 0: invalid continuation byte"],
      [bytes("😀", 0xf4, 0x90, 0x80, 0x80), "byte 0xf4 in position 4: invalid continuation byte"],
      [bytes(0xc3), "byte 0xc3 in position 0: unexpected end of data"],
    ] as const
  ) {
    strictEqual(failure(() => decodeUtf8(data, "a.yaml")).what, `'utf-8' codec can't decode ${what}`);
  }
  strictEqual(decodeUtf8(bytes("\ufeffa: é€😀"), "a.yaml"), "\ufeffa: é€😀");
});

Deno.test({
  name: "ConfigLoader takes links that lead nowhere, pipes, sockets and folders for no options",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const files = { "config.yaml": "defaults: [db: pg]\n", "db/pg.yaml": "x: 1\n", "db/dir.yaml/a.yaml": "" };
    await withFiles(files, async (folder) => {
      await Deno.symlink("nowhere.yaml", `${folder}/db/dangling.yaml`);
      await Deno.symlink("loop.yaml", `${folder}/db/loop.yaml`);
      await Deno.symlink("pg.yaml", `${folder}/db/link.yaml`);
      await Deno.symlink("..", `${folder}/db/up`);
      await new Deno.Command("mkfifo", { args: [`${folder}/db/pipe.yaml`] }).output();
      const server = createServer().listen(`${folder}/db/socket.yaml`);
      try {
        await new Promise((listening) => server.once("listening", listening));
        for (const name of ["dangling", "loop", "pipe", "socket", "dir"]) {
          const error = failure(() => compose(folder, "config", `db=${name}`));
          ok(error instanceof MissingConfigError, error.message);
          ok(
            error.what.startsWith(
              `In 'config': Could not find 'db/${name}'\n\nAvailable options in 'db':\n\tlink\n\tpg\n`,
            ),
            error.what,
          );
        }
        strictEqual(compose(folder, "config", "db=link"), "db:\n  x: 1\n");
        const source = openSource({ provider: "main", path: folder }, new ConfigStore());
        deepStrictEqual(source.list("db", "config"), ["link", "pg"]);
        deepStrictEqual(source.list("db", "group"), ["dir.yaml"]);
        strictEqual(source.has("db/up", "group"), true);
      } finally {
        await new Promise((closed) => server.close(closed));
      }
    });
  },
});

Deno.test("ConfigLoader looks an absolute config name up in the search path", async () => {
  await withFiles({ "conf/config.yaml": "", "secret.yaml": "x: 1\n" }, (folder) => {
    const error = failure(() => compose(`${folder}/conf`, `${folder}/secret`));
    const shown = `${folder}/secret`.slice(1);
    ok(
      error.what.startsWith(
        `Cannot find primary config '${shown}'. Check that it's in your config search path.\n`,
      ),
      error.what,
    );
  });
});

Deno.test("ConfigSource refuses a file that has gone in one line", async () => {
  await withFiles({ "config.yaml": "x: 1\n" }, async (folder) => {
    const source = openSource({ provider: "main", path: folder }, new ConfigStore());
    strictEqual(source.has("config", "config"), true);
    await Deno.remove(`${folder}/config.yaml`);
    const error = failure(() => source.load("config"));
    strictEqual(error.what, `Could not read '${folder}/config.yaml'`);
  });
});

Deno.test("Origin counts lines as PyYAML does, and no column for a byte order mark", () => {
  const place = (text: string): string => String(failureAt(text));
  strictEqual(place("\ufeff@"), "x:1:1");
  strictEqual(place("\ufeffa: @"), "x:1:4");
  for (const end of ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"]) {
    strictEqual(place(`a: 1${end}b: @`), "x:2:4", JSON.stringify(end));
  }
  ok(failure(() => loadText("a: 1\rb: @\rc: 2", "x")).message.includes("2 | b: @\n      |    ^"));
});

function failureAt(text: string): unknown {
  const error = failure(() => loadText(text, "x"));
  return error instanceof YamlError ? error.origin : error;
}
