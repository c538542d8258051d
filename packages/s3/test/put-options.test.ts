import { Agent, createServer } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import {
  CreateBucketCommand,
  GetObjectRetentionCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
} from "@aws-sdk/client-s3";
import { S3Backend } from "@storage/s3";
import { FaultProxy } from "@storage/testing/faults";
import { describe, expect, test, vi } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { s3Service } from "../../../scripts/s3-service.ts";
import { withBucket } from "./buckets.ts";

describe.skipIf(!available("minio"))("options of S3's own", () => {
  test("tags and storage class are the object's, put at once or in parts", async () => {
    const { backend, options, dispose } = await withBucket("minio", { partSize: 5 * 2 ** 20 });
    const client = await backend.client();
    const s3 = {
      tagging: { team: "a b", "cost-center": "x+y=z" },
      storageClass: "REDUCED_REDUNDANCY",
    } as const;
    await backend.put("small", "x", { s3 });
    await backend.put("large", new Blob([new Uint8Array(11 * 2 ** 20)]).stream(), { s3 });
    for (const Key of ["small", "large"]) {
      const found = { Bucket: options.bucket, Key };
      const { TagSet = [] } = await client.send(new GetObjectTaggingCommand(found));
      expect(Object.fromEntries(TagSet.map(({ Key = "", Value }) => [Key, Value]))).toEqual(s3.tagging);
      expect((await client.send(new HeadObjectCommand(found))).StorageClass).toBe("REDUCED_REDUNDANCY");
    }
    await backend.close();
    await dispose();
  });

  test("an object is locked until its time", async () => {
    const place = s3Service("minio");
    const bucket = `test-${crypto.randomUUID()}`;
    const backend = new S3Backend({ ...place, bucket, service: "minio" });
    const client = await backend.client();
    await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
    const objectLockRetainUntil = new Date(Date.now() + 60_000);
    await backend.put("key", "x", { s3: { objectLockMode: "GOVERNANCE", objectLockRetainUntil } });
    const { Retention } = await client.send(new GetObjectRetentionCommand({ Bucket: bucket, Key: "key" }));
    expect(Retention?.Mode).toBe("GOVERNANCE");
    expect(
      Math.abs((Retention?.RetainUntilDate?.getTime() ?? 0) - objectLockRetainUntil.getTime()),
    ).toBeLessThan(1000);
    await backend.close();
  });

  test("nothing of it is sent unless asked for, and the one who pays is told where that is wanted", async () => {
    await using proxy = await FaultProxy.start({ target: s3Service("minio").endpoint });
    const { backend, dispose } = await withBucket("minio", { endpoint: proxy.url, requesterPays: true });
    await backend.put("key", "x");
    await backend.getMetadata("key");
    await backend.listKeys();
    const [put] = proxy.requests.filter(({ method }) => method === "PUT");
    const sent = Object.keys(put?.headers ?? {}).filter((name) => name.startsWith("x-amz-"));
    expect(sent.sort()).toEqual(["x-amz-content-sha256", "x-amz-date", "x-amz-request-payer"]);
    expect(proxy.requests.map(({ headers }) => headers["x-amz-request-payer"])).not.toContain(undefined);
    await backend.close();
    await dispose();
  });

  test.each([
    [{ storageclass: "STANDARD" }],
    [{ storageClass: "" }],
    [{ tagging: { a: 1 } }],
    [{ tagging: null }],
    [{ objectLockMode: "GOVERNANCE" }],
    [{ objectLockMode: "FOREVER", objectLockRetainUntil: new Date() }],
    [{ objectLockRetainUntil: "tomorrow", objectLockMode: "GOVERNANCE" }],
    [{ objectLockLegalHold: "ON" }],
  ])("%j is refused before anything is sent", async (s3) => {
    const backend = new S3Backend({
      bucket: "photos",
      service: "minio",
      endpoint: "http://127.0.0.1:1",
      accessKeyId: "a",
      secretAccessKey: "b",
    });
    await expect(backend.put("key", "x", { s3: s3 as object })).rejects.toMatchObject({
      code: "InvalidArgument",
    });
    let taken = 0;
    const stream = (async function* () {
      taken++;
      yield new Uint8Array(1);
    })();
    await expect(backend.put("key", stream, { s3: s3 as object })).rejects.toMatchObject({
      code: "InvalidArgument",
    });
    expect(taken).toBe(0);
  });
});

/** Says whom it is asked to connect to, and does not. */
class Recording extends HttpsAgent {
  readonly hosts: unknown[] = [];
  override createConnection(options: object): never {
    this.hosts.push(Reflect.get(options, "host"));
    throw Object.assign(new Error("not connected"), { code: "ECONNREFUSED" });
  }
}

describe("the way to the service", () => {
  test("is the same for all requests, whatever the environment says of endpoints", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    vi.stubEnv("AWS_USE_FIPS_ENDPOINT", "true");
    try {
      const agent = new Recording();
      const pair = { accessKeyId: "a", secretAccessKey: "b" };
      const backend = new S3Backend({ bucket: "photos", ...pair, agent, maxAttempts: 1 });
      for (const call of [
        backend.get("k"),
        backend.copy("k", "l"),
        backend.deleteMany(["k"]),
        backend.sweep(),
      ])
        await call.catch(() => undefined);
      expect(new Set(agent.hosts)).toEqual(new Set(["photos.s3.us-east-1.amazonaws.com"]));
      expect(agent.hosts.length).toBeGreaterThan(3);
      await backend.close();
      await expect(backend.client()).rejects.toMatchObject({ code: "Closed" });
      await expect(backend.probe()).rejects.toMatchObject({ code: "Closed" });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("a link says who pays, too", async () => {
    const pair = { accessKeyId: "a", secretAccessKey: "b" };
    const backend = new S3Backend({ bucket: "photos", ...pair, requesterPays: true });
    const links = [await backend.getUrl("k", { mustExist: false }), (await backend.getUploadUrl("k")).url];
    for (const link of links) expect(new URL(link).searchParams.get("x-amz-request-payer")).toBe("requester");
    const { fields } = await backend.getUploadUrl("k", { method: "POST" });
    expect(fields?.["x-amz-request-payer"]).toBe("requester");
  });

  test("a form cannot say what S3 puts the file's name in place of", async () => {
    const backend = new S3Backend({ bucket: "photos", accessKeyId: "a", secretAccessKey: "b" });
    const key = `a/$${"{filename}"}.txt`;
    await expect(backend.getUploadUrl(key, { method: "POST" })).rejects.toMatchObject({
      code: "NotSupported",
    });
    expect((await backend.getUploadUrl(key)).method).toBe("PUT");
  });

  test("connections are made by the agent that is given", async () => {
    const server = createServer((_, answer) => answer.writeHead(404).end()).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    let made = 0;
    class Counting extends Agent {
      override createConnection(
        ...parameters: Parameters<Agent["createConnection"]>
      ): ReturnType<Agent["createConnection"]> {
        made++;
        return super.createConnection(...parameters);
      }
    }
    const pair = { accessKeyId: "a", secretAccessKey: "b" };
    const endpoint = `http://127.0.0.1:${port}`;
    const backend = new S3Backend({ bucket: "photos", endpoint, ...pair, agent: new Counting() });
    await expect(backend.exists("key")).rejects.toMatchObject({ code: "BucketNotFound" });
    expect(made).toBeGreaterThan(0);
    await backend.close();
    server.close();
  });
});
