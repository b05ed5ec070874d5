// What must hold before a bucket is worked in: it can be listed, written, read and emptied from here.
import { randomBytes } from "node:crypto";
import { UserError } from "../core/index.ts";
import { type BucketPlace, below, bucketUrl, type S3Storage } from "./s3-storage.ts";

/** Tries everything that tasks will do at `place`; gives how many objects are there. `UserError` for the first thing that fails. */
export async function tryBucket(storage: S3Storage, place: BucketPlace): Promise<number> {
  const probe = below(place, `.probe-${randomBytes(6).toString("hex")}`);
  const there = await storage.list(place);
  await storage.put(probe, probe.key);
  const found = await storage.read(probe);
  await storage.remove(probe);
  if (found?.toString("utf8") !== probe.key)
    throw new UserError("bucket-refused", "does not give back what was just put there", {
      file: bucketUrl(probe),
      remedy: "Use storage whose reads follow its writes.",
    });
  return there.length;
}
