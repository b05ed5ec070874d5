// Folders of buckets in commands: `s3://BUCKET/NAME` as input or as --out is a folder of this machine while the command runs.
import { readFile, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import {
  type BucketPlace,
  below,
  bucketUrl,
  checkReplaceable,
  createS3Storage,
  createTaskBucket,
  fetchPlace,
  isBucketUrl,
  parseBucketUrl,
  putArtifact,
  type S3Storage,
  type TaskBucket,
} from "../cluster/index.ts";
import { exists, MANIFEST_FILE, UserError, writeFileAtomic } from "../core/index.ts";
import type { CommandIo } from "./command.ts";

/** What a command reads and writes. */
export interface CommandPlaces {
  readonly inputs: readonly string[];
  /** Absent: nothing. */
  readonly out?: string;
  /** Ends of names beside `out`, of files that outlive a run that fails: what was paid for. */
  readonly beside?: readonly string[];
}

/** The same as folders of this machine. */
export interface CommandFolders {
  readonly inputs: readonly string[];
  /** "" without one. */
  readonly out: string;
  /** How tasks of other machines get at both, when `out` is in a bucket. */
  readonly bucket?: TaskBucket;
  /** What people call a path of this machine. */
  readonly nameOf?: (path: string) => string;
}

/** Where a place is kept on this machine: below `$APOLLO_BUCKETS`, else in the cache folder. */
function mirrorOf({ bucket, key }: BucketPlace): string {
  const { APOLLO_BUCKETS: own, XDG_CACHE_HOME: cache } = process.env;
  return join(resolve(own || join(cache || join(homedir(), ".cache"), "apollo", "buckets")), bucket, key);
}

/**
 * Runs a command whose inputs and `out` may be in buckets: inputs are brought to this machine, those alone that differ from last time; `run` works on
 * folders here; then what it made is put to its place, manifest last. What it gives and throws names the places, not the folders. Without buckets it
 * only runs.
 */
export async function withBuckets<Result>(
  { inputs, out = "", beside = [] }: CommandPlaces,
  { progress }: Pick<CommandIo, "progress">,
  run: (folders: CommandFolders) => Promise<Result>,
): Promise<Result> {
  const places = [...inputs, out].filter(isBucketUrl).map(parseBucketUrl);
  if (places.length === 0) return run({ inputs, out });
  const storage = createS3Storage();
  const mirrors = places.map((place) => [mirrorOf(place), bucketUrl(place)] as const);
  const nameOf = (text: string): string =>
    mirrors.reduce((name, [path, url]) => name.replaceAll(path, url), text);
  const here = (path: string): string => (isBucketUrl(path) ? mirrorOf(parseBucketUrl(path)) : path);

  const bar = progress("fetch", inputs.length, "inputs");
  for (const [i, input] of inputs.entries()) {
    if (isBucketUrl(input) && (await fetchPlace(storage, parseBucketUrl(input), here(input))) === 0)
      throw new UserError("file-not-found", "no such object or folder", {
        file: input,
        remedy: "Check the name and AWS_ENDPOINT_URL.",
      });
    bar.update(i + 1);
  }
  bar.finish();
  const folders = { inputs: inputs.map(here), out: here(out), nameOf };
  const result = await (isBucketUrl(out) ? runInto(storage, parseBucketUrl(out)) : run(folders)).catch(
    (error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      const { code, message, file, at, remedy, cause } = error;
      throw new UserError(code, nameOf(message), { file: file && nameOf(file), at, remedy, cause });
    },
  );
  return result === undefined ? result : (JSON.parse(nameOf(JSON.stringify(result))) as Result);

  async function runInto(storage: S3Storage, place: BucketPlace): Promise<Result> {
    if (place.key === "")
      throw new UserError("bad-option", `--out must name a place in the bucket: ${out}/NAME`);
    // Before the work, not after it.
    const there = await storage.list(place);
    checkReplaceable(
      there.map(({ key }) => key.slice(place.key.length + 1)),
      place,
    );
    await takeManifest(folders.out, await storage.read(below(place, MANIFEST_FILE)));
    const { bucket: name, key } = place;
    const companions = beside.map(
      (end) => [{ bucket: name, key: `${key}${end}` }, `${folders.out}${end}`] as const,
    );
    for (const [from, path] of companions) await takeLonger(storage, from, path);
    const exchange = createTaskBucket(storage, { bucket: name, key: `${key}.tasks` }, mirrors);
    try {
      const made = await run({ ...folders, bucket: exchange });
      await putArtifact(storage, folders.out, place);
      await exchange.clear();
      return made;
    } finally {
      for (const [to, path] of companions) if (await exists(path)) await storage.putFile(to, path);
    }
  }
}

/** Lets the folder `out` say what its place in a bucket says: by the place's manifest a stage knows that its work is done. */
async function takeManifest(out: string, manifest: Buffer | undefined): Promise<void> {
  const path = join(out, MANIFEST_FILE);
  if (manifest !== undefined && (await exists(path)) && manifest.equals(await readFile(path))) return;
  await rm(out, { recursive: true, force: true });
  if (manifest !== undefined) await writeFileAtomic(path, manifest);
}

/** Brings a file that only grows, unless the one here has grown further. */
async function takeLonger(storage: S3Storage, place: BucketPlace, path: string): Promise<void> {
  const [object] = await storage.list(place);
  const bytes = (await exists(path)) ? (await stat(path)).size : -1;
  if (object?.key === place.key && object.bytes > bytes) await fetchPlace(storage, place, path);
}
