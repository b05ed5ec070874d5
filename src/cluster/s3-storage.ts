// Objects of S3-compatible storage: listed, read in ranges, written whole or not at all, as S3 writes.
import { createHash } from "node:crypto";
import { constants, type FileHandle, open, stat } from "node:fs/promises";
import { asFileError, type ByteRange, UserError } from "../core/index.ts";
import {
  callS3,
  readBody,
  readS3Account,
  type S3Account,
  type S3Call,
  TransientRefusal,
} from "./s3-request.ts";

/** A place in a bucket: an object, or all those whose keys begin with `key` and a slash. */
export interface BucketPlace {
  readonly bucket: string;
  /** Without a slash at either end; "" is the whole bucket. */
  readonly key: string;
}

/** An object. */
export interface BucketObject extends BucketPlace {
  readonly bytes: number;
  /** Of its content: MD5, or of several parts the MD5 of theirs; other storage may say something else. */
  readonly etag: string;
}

/** An account's objects. */
export interface S3Storage {
  readonly endpoint: string;
  /** The object at `place`, and those below it, by their keys. */
  list(place: BucketPlace): Promise<BucketObject[]>;
  /** An object's content, or a stretch of it; `undefined` when it is not there. */
  read(place: BucketPlace, range?: ByteRange): Promise<Buffer | undefined>;
  /**
   * Brings a stretch of an object to the same place of the file at `path`, which gets the object's length. What was received before a connection broke is
   * not asked for again. `UserError` when the object is another one meanwhile.
   */
  fetch(object: BucketObject, path: string, range?: ByteRange): Promise<void>;
  put(place: BucketPlace, data: Uint8Array | string): Promise<void>;
  /** Puts a file there, a large one in parts. */
  putFile(place: BucketPlace, path: string): Promise<void>;
  remove(place: BucketPlace): Promise<void>;
}

/** Larger files go in parts of so many bytes, or more: S3 takes 5 GiB at once and 10,000 parts. */
const PART_BYTES = 1 << 26;
const MOST_PARTS = 10_000;

const BUCKET_URL = /^s3:\/\/([^/]+)(?:\/(.*))?$/u;

/** Whether a path is in a bucket. */
export function isBucketUrl(path: string): boolean {
  return path.startsWith("s3://");
}

/** `s3://bucket/key`; `UserError` for anything else. */
export function parseBucketUrl(url: string): BucketPlace {
  const [, bucket, key = ""] = BUCKET_URL.exec(url) ?? [];
  if (bucket === undefined)
    throw new UserError("bad-option", `"${url}" is no place in a bucket: expected s3://BUCKET/NAME`);
  return { bucket, key: key.replaceAll(/^\/+|\/+$/gu, "") };
}

/** A place as people write it. */
export function bucketUrl({ bucket, key }: BucketPlace): string {
  return key === "" ? `s3://${bucket}` : `s3://${bucket}/${key}`;
}

/** What stands below `place` under `name`. */
export function below({ bucket, key }: BucketPlace, name: string): BucketPlace {
  return { bucket, key: key === "" ? name : `${key}/${name}` };
}

/** The bytes of a part of a file of `size` bytes. */
function partBytes(size: number): number {
  return Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS / PART_BYTES) * PART_BYTES);
}

/** The storage that the environment names. */
export function createS3Storage(account: S3Account = readS3Account()): S3Storage {
  const { endpoint } = account;
  const put = async ({ bucket, key }: BucketPlace, data: Uint8Array | string): Promise<void> => {
    await callS3(account, { method: "PUT", bucket, key, body: data }, readBody);
  };
  return {
    endpoint,
    async list(place) {
      const { bucket, key } = place;
      const found = await listPrefix(account, bucket, key === "" ? "" : `${key}/`);
      if (found.length > 0 || key === "") return found;
      // No folder; of all keys that begin so, the object's own is the first.
      const [first] = await listPrefix(account, bucket, key, 1);
      return first?.key === key ? [first] : [];
    },
    async read({ bucket, key }, range) {
      if (range?.to !== undefined && range.to <= range.from) return Buffer.alloc(0);
      const headers: Record<string, string> =
        range === undefined
          ? {}
          : { range: `bytes=${range.from}-${range.to === undefined ? "" : range.to - 1}` };
      return callS3(account, { method: "GET", bucket, key, headers }, readBody);
    },
    async fetch(object, path, range) {
      const { bucket, key, bytes, etag } = object;
      const end = Math.min(range?.to ?? bytes, bytes);
      let at = range?.from ?? 0;
      const file = await openSparse(path, bytes);
      try {
        while (at < end) {
          const stop = Math.min(end, at + PART_BYTES);
          const rest = (): S3Call => ({
            method: "GET",
            bucket,
            key,
            headers: { range: `bytes=${at}-${stop - 1}`, "if-match": `"${etag}"` },
          });
          const there = await callS3(account, rest, async ({ body }) => {
            for await (const chunk of body as AsyncIterable<Buffer>) {
              await writeAt(file, path, chunk, at);
              at += chunk.length;
            }
            if (at !== stop) throw new TransientRefusal(`the answer ended at byte ${at} of ${stop}`);
            return true;
          });
          if (there === undefined)
            throw new UserError("missing-object", "was there a moment ago", { file: bucketUrl(object) });
        }
      } finally {
        await file.close();
      }
    },
    put,
    async putFile(place, path) {
      const { bucket, key } = place;
      const { size } = await stat(path);
      const step = partBytes(size);
      const file = await open(path);
      const part = async (from: number): Promise<Buffer> => {
        const bytes = Buffer.alloc(Math.min(step, size - from));
        const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
        if (bytesRead < bytes.length) throw new Error(`${path} became shorter while it was read`);
        return bytes;
      };
      try {
        if (size <= step) return await put(place, await part(0));
        const begun = await callS3(
          account,
          { method: "POST", bucket, key, query: { uploads: "" } },
          readBody,
        );
        const uploadId = field(begun?.toString("utf8") ?? "", "UploadId");
        try {
          const parts: string[] = [];
          for (let from = 0; from < size; from += step) {
            const query = { partNumber: String(parts.length + 1), uploadId };
            const body = await part(from);
            const etag = await callS3(
              account,
              { method: "PUT", bucket, key, query, body },
              async (answer) => {
                await readBody(answer);
                return answer.headers.etag;
              },
            );
            parts.push(`<Part><PartNumber>${parts.length + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
          }
          const body = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
          const answer = await callS3(
            account,
            { method: "POST", bucket, key, query: { uploadId }, body },
            readBody,
          );
          // The answer begins with 200 before the parts are joined: a failure stands in its body.
          const text = answer?.toString("utf8") ?? "";
          if (!text.includes("<CompleteMultipartUploadResult"))
            throw new UserError(
              "bucket-refused",
              `the parts could not be joined: ${field(text, "Message")}`,
              {
                file: bucketUrl(place),
                remedy: "Run the same command again.",
              },
            );
        } catch (error) {
          // Parts that nobody joins are paid for.
          await callS3(account, { method: "DELETE", bucket, key, query: { uploadId } }, readBody).catch(
            () => {},
          );
          throw error;
        }
      } finally {
        await file.close();
      }
    },
    async remove({ bucket, key }) {
      await callS3(account, { method: "DELETE", bucket, key }, readBody);
    },
  };
}

/** The objects whose keys begin with `prefix`, or the first few of them. */
async function listPrefix(
  account: S3Account,
  bucket: string,
  prefix: string,
  most?: number,
): Promise<BucketObject[]> {
  const found: BucketObject[] = [];
  let next: string | undefined;
  do {
    const query: Record<string, string> = { "list-type": "2", prefix, "encoding-type": "url" };
    if (most !== undefined) query["max-keys"] = String(most);
    if (next !== undefined) query["continuation-token"] = next;
    const answer = await callS3(account, { method: "GET", bucket, query }, readBody);
    const text = answer?.toString("utf8") ?? "";
    for (const [, entry = ""] of text.matchAll(/<Contents>(.*?)<\/Contents>/gsu)) {
      const key = decodeURIComponent(field(entry, "Key").replaceAll("+", " "));
      // A key with a slash at its end is what consoles call a folder.
      if (key.endsWith("/")) continue;
      const etag = field(entry, "ETag").replaceAll('"', "");
      found.push({ bucket, key, bytes: Number(field(entry, "Size")), etag });
    }
    next = field(text, "NextContinuationToken") || undefined;
  } while (next !== undefined && (most === undefined || found.length < most));
  return found;
}

/** Whether the file at `path` is what `object` holds, as far as its tag tells; false when it does not. */
export async function isSameContent(object: BucketObject, path: string): Promise<boolean> {
  const { size } = await stat(path);
  if (size !== object.bytes) return false;
  const step = partBytes(size);
  const parts: Buffer[] = [];
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(Math.min(step, size));
    for (let from = 0; from < size || from === 0; from += step) {
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      parts.push(createHash("md5").update(bytes.subarray(0, bytesRead)).digest());
    }
  } finally {
    await file.close();
  }
  const tag =
    size <= step
      ? parts[0]!.toString("hex")
      : `${createHash("md5").update(Buffer.concat(parts)).digest("hex")}-${parts.length}`;
  return tag === object.etag;
}

/** The text of an element of S3's XML. */
function field(xml: string, name: string): string {
  const [, text = ""] = new RegExp(`<${name}>([^<]*)</${name}>`, "u").exec(xml) ?? [];
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** Opens a file to write anywhere in it; it has `bytes` bytes, of which those not written take no room. */
async function openSparse(path: string, bytes: number): Promise<FileHandle> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDWR | constants.O_CREAT);
    await file.truncate(bytes);
    return file;
  } catch (error) {
    await file?.close();
    throw asFileError(error, path);
  }
}

async function writeAt(file: FileHandle, path: string, data: Buffer, position: number): Promise<void> {
  try {
    for (let done = 0; done < data.length; ) {
      const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
      done += bytesWritten;
    }
  } catch (error) {
    throw asFileError(error, path);
  }
}
