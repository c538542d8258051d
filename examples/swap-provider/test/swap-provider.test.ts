import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { withBucket } from "../../../packages/s3/test/buckets.ts";
import { available } from "../../../scripts/requirements.ts";

const execute = promisify(execFile);
const main = join(import.meta.dirname, "../main.ts");

/** What the program prints. */
async function printedBy(name: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const parameters = ["--conditions=@storage/source", main, name];
  const { stdout } = await execute(process.execPath, parameters, { env: { ...process.env, ...environment } });
  return stdout;
}

const expected = `2026/january.txt: text/plain, by Ada, schläfrig
it says "Snow again.\\n"
`;

test("it says what there is, on memory", async () => {
  const lines = await printedBy("memory");
  expect(lines).toContain(expected);
  expect(lines.split("\n").length).toBeGreaterThan(10);
});

test("it says the same on local", async () => {
  const folder = await mkdtemp(join(tmpdir(), "swap-provider-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  expect(await printedBy("local", { STORAGE_BASE_PATH: folder })).toBe(await printedBy("memory"));
});

describe.skipIf(!available("minio"))("minio", () => {
  test("it says the same on S3", async () => {
    const { options, backend, dispose } = await withBucket("minio");
    onTestFinished(dispose);
    const printed = await printedBy("s3", {
      STORAGE_S3_BUCKET: options.bucket,
      STORAGE_S3_ENDPOINT: options.endpoint ?? "",
      STORAGE_S3_REGION: options.region ?? "",
      STORAGE_S3_ACCESS_KEY: options.accessKeyId ?? "",
      STORAGE_S3_SECRET_KEY: options.secretAccessKey ?? "",
    });
    expect(printed).toBe(await printedBy("memory"));
    expect(await backend.listKeys()).toEqual([]);
  });
});

test("without a name it asks for one", async () => {
  await expect(printedBy("nonsense")).rejects.toMatchObject({
    stderr: expect.stringContaining("memory, local, s3"),
  });
});
