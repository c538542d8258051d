import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { withBucket } from "../../../packages/s3/test/buckets.ts";
import { available } from "../../../scripts/requirements.ts";
import { s3Service } from "../../../scripts/s3-service.ts";
import { ask, form } from "./requests.ts";
import { folder } from "./site.ts";

const script = join(import.meta.dirname, "../server.ts");

/** Starts `server.ts` as `npm run demo` does, with these variables and no others that it reads. */
async function start(
  framework: string,
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly origin: string; readonly said: string }> {
  const child = spawn(process.execPath, ["--conditions=@storage/source", script, framework], {
    env: { PATH: process.env.PATH, PORT: "0", ...variables },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGTERM");
    expect(await closed).toEqual([0, null]);
  });
  let said = "";
  for await (const line of createInterface(child.stdout)) {
    said += `${line}\n`;
    const [origin] = /http:\/\/localhost:\d+(?= )/.exec(line) ?? [];
    if (origin !== undefined) return { origin, said };
  }
  throw new Error(`it ended and said ${said}`);
}

/** Stores a file and reads it back through a signed link. */
async function storesAndLinks(origin: string): Promise<void> {
  const stored = await ask(`${origin}/api/files`, { method: "POST", body: form("hello", "a.txt") });
  expect(stored.status).toBe(201);
  const followed = await fetch(`${origin}/api/files/a.txt/link`);
  expect([followed.status, await followed.text()]).toEqual([200, "hello"]);
}

test("memory, by STORAGE_BACKEND", async () => {
  const { origin, said } = await start("hono", { STORAGE_BACKEND: "memory" });
  expect(said).toContain("MemoryBackend");
  await storesAndLinks(origin);
});

test("files in a folder, by STORAGE_BASE_PATH alone", async () => {
  const { origin, said } = await start("fastify", { STORAGE_BASE_PATH: await folder() });
  expect(said).toContain("LocalBackend");
  await storesAndLinks(origin);
});

test.skipIf(!available("minio"))("a bucket, by the variables of S3", async () => {
  const { options, dispose } = await withBucket("minio");
  onTestFinished(dispose);
  const { endpoint, accessKeyId, secretAccessKey } = s3Service("minio");
  const { origin, said } = await start("express", {
    STORAGE_S3_BUCKET: options.bucket,
    STORAGE_S3_ENDPOINT: endpoint,
    STORAGE_S3_ACCESS_KEY: accessKeyId,
    STORAGE_S3_SECRET_KEY: secretAccessKey,
  });
  expect(said).toContain("S3Backend");
  expect(said).not.toContain(secretAccessKey);
  await storesAndLinks(origin);
});

test.each([
  ["a framework that is none", "koa", {}, "koa is none of express, fastify, hono"],
  ["a bucket without a name", "hono", { STORAGE_BACKEND: "s3" }, "STORAGE_S3_BUCKET"],
])("%s is told in a sentence", async (_what, framework, variables, sentence) => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@storage/source", script, framework],
    {
      env: { PATH: process.env.PATH, PORT: "0", ...variables },
      encoding: "utf8",
      timeout: 20_000,
    },
  );
  expect(status).toBe(1);
  expect(stderr).toContain(sentence);
  expect(stderr).not.toMatch(/^ +at /m);
});
