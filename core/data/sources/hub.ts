import { DataError } from "../../errors.ts";
import { type DatasetFiles, selectFiles } from "./dataset_card.ts";
import { formatOf } from "./files.ts";
import { addToCache, type HubSettings, writeRef } from "./hub_cache.ts";

/** How long the Hub may take to say what it has; files themselves may take as long as they need. */
const ANSWER_TIMEOUT_MS = 4000;
/** Files that are fetched at a time. */
const AT_A_TIME = 4;
/** The branch on which the Hub keeps its own Parquet copies of datasets in other formats. */
const CONVERTED = "refs/convert/parquet";

/**
 * Downloads a dataset's files from the Hugging Face Hub into its cache.
 *
 * @param name The dataset's configuration; `null` for the default one.
 * @param announce Gets a line before the downloads begin.
 * @returns The chosen files by split, in the cache.
 * @throws {DataError} where the Hub does not answer within 4 s, or has no such dataset, revision or data.
 */
export async function downloadDataset(
  settings: HubSettings,
  repo: string,
  revision: string,
  name: string | null,
  announce: (line: string) => void,
): Promise<DatasetFiles> {
  const client = new Hub(settings, repo);
  const own = await client.files(revision);
  const onMain = own.paths.some((path) => formatOf(path) !== undefined);
  const listed = onMain ? own : await client.files(CONVERTED);
  const card = onMain && own.paths.includes("README.md") ? await client.text(own.commit, "README.md") : null;
  const config = onMain ? name : convertedConfig(listed.paths, name, repo);
  const chosen = await selectFiles(listed.paths.map((path) => ({ path, name: path })), config, card, repo);
  const names = Object.values(chosen.splits).flat().map((file) => file.name);
  announce(`Dataset ${repo}: fetching ${names.length} files from ${settings.endpoint}`);
  const places = await client.downloadAll(listed.commit, names);
  const splits = Object.entries(chosen.splits).map(([split, files]) =>
    [split, files.map(({ name }) => ({ name, path: places.get(name)! }))] as const
  );
  if (card !== null) await client.download(own.commit, "README.md");
  writeRef(settings, repo, onMain ? revision : CONVERTED, listed.commit);
  return { format: chosen.format, splits: Object.fromEntries(splits) };
}

/** On the branch of Parquet copies, each configuration is a folder. */
function convertedConfig(paths: readonly string[], name: string | null, repo: string): string {
  const folders = [...new Set(paths.filter((path) => path.includes("/")).map((path) => path.split("/")[0]!))];
  const config = name ?? (folders.includes("default") || folders.length !== 1 ? "default" : folders[0]!);
  if (folders.includes(config)) return config;
  throw new DataError(`The dataset has no configuration "${config}"`, {
    where: repo,
    fix: `give name as one of ${folders.join(", ")}`,
  });
}

class Hub {
  readonly #settings: HubSettings;
  readonly #repo: string;

  constructor(settings: HubSettings, repo: string) {
    this.#settings = settings;
    this.#repo = repo;
  }

  /** The commit of a revision, and the paths of its files. */
  async files(revision: string): Promise<{ commit: string; paths: string[] }> {
    const api = `${this.#settings.endpoint}/api/datasets/${this.#repo}`;
    const info = await (await this.#get(`${api}/revision/${encodeURIComponent(revision)}`)).json() as {
      sha: string;
    };
    const paths: string[] = [];
    let url: string | undefined = `${api}/tree/${info.sha}?recursive=true`;
    while (url !== undefined) {
      const page: Response = await this.#get(url);
      const entries = await page.json() as { type: string; path: string }[];
      for (const { type, path } of entries) if (type === "file") paths.push(path);
      url = /<([^>]+)>;\s*rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
    }
    return { commit: info.sha, paths };
  }

  /** A small text file. */
  async text(commit: string, path: string): Promise<string> {
    return await (await this.#get(this.#url(commit, path))).text();
  }

  /** Puts files into the cache, a few at a time, and gives their paths there. */
  async downloadAll(commit: string, names: readonly string[]): Promise<Map<string, string>> {
    const places = new Map<string, string>();
    const waiting = [...new Set(names)];
    const fetchNext = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        places.set(name, await this.download(commit, name));
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, fetchNext));
    return places;
  }

  /** Puts a file into the cache and gives its path there. */
  async download(commit: string, path: string): Promise<string> {
    const url = this.#url(commit, path);
    const head = await this.#ask(url, { method: "HEAD", redirect: "manual" });
    await head.body?.cancel();
    if (head.status >= 400) throw this.#refused(url, head);
    const etag = (head.headers.get("x-linked-etag") ?? head.headers.get("etag"))?.replace(/^W\//, "")
      .replaceAll('"', "");
    if (etag === undefined || !/^[\w.-]+$/.test(etag)) {
      throw new DataError("The Hub gives no etag for a file", {
        where: url,
        fix: "set HF_ENDPOINT to another mirror",
      });
    }
    return await addToCache(this.#settings, {
      repo: this.#repo,
      commit,
      path,
      etag,
      fetch: async (offset) => {
        const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
        const response = await this.#request(url, { headers });
        if (!response.ok || response.body === null) {
          await response.body?.cancel();
          throw this.#refused(url, response);
        }
        return { body: response.body, offset: response.status === 206 ? offset : 0 };
      },
    });
  }

  #url(commit: string, path: string): string {
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    return `${this.#settings.endpoint}/datasets/${this.#repo}/resolve/${
      encodeURIComponent(commit)
    }/${encoded}`;
  }

  async #get(url: string): Promise<Response> {
    const response = await this.#ask(url, {});
    if (response.ok) return response;
    await response.body?.cancel();
    throw this.#refused(url, response);
  }

  #ask(url: string, init: { method?: string; redirect?: RequestRedirect }): Promise<Response> {
    return this.#request(url, { ...init, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  }

  async #request(url: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const { token } = this.#settings;
    const headers = { ...init.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
    try {
      return await fetch(url, { ...init, headers });
    } catch (cause) {
      const timedOut = cause instanceof DOMException && cause.name === "TimeoutError";
      throw new DataError(
        timedOut
          ? `The Hub did not answer within ${ANSWER_TIMEOUT_MS / 1000} s`
          : "The Hub cannot be reached",
        {
          where: url,
          fix: "check the network, or put the data files into a folder and give its path",
          cause,
        },
      );
    }
  }

  #refused(url: string, response: Response): DataError {
    const code = response.headers.get("x-error-code");
    const fix = code === "GatedRepo" || response.status === 401 || response.status === 403
      ? "ask for access on the dataset's page, and set HF_TOKEN"
      : "check the dataset's name and the revision";
    return new DataError(
      `The Hub answers ${response.status}${code === null ? "" : ` ${code}`} for ${this.#repo}`,
      {
        where: url,
        fix,
      },
    );
  }
}
