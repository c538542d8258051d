import { S3Backend, type S3BackendOptions, type S3ServiceName } from "@storage/s3";
import { describe, expect, test } from "vitest";

const pair = { accessKeyId: "key", secretAccessKey: "secret" };

/** What a link to the object "a b" looks like without its query; signed, and nothing is asked for it. */
async function urlWith(options: Omit<S3BackendOptions, "bucket">, bucket = "photos"): Promise<string> {
  const backend = new S3Backend({ bucket, ...pair, ...options });
  const url = await backend.getUrl("a b", { mustExist: false });
  return url.slice(0, url.indexOf("?"));
}

async function regionWith(options: Omit<S3BackendOptions, "bucket">): Promise<string | undefined> {
  const url = new URL(
    await new S3Backend({ bucket: "photos", ...pair, ...options }).getUrl("k", { mustExist: false }),
  );
  return url.searchParams.get("X-Amz-Credential")?.split("/")[2];
}

const r2 = "0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com";

describe("where a bucket is", () => {
  test.each<[string, Omit<S3BackendOptions, "bucket">]>([
    ["https://photos.s3.us-east-1.amazonaws.com/a%20b", {}],
    ["https://photos.s3.eusc-de-east-1.amazonaws.eu/a%20b", { region: "eusc-de-east-1" }],
    ["https://photos.s3.eu-central-1.amazonaws.com/a%20b", { region: "eu-central-1" }],
    ["https://photos.s3.cn-north-1.amazonaws.com.cn/a%20b", { region: "cn-north-1" }],
    ["https://s3.us-east-1.amazonaws.com/photos/a%20b", { forcePathStyle: true }],
    ["https://photos.s3.dualstack.eu-west-1.amazonaws.com/a%20b", { region: "eu-west-1", dualStack: true }],
    ["https://photos.s3-accelerate.amazonaws.com/a%20b", { accelerate: true }],
    ["https://photos.s3-accelerate.dualstack.amazonaws.com/a%20b", { accelerate: true, dualStack: true }],
    [
      "https://photos.s3-accelerate.amazonaws.com/a%20b",
      { endpoint: "https://photos.s3-accelerate.amazonaws.com" },
    ],
    [
      "https://photos.s3.eu-west-1.amazonaws.com/a%20b",
      { endpoint: "https://photos.s3.eu-west-1.amazonaws.com" },
    ],
    ["https://photos.s3.eu-west-1.amazonaws.com/a%20b", { endpoint: "https://s3.eu-west-1.amazonaws.com" }],
    [`https://photos.${r2}/a%20b`, { endpoint: `https://${r2}` }],
    [`https://photos.${r2}/a%20b`, { endpoint: `https://${r2}/photos` }],
    [`https://photos.${r2}/a%20b`, { endpoint: `https://${r2}/photos/` }],
    ["https://photos.fra1.digitaloceanspaces.com/a%20b", { endpoint: "https://fra1.digitaloceanspaces.com" }],
    [
      "https://photos.fra1.digitaloceanspaces.com/a%20b",
      { endpoint: "https://photos.fra1.digitaloceanspaces.com" },
    ],
    ["http://127.0.0.1:9000/photos/a%20b", { endpoint: "http://127.0.0.1:9000" }],
    ["http://127.0.0.1:9000/photos/a%20b", { endpoint: "http://127.0.0.1:9000", service: "aws" }],
    ["http://[::1]:9000/photos/a%20b", { endpoint: "http://[::1]:9000" }],
    ["https://minio.example.com/base/photos/a%20b", { endpoint: "https://minio.example.com/base" }],
    ["https://photos.example.com/a%20b", { endpoint: "https://photos.example.com", forcePathStyle: false }],
    ["https://photos.s3.example.com/a%20b", { endpoint: "https://photos.s3.example.com" }],
    [
      "https://photos.example.com/photos/a%20b",
      { endpoint: "https://photos.example.com", forcePathStyle: true },
    ],
    [
      "https://photos.minio.example.com/a%20b",
      { endpoint: "https://minio.example.com", forcePathStyle: false },
    ],
    // A name that only holds a service's is somebody else's.
    [
      "https://s3.amazonaws.com.evil.example/photos/a%20b",
      { endpoint: "https://s3.amazonaws.com.evil.example" },
    ],
    ["https://notr2.cloudflarestorage.com/photos/a%20b", { endpoint: "https://notr2.cloudflarestorage.com" }],
  ])("%s", async (url, options) => {
    expect(await urlWith(options)).toBe(url);
  });

  test("a name with dots stands in the path, where no certificate would fit", async () => {
    expect(await urlWith({}, "my.photos")).toBe("https://s3.us-east-1.amazonaws.com/my.photos/a%20b");
  });

  test("the region is the option's, else the host name's, else us-east-1", async () => {
    expect(await regionWith({})).toBe("us-east-1");
    expect(await regionWith({ endpoint: "https://s3.eu-west-1.amazonaws.com" })).toBe("eu-west-1");
    expect(await regionWith({ endpoint: "https://s3.eu-west-1.amazonaws.com", region: "eu-west-2" })).toBe(
      "eu-west-2",
    );
    expect(await regionWith({ endpoint: `https://${r2}` })).toBe("auto");
    expect(await regionWith({ endpoint: "https://s3.eu-central-003.backblazeb2.com" })).toBe(
      "eu-central-003",
    );
    expect(await regionWith({ endpoint: "https://s3.nl-ams.scw.cloud" })).toBe("nl-ams");
    expect(await regionWith({ endpoint: "http://127.0.0.1:9000" })).toBe("us-east-1");
  });

  test.each<[S3ServiceName, Omit<S3BackendOptions, "bucket">]>([
    ["aws", {}],
    ["aws", { endpoint: "https://s3.eu-west-1.amazonaws.com" }],
    ["r2", { endpoint: `https://${r2}` }],
    ["b2", { endpoint: "https://s3.eu-central-003.backblazeb2.com" }],
    ["spaces", { endpoint: "https://photos.fra1.digitaloceanspaces.com" }],
    ["unknown", { endpoint: "http://127.0.0.1:9000" }],
    ["minio", { endpoint: "http://127.0.0.1:9000", service: "minio" }],
    ["wasabi", { endpoint: `https://${r2}`, service: "wasabi" }],
  ])("the service is %s with %j", (service, options) => {
    expect(new S3Backend({ bucket: "photos", ...pair, ...options }).service).toBe(service);
  });

  test.each<[string, Partial<S3BackendOptions>]>([
    ["a URL as a bucket", { bucket: "s3://photos" }],
    ["a path as a bucket", { bucket: "photos/summer" }],
    ["no bucket", { bucket: "" }],
    ["a directory bucket", { bucket: "photos--use1-az4--x-s3" }],
    ["an endpoint without its protocol", { endpoint: "s3.example.com" }],
    ["an endpoint with credentials", { endpoint: "https://key:secret@s3.example.com" }],
    ["an endpoint with a query", { endpoint: "https://s3.example.com?x" }],
    ["acceleration of a name with dots", { bucket: "my.photos", accelerate: true }],
    ["acceleration elsewhere", { endpoint: "https://s3.example.com", accelerate: true }],
    [
      "an endpoint that may be the bucket's, or not",
      { bucket: "minio", endpoint: "https://minio.example.com" },
    ],
    ["a feature that is none", { features: { createonly: true } as object }],
    ["a feature of another kind", { features: { keyAndPrefix: true } as object }],
    ["half a pair", { secretAccessKey: undefined }],
    ["a token alone", { accessKeyId: undefined, secretAccessKey: undefined, sessionToken: "token" }],
    ["parts that are too small", { partSize: 1024 }],
    ["no parts at once", { partConcurrency: 0 }],
    ["a threshold that is too large", { copyThreshold: 6 * 2 ** 30 }],
    ["no sockets", { maxSockets: 0 }],
    ["a public URL with a query", { publicUrl: "https://cdn.example.com/?a=b" }],
  ])("%s is a ConfigurationError", (_, options) => {
    expect(() => new S3Backend({ bucket: "photos", ...pair, ...options })).toThrow(
      expect.objectContaining({ code: "Configuration" }),
    );
  });
});

describe("capabilities by service", () => {
  test("an unknown service keeps no condition until it is declared", () => {
    const unknown = new S3Backend({ bucket: "photos", ...pair, endpoint: "https://s3.example.com" });
    expect(unknown.capabilities).toMatchObject({
      createOnly: false,
      compareAndSwap: false,
      copyIfMatch: false,
    });
    const declared = new S3Backend({
      bucket: "photos",
      ...pair,
      endpoint: "https://s3.example.com",
      features: { createOnly: true },
    });
    expect(declared.capabilities).toMatchObject({ createOnly: true, compareAndSwap: false });
  });

  test("AWS keeps all of them, and has forms; R2 has none", () => {
    const aws = new S3Backend({ bucket: "photos", ...pair });
    expect(aws.capabilities).toMatchObject({
      createOnly: true,
      compareAndSwap: true,
      conditionalDelete: true,
    });
    expect(aws.capabilities.signedUploads).toEqual(["PUT", "POST"]);
    const onR2 = new S3Backend({ bucket: "photos", ...pair, endpoint: `https://${r2}` });
    expect(onR2.capabilities).toMatchObject({ createOnly: true, compareAndSwap: true });
    expect(onR2.capabilities.signedUploads).toEqual(["PUT"]);
  });
});
