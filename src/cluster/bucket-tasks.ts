// Tasks of machines that share no folder: the list and what tasks read go to a bucket, each task brings the bytes that it opens to a folder of its
// own and leaves its result there, and results come back from there. What counts as done is what stands there, as in a shared folder.
import { rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import {
  type ByteRange,
  commonHash,
  exists,
  hashBytes,
  hashValue,
  isFolder,
  MANIFEST_FILE,
  type Manifest,
  makeFolder,
  manifestKey,
  readTask,
  silentProgress,
  TASK_LIST_FILES,
  type TaskList,
  type TaskRunOptions,
  type TaskWork,
  taskInputs,
  taskName,
  temporaryPath,
  UserError,
  writeManifest,
} from "../core/index.ts";
import { fetchObjects, filesBelow, forEachAtOnce, removePlace } from "./bucket-folders.ts";
import {
  type BucketObject,
  type BucketPlace,
  below,
  bucketUrl,
  isSameContent,
  parseBucketUrl,
  type S3Storage,
} from "./s3-storage.ts";

/** Where task lists and what they read are exchanged. */
export interface TaskBucket {
  /** Of everything that is exchanged. */
  readonly url: string;
  /** Puts the list, and what its tasks read, where other machines get it; gives the list's place. */
  send(list: TaskList): Promise<string>;
  /** Brings the folders of tasks that are done and not here. */
  bring(list: TaskList): Promise<void>;
  /** Removes everything that was exchanged. */
  clear(): Promise<void>;
}

/** Says where other machines find the files and folders of ours: `[path, url]`. */
type Places = readonly (readonly [path: string, url: string])[];

const PLACES_FILE = "places.json";

/**
 * Exchanges tasks at `place`. `mirrors`: folders of this machine that are the same as places of buckets: what tasks read there is not sent. `UserError`
 * (`needs-shared-folder`) for a list that does not say what its tasks read.
 */
export function createTaskBucket(storage: S3Storage, place: BucketPlace, mirrors: Places = []): TaskBucket {
  const sent = new Map<string, Promise<string>>();
  /** Lists of another content are other places: late tasks of one that is given up cannot disturb. */
  const placeOf = ({ folder, stage, common, tasks }: TaskList): BucketPlace =>
    below(place, `${basename(folder)}-${hashValue({ stage, common, tasks }).slice(0, 12)}`);
  const putFile = async (there: ReadonlyMap<string, BucketObject>, to: BucketPlace, path: string) => {
    const object = there.get(to.key);
    if (object === undefined || !(await isSameContent(object, path))) await storage.putFile(to, path);
  };
  /** Puts a file or folder there, unless it is; files of one folder stay together. */
  const sendPath = async (path: string, tasks: string): Promise<string> => {
    // What is between tasks is nobody's mirror, also where a whole bucket is one.
    const mirror = path.startsWith(`${tasks}/`) ? undefined : inPlaces(mirrors, path);
    if (mirror !== undefined) return mirror;
    const folder = below(place, `inputs/${hashBytes(dirname(path)).slice(0, 12)}`);
    const to = below(folder, basename(path));
    const there = new Map((await storage.list(to)).map((object) => [object.key, object]));
    if (await isFolder(path))
      await forEachAtOnce(await filesBelow(path), (name) =>
        putFile(there, below(to, name), join(path, name)),
      );
    else if (await exists(path)) await putFile(there, to, path);
    return bucketUrl(to);
  };
  return {
    url: bucketUrl(place),
    async send(list) {
      if (list.reads === undefined)
        throw new UserError(
          "needs-shared-folder",
          `tasks of ${list.stage} keep what they do in a shared folder`,
          {
            file: bucketUrl(place),
            remedy: "Give --out as a folder that all machines see, or leave out --engine.",
          },
        );
      const to = placeOf(list);
      const places: [string, string][] = [];
      for (const path of list.reads) {
        const own = sent.get(path) ?? sendPath(path, dirname(list.folder));
        sent.set(path, own);
        places.push([path, await own]);
      }
      const there = new Map((await storage.list(to)).map((object) => [object.key, object]));
      await storage.put(below(to, PLACES_FILE), JSON.stringify(places));
      for (const name of TASK_LIST_FILES) await putFile(there, below(to, name), join(list.folder, name));
      return bucketUrl(to);
    },
    async bring(list) {
      const from = placeOf(list);
      const done = (await storage.list(from)).filter(({ key }) => basename(key) === MANIFEST_FILE);
      await forEachAtOnce(done, async ({ key }) => {
        const folder = join(list.folder, basename(dirname(key)));
        const place = { bucket: from.bucket, key: dirname(key) };
        // Later tasks find it where it is.
        sent.set(folder, Promise.resolve(bucketUrl(place)));
        // Where it stands it is whole: this process put it there, or its own task.
        if (await isFolder(folder)) return;
        const making = await temporaryPath(folder);
        await fetchObjects(storage, await storage.list(place), place, making);
        await rename(making, folder).catch(async (error: unknown) => {
          // Another run of the same command was faster.
          if (!(await isFolder(folder))) throw error;
          await rm(making, { recursive: true });
        });
      });
    },
    clear: () => removePlace(storage, place),
  };
}

/** Where `path` is by the longest of the places that hold it. */
function inPlaces(places: Places, path: string): string | undefined {
  let best: readonly [string, string] | undefined;
  for (const pair of places)
    if ((path === pair[0] || path.startsWith(`${pair[0]}/`)) && pair[0].length >= (best?.[0].length ?? 0))
      best = pair;
  return best === undefined ? undefined : `${best[1]}${path.slice(best[0].length)}`;
}

/**
 * Does task `index` of the list at `url` and gives its result; does nothing when that is there already. What it reads and writes meanwhile is in the
 * system's folder for temporary files.
 */
export async function runBucketTask(
  storage: S3Storage,
  url: string,
  index: number,
  workOf: (stage: string) => TaskWork,
  { progress = silentProgress, signal }: TaskRunOptions = {},
): Promise<unknown> {
  const list = parseBucketUrl(url);
  const read = async (name: string, range?: ByteRange): Promise<Buffer> => {
    const bytes = await storage.read(below(list, name), range);
    if (bytes !== undefined) return bytes;
    throw new UserError("file-not-found", "no such object", {
      file: bucketUrl(below(list, name)),
      remedy: "Check AWS_ENDPOINT_URL here and where the command was started.",
    });
  };
  const { stage, common, task } = await readTask(url, index, read);
  const inputs = taskInputs(commonHash({ common }), task);
  const target = below(list, taskName(index));
  const manifest = below(target, MANIFEST_FILE);
  const found = await storage.read(manifest);
  const done = found === undefined ? undefined : (JSON.parse(found.toString("utf8")) as Manifest);
  if (done?.key === manifestKey(stage, inputs)) return done.result;
  const places = JSON.parse((await read(PLACES_FILE)).toString("utf8")) as Places;
  const scratch = await temporaryPath(join(tmpdir(), "apollo-task"));
  const folder = join(scratch, "result");
  await makeFolder(folder);
  try {
    const result = await workOf(stage)({
      common,
      task,
      folder,
      progress,
      signal,
      at: createReader(storage, places, join(scratch, "inputs")),
    });
    await writeManifest(folder, stage, inputs, result);
    const names = (await filesBelow(folder)).filter((name) => name !== MANIFEST_FILE);
    await forEachAtOnce(names, (name) => storage.putFile(below(target, name), join(folder, name)));
    await storage.putFile(manifest, join(folder, MANIFEST_FILE));
    return result;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Gives the `at` of a task: brings what is asked for below `root`, where it stands as it does in its bucket. */
function createReader(
  storage: S3Storage,
  places: Places,
  root: string,
): (path: string, range?: ByteRange) => Promise<string> {
  const objects = new Map<string, Promise<BucketObject[]>>();
  const brought = new Map<string, Promise<void>>();
  return async (path, range) => {
    const url = inPlaces(places, path);
    if (url === undefined) throw new Error(`${path} is none of the files that the list says its tasks read`);
    const place = parseBucketUrl(url);
    const local = ({ bucket, key }: BucketPlace): string => join(root, bucket, key);
    const found = objects.get(url) ?? storage.list(place);
    objects.set(url, found);
    await forEachAtOnce(await found, async (object) => {
      // A folder comes whole.
      const part = object.key === place.key ? range : undefined;
      const name = `${object.key} ${part?.from ?? 0} ${part?.to ?? object.bytes}`;
      const coming = brought.get(name) ?? bring(object, part);
      brought.set(name, coming);
      await coming;
    });
    return local(place);

    async function bring(object: BucketObject, part: ByteRange | undefined): Promise<void> {
      await makeFolder(dirname(local(object)));
      await storage.fetch(object, local(object), part);
    }
  };
}
