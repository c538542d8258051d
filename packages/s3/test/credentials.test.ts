import { S3Client } from "@aws-sdk/client-s3";
import { S3Backend, type S3BackendOptions } from "@storage/s3";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

const given = { accessKeyId: "given", secretAccessKey: "given secret" };

/** Who signs a link, and with which token. */
async function signerOf(
  options: Partial<S3BackendOptions>,
): Promise<[id: string | undefined, token: string | null]> {
  const backend = new S3Backend({ bucket: "photos", ...options });
  const { searchParams } = new URL(await backend.getUrl("key", { mustExist: false }));
  return [searchParams.get("X-Amz-Credential")?.split("/")[0], searchParams.get("X-Amz-Security-Token")];
}

describe("credentials", () => {
  beforeEach(() => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "environment");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "environment's secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "environment's token");
  });
  afterEach(() => vi.unstubAllEnvs());

  test("a pair that is given comes without the environment's token", async () => {
    expect(await signerOf(given)).toEqual(["given", null]);
    expect(await signerOf({ ...given, sessionToken: "given token" })).toEqual(["given", "given token"]);
  });

  test("the environment's pair comes with its token", async () => {
    expect(await signerOf({})).toEqual(["environment", "environment's token"]);
    vi.stubEnv("AWS_SESSION_TOKEN", "");
    expect(await signerOf({})).toEqual(["environment", null]);
  });

  test("half a pair of the environment is none: the SDK's own chain is asked", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "");
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
    await expect(signerOf({})).rejects.toMatchObject({
      code: "Unauthenticated",
      message: expect.stringContaining("AWS_ACCESS_KEY_ID"),
    });
  });

  test("a client that was handed in brings its own, with its region and endpoint", async () => {
    const client = new S3Client({
      region: "eu-west-2",
      endpoint: "https://s3.example.com/base",
      forcePathStyle: true,
      credentials: { accessKeyId: "client", secretAccessKey: "client's secret" },
    });
    const backend = new S3Backend({ bucket: "photos", client });
    const url = new URL(await backend.getUrl("key", { mustExist: false }));
    expect(url.href.split("?")[0]).toBe("https://s3.example.com/base/photos/key");
    expect(url.searchParams.get("X-Amz-Credential")).toMatch(/^client\/\d{8}\/eu-west-2\//);
    expect(backend.capabilities.createOnly).toBe(false);
    expect(await backend.client()).toBe(client);
    expect(() => new S3Backend({ bucket: "photos", client, region: "eu-west-2" })).toThrow(
      expect.objectContaining({ code: "Configuration", message: expect.stringContaining("region") }),
    );
  });

  test("a client for AWS itself is known as such", async () => {
    const credentials = { accessKeyId: "client", secretAccessKey: "client's secret" };
    const client = new S3Client({ region: "eu-west-2", credentials });
    const backend = new S3Backend({ bucket: "photos", client });
    expect(backend.capabilities.createOnly).toBe(true);
    const url = await backend.getUrl("key", { mustExist: false });
    expect(url.split("?")[0]).toBe("https://photos.s3.eu-west-2.amazonaws.com/key");
  });

  test("no error shows a secret", async () => {
    const backend = new S3Backend({
      bucket: "photos",
      ...given,
      endpoint: "http://127.0.0.1:1",
      maxAttempts: 1,
    });
    const failure = await backend.get("key").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "Unavailable" });
    const { inspect } = await import("node:util");
    expect(inspect(failure, { depth: 10 }) + JSON.stringify(failure)).not.toMatch(/given secret|Signature=/);
  });
});
