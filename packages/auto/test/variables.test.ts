import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Environment, easyStorage } from "@storage/auto";
import type { StorageBackend } from "@storage/core";
import { S3Backend } from "@storage/s3";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { storageUnder } from "./surroundings.ts";

/** S3Backend asks the process itself where it is given no pair. */
beforeEach(() => {
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
    vi.stubEnv(name, "");
  vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const quiet = { log: () => undefined };

async function linkOf(storage: StorageBackend): Promise<URL> {
  return new URL(await storage.getUrl("a", { mustExist: false }));
}

/** Seconds that a link of our own lives, to the nearest ten. */
const lifeOf = (link: URL): number =>
  Math.round((Number(link.searchParams.get("expires")) - Date.now() / 1000) / 10) * 10;

/** Who signs a link on S3, for which region, and with which token. */
function signerOf(link: URL): readonly (string | null | undefined)[] {
  const [id, , region] = link.searchParams.get("X-Amz-Credential")?.split("/") ?? [];
  return [id, region, link.searchParams.get("X-Amz-Security-Token")];
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "storage-auto-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const secret = "a secret of this test";

describe("local and memory", () => {
  test("STORAGE_BASE_PATH is the folder", async () => {
    const folder = await temporaryFolder();
    const { storage } = await storageUnder({ STORAGE_BACKEND: "local", STORAGE_BASE_PATH: folder });
    await storage.put("a", "x");
    expect((await readdir(folder)).sort()).toEqual([".storage", "a"]);
    await storage.close();
  });

  test.each(["local", "memory"])(
    "%s signs links for STORAGE_BASE_URL by STORAGE_URL_SECRET",
    async (name) => {
      const env = {
        STORAGE_BACKEND: name,
        STORAGE_BASE_URL: "https://example.com/f",
        STORAGE_URL_SECRET: secret,
        STORAGE_URL_EXPIRATION: "60",
      };
      const { storage } = await storageUnder(env);
      const link = await linkOf(storage);
      expect(link.href.startsWith("https://example.com/f/a?")).toBe(true);
      expect(lifeOf(link)).toBe(60);
      expect(await storage.signer?.verify({ method: "GET", url: link.href })).toMatchObject({ key: "a" });
      expect(process.emitWarning).not.toHaveBeenCalled();
    },
  );

  test.each(["local", "memory"])("%s has the contract's defaults", async (name) => {
    const { storage } = await storageUnder({ STORAGE_BACKEND: name, STORAGE_URL_SECRET: "" });
    const link = await linkOf(storage);
    expect(link.href.startsWith("http://localhost:8000/files/a?")).toBe(true);
    expect(lifeOf(link)).toBe(3600);
    expect(process.emitWarning).toHaveBeenCalledWith(expect.anything(), { code: "STORAGE_RANDOM_SECRET" });
  });
});

const own = { STORAGE_S3_ACCESS_KEY: "own", STORAGE_S3_SECRET_KEY: "own's" };
const aws = { AWS_ACCESS_KEY_ID: "aws", AWS_SECRET_ACCESS_KEY: "aws's", AWS_SESSION_TOKEN: "token" };
const r2 = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com";

describe("s3", () => {
  test.each<[string, Environment, string]>([
    ["STORAGE_S3_BUCKET", {}, "https://media.s3.us-east-1.amazonaws.com/a"],
    ["STORAGE_S3_REGION", { STORAGE_S3_REGION: "eu-west-1" }, "https://media.s3.eu-west-1.amazonaws.com/a"],
    ["an empty STORAGE_S3_REGION", { STORAGE_S3_REGION: "" }, "https://media.s3.us-east-1.amazonaws.com/a"],
    [
      "STORAGE_S3_ENDPOINT",
      { STORAGE_S3_ENDPOINT: "http://127.0.0.1:9000" },
      "http://127.0.0.1:9000/media/a",
    ],
    ["the endpoint of R2", { STORAGE_S3_ENDPOINT: r2 }, r2.replace("//", "//media.").concat("/a")],
  ])("%s says where the bucket is", async (_, env, url) => {
    const { storage } = await storageUnder({ STORAGE_S3_BUCKET: "media", ...own, ...env });
    expect((await linkOf(storage)).href.split("?")[0]).toBe(url);
  });

  test.each<[string, Environment, readonly (string | null)[]]>([
    ["its own pair", own, ["own", "us-east-1", null]],
    ["AWS's pair, with its token", aws, ["aws", "us-east-1", "token"]],
    ["its own pair where both are set, without AWS's token", { ...own, ...aws }, ["own", "us-east-1", null]],
    ["its own pair beside half of AWS's", { ...own, AWS_ACCESS_KEY_ID: "aws" }, ["own", "us-east-1", null]],
    ["AWS's without a token", { ...aws, AWS_SESSION_TOKEN: "" }, ["aws", "us-east-1", null]],
    [
      "AWS's beside an empty pair",
      { ...aws, STORAGE_S3_ACCESS_KEY: "", STORAGE_S3_SECRET_KEY: " " },
      ["aws", "us-east-1", "token"],
    ],
  ])("it signs by %s", async (_, env, signer) => {
    const { storage } = await storageUnder({ STORAGE_BACKEND: "S3", STORAGE_S3_BUCKET: "media", ...env });
    expect(signerOf(await linkOf(storage))).toEqual(signer);
  });

  test("with neither pair it asks the SDK's own chain", async () => {
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    for (const name of ["AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"]) vi.stubEnv(name, "/dev/null");
    const { storage } = await storageUnder({ STORAGE_S3_BUCKET: "media" });
    await expect(linkOf(storage)).rejects.toMatchObject({ code: "Unauthenticated" });
  });

  test("STORAGE_URL_EXPIRATION is how long its links live", async () => {
    const env = { STORAGE_S3_BUCKET: "media", STORAGE_URL_EXPIRATION: "604800", ...own };
    const { storage } = await storageUnder(env);
    expect((await linkOf(storage)).searchParams.get("X-Amz-Expires")).toBe("604800");
  });
});

describe("a name and options", () => {
  const env = { STORAGE_S3_BUCKET: "media", STORAGE_URL_EXPIRATION: "60", ...own, ...aws };

  test("what the options leave out is read", async () => {
    const storage = await easyStorage("s3", { region: "eu-west-1", bucket: undefined }, { env, ...quiet });
    const link = await linkOf(storage);
    expect(link.host).toBe("media.s3.eu-west-1.amazonaws.com");
    expect(signerOf(link)).toEqual(["own", "eu-west-1", null]);
    expect(link.searchParams.get("X-Amz-Expires")).toBe("60");
  });

  test("options go before variables, also before those that are wrong", async () => {
    const given = { bucket: "other", endpoint: "https://s3.example.com", urlExpiresIn: 30 };
    const wrong = { STORAGE_S3_ENDPOINT: "nonsense", STORAGE_URL_EXPIRATION: "soon" };
    const link = await linkOf(await easyStorage("s3", given, { env: { ...env, ...wrong }, ...quiet }));
    expect(link.href.split("?")[0]).toBe("https://s3.example.com/other/a");
    expect(link.searchParams.get("X-Amz-Expires")).toBe("30");
  });

  test("a pair that is given comes alone: no token of the environment goes with it", async () => {
    const pair = { accessKeyId: "given", secretAccessKey: "given's" };
    expect(signerOf(await linkOf(await easyStorage("s3", pair, { env, ...quiet })))[0]).toBe("given");
    for (const half of [{ accessKeyId: "given" }, { secretAccessKey: "s" }, { sessionToken: "t" }])
      await expect(easyStorage("s3", half, { env, ...quiet })).rejects.toMatchObject({
        code: "Configuration",
        message: expect.stringContaining("go together"),
      });
  });

  test("a client that is given brings its own region, endpoint and credentials", async () => {
    const pair = { accessKeyId: "client", secretAccessKey: "client's" };
    const client = await new S3Backend({ bucket: "other", region: "eu-west-2", ...pair }).client();
    const set = { ...env, STORAGE_S3_REGION: "eu-west-1", STORAGE_S3_ENDPOINT: "https://s3.example.com" };
    const link = await linkOf(await easyStorage("s3", { client }, { env: set, ...quiet }));
    expect(link.host).toBe("media.s3.eu-west-2.amazonaws.com");
    expect(signerOf(link)).toEqual(["client", "eu-west-2", null]);
  });

  test("STORAGE_BACKEND has no say where the code names one", async () => {
    const storage = await easyStorage("memory", {}, { env: { STORAGE_BACKEND: "nonsense" }, ...quiet });
    expect(storage.name).toBe("MemoryBackend");
  });

  test("the process's variables are what is read where none are given", async () => {
    vi.stubEnv("STORAGE_BACKEND", "memory");
    vi.stubEnv("STORAGE_BASE_URL", "https://example.com/mine");
    vi.stubEnv("STORAGE_URL_SECRET", secret);
    const log = vi.spyOn(console, "info").mockImplementation(() => undefined);
    expect((await linkOf(await easyStorage())).pathname).toBe("/mine/a");
    expect((await linkOf(await easyStorage("memory"))).pathname).toBe("/mine/a");
    expect(log.mock.calls).toEqual([
      ["storage: MemoryBackend since STORAGE_BACKEND is memory"],
      ['storage: MemoryBackend since easyStorage("memory") asks for it'],
    ]);
  });
});
