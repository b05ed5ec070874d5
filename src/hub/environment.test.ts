import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readHubEnvironment } from "./environment.ts";

test("without variables: the public hub, the home cache, online", async () => {
  const environment = await readHubEnvironment({ HF_TOKEN_PATH: "/nonexistent" });
  assert.deepEqual(environment, {
    endpoint: "https://huggingface.co",
    cacheFolder: join(homedir(), ".cache", "huggingface", "hub"),
    token: undefined,
    tokenSource: undefined,
    offline: false,
    symlinks: true,
    metadataTimeout: 10_000,
    downloadTimeout: 10_000,
  });
});

test("folders: the most specific variable wins; ~ and $NAME are expanded", async () => {
  const folder = async (variables: Record<string, string>): Promise<string> =>
    (await readHubEnvironment({ HF_TOKEN_PATH: "/nonexistent", ...variables })).cacheFolder;
  assert.equal(await folder({ XDG_CACHE_HOME: "/x" }), join("/x", "huggingface", "hub"));
  assert.equal(await folder({ XDG_CACHE_HOME: "/x", HF_HOME: "/h" }), join("/h", "hub"));
  assert.equal(await folder({ HF_HOME: "/h", HUGGINGFACE_HUB_CACHE: "/old" }), "/old");
  assert.equal(await folder({ HF_HOME: "/h", HUGGINGFACE_HUB_CACHE: "/old", HF_HUB_CACHE: "/c" }), "/c");
  assert.equal(await folder({ HF_HOME: "~/models" }), join(homedir(), "models", "hub"));
  assert.equal(await folder({ HF_HUB_CACHE: "$DISK/hub", DISK: "/mnt" }), "/mnt/hub");
});

test("tokens: HF_TOKEN, its old name, then the saved file; trimmed; switched off on request", async (context) => {
  const home = await mkdtemp(join(tmpdir(), "apollo-token-"));
  context.after(() => rm(home, { recursive: true }));
  await writeFile(join(home, "token"), "hf_file\n");
  const read = async (variables: Record<string, string>) => {
    const { token, tokenSource } = await readHubEnvironment({ HF_HOME: home, ...variables });
    return [token, tokenSource];
  };
  assert.deepEqual(await read({ HF_TOKEN: " hf_a\n", HUGGING_FACE_HUB_TOKEN: "hf_b" }), ["hf_a", "HF_TOKEN"]);
  assert.deepEqual(await read({ HUGGING_FACE_HUB_TOKEN: "hf_b" }), ["hf_b", "HUGGING_FACE_HUB_TOKEN"]);
  assert.deepEqual(await read({}), ["hf_file", join(home, "token")]);
  assert.deepEqual(await read({ HF_TOKEN: "hf_a", HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }), [
    undefined,
    undefined,
  ]);
});

test("offline by either variable, in the spellings of the Python client", async () => {
  for (const value of ["1", "on", "YES", "True"]) {
    assert.equal((await readHubEnvironment({ HF_HUB_OFFLINE: value })).offline, true);
    assert.equal((await readHubEnvironment({ TRANSFORMERS_OFFLINE: value })).offline, true);
  }
  assert.equal((await readHubEnvironment({ HF_HUB_OFFLINE: "0" })).offline, false);
});

test("unusable values are refused by name, a token without being shown", async () => {
  await assert.rejects(readHubEnvironment({ HF_ENDPOINT: "huggingface.co" }), { code: "bad-endpoint" });
  await assert.rejects(readHubEnvironment({ HF_ENDPOINT: "ftp://x" }), { code: "bad-endpoint" });
  await assert.rejects(readHubEnvironment({ HF_HUB_DOWNLOAD_TIMEOUT: "soon" }), { code: "bad-timeout" });
  await assert.rejects(readHubEnvironment({ HF_TOKEN: "hf_sec ret" }), (error: Error & { code: string }) => {
    assert.equal(error.code, "bad-token");
    assert.ok(!error.message.includes("ret"));
    return true;
  });
  assert.equal((await readHubEnvironment({ HF_ENDPOINT: "http://m/hf//" })).endpoint, "http://m/hf");
});
