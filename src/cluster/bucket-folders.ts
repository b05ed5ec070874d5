// A folder of a bucket as a folder of this machine: brought where it differs, and put back whole, its manifest last.
import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import {
  exists,
  isFolder,
  MANIFEST_FILE,
  makeFolder,
  readJson,
  temporaryPath,
  UserError,
  writeJson,
} from "../core/index.ts";
import {
  type BucketObject,
  type BucketPlace,
  below,
  bucketUrl,
  isSameContent,
  type S3Storage,
} from "./s3-storage.ts";

/** Objects on their way at once: each is a round trip, however small. */
const AT_ONCE = 8;

/** Does `work` for all of `items`, several at once; ends at the first failure. */
export async function forEachAtOnce<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** What is known of the file of an object: unless one of these changed, the file is the object. */
interface Known {
  readonly etag: string;
  /** Of the file, in ms. */
  readonly changed: number;
}

/** Makes `path` what stands at `place`, an object or those below it: what is there already, and the same, stays. Gives how many objects there are. */
export async function fetchPlace(storage: S3Storage, place: BucketPlace, path: string): Promise<number> {
  const objects = await storage.list(place);
  const known = await readKnown(path);
  const wanted = new Map(objects.map((object) => [nameBelow(place, object.key), object]));
  for (const name of await filesBelow(path)) if (!wanted.has(name)) await rm(join(path, name));
  await forEachAtOnce([...wanted], async ([name, object]) => {
    const file = join(path, name);
    const facts = await stat(file).catch(() => undefined);
    const last = known[name];
    if (facts?.mtimeMs === last?.changed && facts?.size === object.bytes && last?.etag === object.etag)
      return;
    await makeFolder(dirname(file));
    const temporary = await temporaryPath(file);
    await storage.fetch(object, temporary);
    await rename(temporary, file);
  });
  await writeKnown(path, wanted);
  return objects.length;
}

/** Brings objects to their places in `folder`, which has none of them. */
export async function fetchObjects(
  storage: S3Storage,
  objects: readonly BucketObject[],
  place: BucketPlace,
  folder: string,
): Promise<void> {
  await forEachAtOnce(objects, async (object) => {
    const file = join(folder, nameBelow(place, object.key));
    await makeFolder(dirname(file));
    await storage.fetch(object, file);
  });
}

/** The name of an object below `place`; "" for the one that is the place. */
function nameBelow(place: BucketPlace, key: string): string {
  return place.key === "" ? key : key.slice(place.key.length + 1);
}

/** What was brought to `path` and put from there, by names in it: beside it, for it is none of its files. */
function knownPath(path: string): string {
  return `${path}.objects.json`;
}

async function readKnown(path: string): Promise<Readonly<Record<string, Known>>> {
  const file = knownPath(path);
  return (await exists(file)) ? ((await readJson(file)) as Record<string, Known>) : {};
}

async function writeKnown(path: string, objects: ReadonlyMap<string, BucketObject>): Promise<void> {
  const known: Record<string, Known> = {};
  for (const [name, { etag }] of objects)
    known[name] = { etag, changed: (await stat(join(path, name))).mtimeMs };
  await writeJson(knownPath(path), known);
}

/** Files below a folder by their names in it, with `/`. */
export async function filesBelow(folder: string): Promise<string[]> {
  if (!(await isFolder(folder))) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .sort();
}

/** Stands in the place of a manifest while an artifact is being put: it says whose the objects are, and is none that any stage looks for. */
const UNFINISHED = `${JSON.stringify({ stage: "unfinished" })}\n`;

/**
 * Puts the artifact in `folder` to `place`: what is there already, and the same, stays; what is not in the folder goes; the manifest comes last.
 * `UserError` when something else is there.
 */
export async function putArtifact(storage: S3Storage, folder: string, place: BucketPlace): Promise<void> {
  const there = new Map(
    (await storage.list(place)).map((object) => [nameBelow(place, object.key), object] as const),
  );
  const isThere = async (name: string): Promise<boolean> => {
    const object = there.get(name);
    return object !== undefined && (await isSameContent(object, join(folder, name)));
  };
  if (await isThere(MANIFEST_FILE)) return;
  checkReplaceable([...there.keys()], place);
  const manifest = below(place, MANIFEST_FILE);
  await storage.put(manifest, UNFINISHED);
  const names = (await filesBelow(folder)).filter((name) => name !== MANIFEST_FILE);
  await forEachAtOnce(names, async (name) => {
    if (!(await isThere(name))) await storage.putFile(below(place, name), join(folder, name));
  });
  const gone = [...there.keys()].filter((name) => name !== MANIFEST_FILE && !names.includes(name));
  await forEachAtOnce(gone, (name) => storage.remove(below(place, name)));
  await storage.putFile(manifest, join(folder, MANIFEST_FILE));
  const now = await storage.list(place);
  await writeKnown(folder, new Map(now.map((object) => [nameBelow(place, object.key), object])));
}

/** Throws when objects of such names at `place` are none of ours. */
export function checkReplaceable(names: readonly string[], place: BucketPlace): void {
  if (names.length === 0 || names.includes(MANIFEST_FILE)) return;
  throw new UserError("folder-not-empty", "already holds objects that Apollo did not make", {
    file: bucketUrl(place),
    remedy: "Choose another place for --out, or empty it yourself.",
  });
}

/** Removes whatever stands at `place`. */
export async function removePlace(storage: S3Storage, place: BucketPlace): Promise<void> {
  await forEachAtOnce(await storage.list(place), (object) => storage.remove(object));
}
