import { type Environment, easyStorage } from "@storage/auto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { storageUnder } from "./surroundings.ts";

beforeEach(() => {
  // What is said once in a process is said once in each of these tests.
  vi.resetModules();
  vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const pair = { STORAGE_S3_ACCESS_KEY: "key id", STORAGE_S3_SECRET_KEY: "hush-hush" };
const bucket = { STORAGE_S3_BUCKET: "media", ...pair };

describe("one line says which backend was picked, and why", () => {
  test.each<[line: string, env: Environment]>([
    ['storage: S3Backend (AWS S3, bucket "media") since STORAGE_S3_BUCKET is set', bucket],
    [
      'storage: S3Backend (AWS S3, bucket "media") since AWS_ACCESS_KEY_ID is set',
      { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "hush-hush", STORAGE_S3_BUCKET: "media" },
    ],
    [
      'storage: S3Backend (Cloudflare R2, bucket "media") since STORAGE_S3_BUCKET is set',
      { ...bucket, STORAGE_S3_ENDPOINT: "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com" },
    ],
    [
      'storage: S3Backend (Backblaze B2, bucket "media") since STORAGE_BACKEND is s3',
      { ...bucket, STORAGE_BACKEND: "s3", STORAGE_S3_ENDPOINT: "https://s3.us-west-004.backblazeb2.com" },
    ],
    [
      'storage: S3Backend (minio.internal:9000, bucket "media") since STORAGE_S3_BUCKET is set',
      { ...bucket, STORAGE_S3_ENDPOINT: "http://minio.internal:9000/base" },
    ],
    ["storage: LocalBackend since STORAGE_BACKEND is local", { STORAGE_BACKEND: "LOCAL", ...pair }],
    [
      "storage: MemoryBackend since no variable chooses a backend",
      { STORAGE_URL_SECRET: "hush-hush, my dear" },
    ],
  ])("%s", async (line, env) => {
    const { lines } = await storageUnder(env);
    expect(lines).toEqual([line]);
    for (const secret of ["hush-hush", "key id"]) expect(lines[0]).not.toContain(secret);
  });

  test("a service that the code names is told by its name", async () => {
    const lines: string[] = [];
    const options = { endpoint: "http://127.0.0.1:9000", service: "minio" } as const;
    await easyStorage("s3", options, { env: bucket, log: (line) => lines.push(line) });
    expect(lines).toEqual(['storage: S3Backend (MinIO, bucket "media") since easyStorage("s3") asks for it']);
  });
});

describe("files in memory because nothing was chosen", () => {
  /** What two calls warn of, in a process of their own as far as they know. */
  async function warnings(env: Environment): Promise<readonly unknown[]> {
    const fresh = await import("@storage/auto");
    for (let call = 0; call < 2; call++) await fresh.easyStorage({ env, log: () => undefined });
    return vi.mocked(process.emitWarning).mock.calls;
  }

  const lost =
    "No variable chooses a storage backend: files are kept in memory, and lost when this process ends";
  const code = { code: "STORAGE_MEMORY_FALLBACK" };

  test("are warned of once", async () => {
    expect(await warnings({})).toEqual([[expect.stringContaining(lost), code]]);
  });

  test("in production the warning says which variable to set", async () => {
    expect(await warnings({ NODE_ENV: "production" })).toEqual([
      [
        `${lost}. NODE_ENV is production: set STORAGE_BACKEND=local and STORAGE_BASE_PATH, or STORAGE_S3_BUCKET; STORAGE_BACKEND=memory says that it is meant.`,
        code,
      ],
    ]);
  });

  test("are not warned of where they are meant", async () => {
    expect(await warnings({ STORAGE_BACKEND: "memory", NODE_ENV: "production" })).toEqual([]);
  });
});
