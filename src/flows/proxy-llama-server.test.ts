// A base on llama.cpp's own server, not on ours: its ids, its texts of half characters, its chat template.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type LogitModel, openGguf, tinyVocabulary, writeTinyGguf } from "../engine/index.ts";
import { createProxyModel } from "../proxy/index.ts";
import { findLlamaServer, startLlamaServer } from "./llama-server.test.helper.ts";
import { openModel } from "./open-model.ts";
import { CHAT_TEMPLATE, remoteTrioContract } from "./remote-trio.test.helper.ts";

const found = findLlamaServer();
const skip = "missing" in found ? found.missing : false;
const ONE = { threads: 1, contextLength: 256 };

let folder: string;
let local: Record<"base" | "expert" | "anti", LogitModel>;
let server: Awaited<ReturnType<typeof startLlamaServer>>;
const at = (name: string): string => join(folder, `${name}.gguf`);

before(async () => {
  if ("missing" in found) return;
  folder = await mkdtemp(join(tmpdir(), "apollo-llama-server-"));
  await writeTinyGguf(at("base"), { seed: 1, hiddenSize: 64, chatTemplate: CHAT_TEMPLATE });
  await writeTinyGguf(at("expert"), { seed: 2 });
  await writeTinyGguf(at("anti"), { seed: 3 });
  local = {
    base: await openGguf(at("base"), ONE),
    expert: await openGguf(at("expert"), ONE),
    anti: await openGguf(at("anti"), ONE),
  };
  server = await startLlamaServer(found.python, at("base"));
});
after(async () => {
  if (skip) return;
  await server.close();
  for (const model of Object.values(local)) await model.close();
  await rm(folder, { recursive: true });
});

for (const { name, check } of remoteTrioContract)
  test(name, { skip }, () =>
    check({
      here: createProxyModel({ ...local, alpha: 1 }),
      vocabularySize: tinyVocabulary().length,
      open: (candidates) =>
        openModel(
          `proxy:${server.url}#base+${at("expert")}-${at("anti")}@1?candidates=${candidates}`,
          ONE,
        ) as Promise<LogitModel>,
    }),
  );
