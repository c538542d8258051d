// What MinIO's own client for JavaScript, which is none of the SDK's family, and ours make of one bucket.
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { Client, type ClientOptions } from "minio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import type { S3ServiceName as ServerName } from "../../../scripts/s3-service.ts";
import { type Bucket, withBucket } from "./buckets.ts";
import { eachOf, legalKeys } from "./samples.ts";

const mebibyte = 2 ** 20;

/** Where a server does something to a bucket that both clients see. */
interface Peculiarities {
  /** Ceph keeps no underscore in a name: ours stores two dots instead, which is what others see of it. */
  readonly underscore: "_" | "..";
  /** versitygw encodes no names in a listing, and minio-js decodes them all the same: `%` makes it throw. */
  readonly listsAnyKey: boolean;
}

function clientFor({ options }: Bucket, more: Partial<ClientOptions> = {}): Client {
  const { endpoint = "", accessKeyId = "", secretAccessKey = "", region = "" } = options;
  const { hostname, port, protocol } = new URL(endpoint);
  return new Client({
    endPoint: hostname,
    port: Number(port),
    useSSL: protocol === "https:",
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
    region,
    pathStyle: true,
    ...more,
  });
}

function agrees(server: ServerName, { underscore, listsAnyKey }: Peculiarities): void {
  let ours: Bucket["backend"];
  let theirs: Client;
  let bucket: Bucket;
  let name: string;
  beforeAll(async () => {
    bucket = await withBucket(server);
    ours = bucket.backend;
    name = bucket.options.bucket;
    theirs = clientFor(bucket);
  });
  afterAll(() => bucket.dispose());

  async function theirBytes(key: string): Promise<Buffer> {
    const body = await theirs.getObject(name, key);
    return Buffer.concat(await body.toArray());
  }

  async function theirKeys(prefix: string): Promise<string[]> {
    const found: string[] = [];
    for await (const entry of theirs.listObjectsV2(name, prefix, true)) found.push(entry.name);
    return found;
  }

  describe("every legal key", () => {
    test("of ours is read, looked at and listed by theirs", async () => {
      await eachOf(legalKeys, async (key) => {
        await ours.put(`ours/${key}`, `of ${key}`);
        expect((await theirBytes(`ours/${key}`)).toString(), key).toBe(`of ${key}`);
        const { size, etag } = await theirs.statObject(name, `ours/${key}`);
        const found = await ours.getMetadata(`ours/${key}`);
        expect([size, etag], key).toEqual([found.size, found.etag]);
      });
      if (listsAnyKey) expect(await theirKeys("ours/")).toEqual(await ours.listKeys({ prefix: "ours/" }));
    });

    test("of theirs is read, looked at, listed and deleted by ours", async () => {
      await eachOf(legalKeys, async (key) => {
        const { etag } = await theirs.putObject(name, `theirs/${key}`, `of ${key}`);
        expect(Buffer.from(await ours.get(`theirs/${key}`)).toString(), key).toBe(`of ${key}`);
        expect((await ours.getMetadata(`theirs/${key}`)).etag, key).toBe(etag);
      });
      const listed = await ours.listKeys({ prefix: "theirs/" });
      expect(listed.toSorted()).toEqual(legalKeys.map((key) => `theirs/${key}`).toSorted());
      expect((await ours.deleteMany(listed)).failed).toEqual([]);
      if (listsAnyKey) expect(await theirKeys("theirs/")).toEqual([]);
    });

    test("at the top of the bucket, too, stands for one object, whoever writes it", async () => {
      await eachOf(legalKeys, async (key) => {
        await ours.put(key, "ours");
        await theirs.putObject(name, key, "theirs");
        expect(Buffer.from(await ours.get(key)).toString(), key).toBe("theirs");
        await theirs.removeObject(name, key);
        expect(await ours.exists(key), key).toBe(false);
      });
    });
  });

  describe("a body in parts", () => {
    const body = randomBytes(17 * mebibyte);
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < body.length; at += mebibyte) yield body.subarray(at, at + mebibyte);
    };

    test("of ours is read by theirs", async () => {
      await ours.put("large/ours", chunks());
      expect(body.equals(await theirBytes("large/ours"))).toBe(true);
    });

    test("of theirs is read by ours", async () => {
      const inParts = clientFor(bucket, { partSize: 5 * mebibyte });
      await inParts.putObject(name, "large/theirs", Readable.from(chunks()), body.length);
      expect((await ours.getMetadata("large/theirs")).etag).toMatch(/-4$/);
      expect(body.equals(await ours.get("large/theirs"))).toBe(true);
    });
  });

  const headers = {
    contentType: "text/csv; charset=utf-8",
    cacheControl: "private, max-age=60",
    contentDisposition: `attachment; filename="a.txt"; filename*=UTF-8''%C3%BC.txt`,
    contentEncoding: "gzip",
  };
  const theirHeaders = {
    "content-type": headers.contentType,
    "cache-control": headers.cacheControl,
    "content-disposition": headers.contentDisposition,
    "content-encoding": headers.contentEncoding,
  };

  describe("type, cache control, disposition and encoding", () => {
    test("of ours are told by theirs", async () => {
      await ours.put("headers/ours", "x", headers);
      expect((await theirs.statObject(name, "headers/ours")).metaData).toMatchObject(theirHeaders);
    });

    test("of theirs are told by ours", async () => {
      await theirs.putObject(name, "headers/theirs", "x", 1, theirHeaders);
      expect(await ours.getMetadata("headers/theirs")).toMatchObject({ ...headers, metadata: {} });
    });
  });

  describe("metadata", () => {
    /** As theirs tells it: what is no plain ASCII is an encoded word of RFC 2047. */
    const pairs: readonly (readonly [what: string, value: string, stored: string])[] = [
      ["of ASCII", `~!@#$%^&*()[]{}="'<>,;:?/|\\%20+`, `~!@#$%^&*()[]{}="'<>,;:?/|\\%20+`],
      ["of nothing", "", ""],
      ["of Unicode", "Grüße 日本 💀", "=?UTF-8?B?R3LDvMOfZSDml6XmnKwg8J+SgA==?="],
      ["with blanks at its ends", " lead and tail ", "=?UTF-8?B?IGxlYWQgYW5kIHRhaWwg?="],
      ["that looks encoded", "=?UTF-8?B?w7w=?=", "=?UTF-8?B?PT9VVEYtOD9CP3c3dz0/PQ==?="],
    ];
    const told = async (key: string): Promise<Record<string, string>> =>
      (await ours.getMetadata(key)).metadata;

    test.each(pairs)("%s of ours is told by theirs", async (_what, value, stored) => {
      await ours.put("metadata/ours", "x", { metadata: { note: value } });
      expect((await theirs.statObject(name, "metadata/ours")).metaData).toMatchObject({ note: stored });
      expect(await told("metadata/ours")).toEqual({ note: value });
    });

    test.each(pairs)("%s that theirs copies from ours stays what it is", async (_what, value, stored) => {
      await theirs.putObject(name, "metadata/theirs", "x", 1, { note: stored });
      expect(await told("metadata/theirs")).toEqual({ note: value });
    });

    test.each([
      ["an encoded word of another form", "=?UTF-8?Q?=C3=BC?="],
      ["half of an encoded word", "=?UTF-8?B?w7w="],
      ["no base64 in an encoded word", "=?UTF-8?B?w7?="],
      ["percent signs", "100%20%"],
      ["JSON", '{"a":[1,"b"]}'],
    ])("of theirs with %s is told as it is", async (_what, value) => {
      await theirs.putObject(name, "metadata/raw", "x", 1, { note: value });
      expect(await told("metadata/raw")).toEqual({ note: value });
    });

    test("that theirs does not encode by itself is refused before it could be mangled", async () => {
      // minio-js signs what it is given, and HTTP drops outer blanks; letters beyond Latin-1 are no header to Node.
      for (const value of [" lead", "tail ", "Grüße", "日本"]) {
        await expect(theirs.putObject(name, "metadata/refused", "x", 1, { note: value })).rejects.toThrow();
        expect(await ours.exists("metadata/refused")).toBe(false);
      }
    });

    test("may have names with - and _", async () => {
      await ours.put("names/ours", "x", { metadata: { "a_b-c": "1", _: "2", "__-": "3" } });
      const { metaData } = await theirs.statObject(name, "names/ours");
      const seen = ["a_b-c", "_", "__-"].map((known) => metaData[known.replaceAll("_", underscore)]);
      expect(seen).toEqual(["1", "2", "3"]);
    });

    test("of theirs may have names in any case, with - and, where the service keeps it, _", async () => {
      await theirs.putObject(name, "names/theirs", "x", 1, { "Some-Name": "1", "a_b-c": "2" });
      const kept = underscore === "_" ? "a_b-c" : "a-b-c";
      expect(await told("names/theirs")).toEqual({ "some-name": "1", [kept]: "2" });
    });

    test("of theirs with two dots in its name is told so, save where ours means an underscore by them", async () => {
      await theirs.putObject(name, "names/dots", "x", 1, { "a..b": "1", "a.b": "2" });
      const dots = underscore === ".." ? "a_b" : "a..b";
      expect(await told("names/dots")).toEqual({ [dots]: "1", "a.b": "2" });
    });

    test("survives a copy by ours of what theirs wrote, and the reverse", async () => {
      await theirs.putObject(name, "copies/a", "x", 1, { ...theirHeaders, note: "kept" });
      await ours.copy("copies/a", "copies/b");
      expect((await theirs.statObject(name, "copies/b")).metaData).toMatchObject({
        ...theirHeaders,
        note: "kept",
      });
      await theirs.copyObject(name, "copies/c", `/${name}/copies/b`);
      expect(await ours.getMetadata("copies/c")).toMatchObject({ ...headers, metadata: { note: "kept" } });
    });
  });
}

describe.skipIf(!available("minio"))("minio", () => agrees("minio", { underscore: "_", listsAnyKey: true }));
describe.skipIf(!available("radosgw"))("radosgw", () =>
  agrees("radosgw", { underscore: "..", listsAnyKey: true }),
);
describe.skipIf(!available("versitygw"))("versitygw", () =>
  agrees("versitygw", { underscore: "_", listsAnyKey: false }),
);
