// One blob from the hub to the disk: resumed where an earlier try stopped, hashed while it streams, renamed into place only
// when size and hash are right.
import { createHash, type Hash } from "node:crypto";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder, UserError } from "../core/index.ts";
import type { Digest } from "./listing.ts";
import { claimPartialFile, type PartialFile } from "./partial-file.ts";
import { type RequestSubject, TransientError } from "./refusals.ts";
import { type HubClient, type HubResponse, retry, sendRequest } from "./request.ts";

/** What to fetch, and where it goes. */
export interface BlobRequest {
  readonly url: string;
  readonly subject: RequestSubject;
  readonly size: number;
  readonly digest: Digest;
  /** The blob's path; nothing is there before it is whole and checked. */
  readonly path: string;
  /** Longest silence of the server, in ms. */
  readonly timeout: number;
  /** Bytes that are there, whenever that changes; it falls when a try starts over. */
  readonly onBytes: (bytes: number) => void;
}

/** How often wrong bytes are answered by a fresh download. */
const MAX_WRONG_BYTES = 2;
/** How often to look whether another pull has finished the same blob, in ms. */
const POLL_MILLISECONDS = 250;

/** Blobs under way in this process; other processes are seen by their partial files. */
const underWay = new Set<string>();

/** Fetches a blob unless it is there. Throws a `UserError` when the hub refuses, the bytes are wrong or the disk is full. */
export async function downloadBlob(client: HubClient, request: BlobRequest): Promise<void> {
  await makeFolder(dirname(request.path));
  for (;;) {
    client.signal.throwIfAborted();
    const there = await stat(request.path).catch(() => undefined);
    if (there?.isFile() && there.size === request.size) {
      request.onBytes(request.size);
      return;
    }
    if (!underWay.has(request.path)) {
      underWay.add(request.path);
      try {
        const partial = await claimPartialFile(request.path);
        if (partial !== undefined && (await fillPartialFile(client, request, partial))) return;
      } finally {
        underWay.delete(request.path);
      }
    }
    await sleep(POLL_MILLISECONDS, undefined, { signal: client.signal }).catch(() => undefined);
  }
}

/** How far a download is. */
interface DownloadState {
  bytes: number;
  /** Over the bytes so far. */
  hash: Hash;
}

/** Fills, checks and commits; false when another process took the file over. */
async function fillPartialFile(
  client: HubClient,
  request: BlobRequest,
  partial: PartialFile,
): Promise<boolean> {
  let furthest = 0;
  let wrongBytes = 0;
  try {
    const state = await hashWhatIsThere(request, partial);
    request.onBytes(state.bytes);
    await retry(
      client,
      async () => {
        if (state.bytes < request.size) {
          await receive(client, request, partial, state).finally(() => {
            furthest = Math.max(furthest, state.bytes);
          });
        }
        const found = state.hash.copy().digest("hex");
        if (found === request.digest.hex) return;
        await startOver(request, partial, state);
        const error = wrongHash(request, found);
        if (++wrongBytes >= MAX_WRONG_BYTES) throw error;
        throw new TransientError(error, 0);
      },
      () => furthest,
    );
  } catch (error) {
    await partial.release();
    throw error;
  }
  return partial.commit();
}

/** Reads from where `state` stands to the end of the file; a short answer is a `TransientError` and keeps what came. */
async function receive(
  client: HubClient,
  request: BlobRequest,
  partial: PartialFile,
  state: DownloadState,
): Promise<void> {
  const { url, subject, timeout, size } = request;
  const response = await sendRequest(client, url, {
    subject,
    timeout,
    ...(state.bytes > 0 ? { range: `bytes=${state.bytes}-` } : {}),
  });
  const offered = offeredRange(response, request);
  if (offered !== undefined && offered.total !== size) {
    await response.discard();
    throw wrongSize(request, offered.total);
  }
  if (state.bytes > 0 && offered?.start !== state.bytes) {
    // A plain 200 is the whole file: the server does not resume. Anything else is of no use.
    await startOver(request, partial, state);
    if (response.status !== 200) {
      await response.discard();
      throw cutOff(request, state);
    }
  }
  for await (const chunk of response.read()) {
    if (state.bytes + chunk.byteLength > size) throw wrongSize(request, undefined);
    await partial.append(chunk, state.bytes);
    state.hash.update(chunk);
    state.bytes += chunk.byteLength;
    request.onBytes(state.bytes);
  }
  if (state.bytes < size) throw cutOff(request, state);
}

/** The first byte and the size of the whole file as the headers tell them; `undefined` when they do not. */
function offeredRange(
  { status, headers }: HubResponse,
  request: BlobRequest,
): { start: number; total: number } | undefined {
  // Of a body that is packed for the way, neither length nor range speak of the file.
  if ((headers.get("content-encoding") ?? "identity") !== "identity") return undefined;
  if (status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/u.exec(headers.get("content-range") ?? "") ?? [];
    if (start === undefined || total === undefined) return undefined;
    return { start: Number(start), total: total === "*" ? request.size : Number(total) };
  }
  const length = headers.get("content-length");
  return status === 200 && length !== null ? { start: 0, total: Number(length) } : undefined;
}

async function hashWhatIsThere(request: BlobRequest, partial: PartialFile): Promise<DownloadState> {
  const state = { bytes: 0, hash: createDigest(request) };
  const bytes = await partial.size();
  if (bytes > request.size) await partial.restart();
  else if (bytes > 0) {
    for await (const chunk of partial.read()) {
      state.hash.update(chunk);
      state.bytes += chunk.byteLength;
    }
  }
  return state;
}

async function startOver(request: BlobRequest, partial: PartialFile, state: DownloadState): Promise<void> {
  await partial.restart();
  state.bytes = 0;
  state.hash = createDigest(request);
  request.onBytes(0);
}

function createDigest({ digest, size }: BlobRequest): Hash {
  return digest.algorithm === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
}

const AGAIN = "Run it again; if it stays so, the server or a proxy on the way is at fault.";

function wrongHash({ url, subject, digest }: BlobRequest, found: string): UserError {
  const name = digest.algorithm === "sha256" ? "SHA-256" : "git SHA-1";
  return new UserError(
    "wrong-hash",
    `${subject.path} arrived with ${name} ${found}, expected ${digest.hex}: it was thrown away`,
    { at: url, remedy: AGAIN },
  );
}

function wrongSize({ url, subject, size }: BlobRequest, found: number | undefined): UserError {
  return new UserError(
    "wrong-size",
    `${subject.path} has ${size} bytes by the hub's list, the server sends ${found ?? "more"}`,
    { at: url, remedy: AGAIN },
  );
}

function cutOff({ url, subject, size }: BlobRequest, { bytes }: DownloadState): TransientError {
  return new TransientError(
    new UserError("download-cut", `${subject.path} stopped at ${bytes} of ${size} bytes`, {
      at: url,
      remedy: "Run it again: what was downloaded is kept.",
    }),
  );
}
