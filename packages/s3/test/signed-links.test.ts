// Links of three servers, in the hands of plain `fetch`: what they open, and what becomes of forged ones.
import { createHash } from "node:crypto";
import { PutBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import type { SignedUpload } from "@storage/core";
import { S3Backend } from "@storage/s3";
import { FaultProxy } from "@storage/testing/faults";
import { AssumeRoleProvider } from "minio/dist/esm/AssumeRoleProvider.mjs";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import type { S3ServiceName as ServerName } from "../../../scripts/s3-service.ts";
import { sent, signedIfSupported } from "../../testing/src/signed-uploads.ts";
import { type Bucket, withBucket } from "./buckets.ts";
import { eachOf, legalKeys } from "./samples.ts";

const plain = { fetch: globalThis.fetch };
const taken = (status: number): boolean => status >= 200 && status < 300;
const refused = (status: number): boolean => status >= 400 && status < 500;

async function answered(url: string, init?: RequestInit): Promise<number> {
  const answer = await fetch(url, init);
  await answer.arrayBuffer();
  return answer.status;
}

/** The last character, and the whole, made another. */
const changed = (value: string): string => `${value.slice(0, -1)}${value.at(-1) === "1" ? "2" : "1"}`;

/** The link with each of its parameters changed, left out, or told another time, and with one more. */
function* forged(link: string): Generator<readonly [what: string, url: string]> {
  for (const [name, value] of new URL(link).searchParams) {
    const other = new URL(link);
    other.searchParams.set(name, changed(value));
    yield [`${name} is changed`, other.href];
    const without = new URL(link);
    without.searchParams.delete(name);
    yield [`${name} is left out`, without.href];
  }
  yield ["response-content-type is added", `${link}&response-content-type=text%2Fhtml`];
  yield ["the key is another", link.replace(/([^/?]+)\?/, "other-$1?")];
}

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

const completion = (etags: readonly string[]): string =>
  `<CompleteMultipartUpload>${etags
    .map((etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
    .join("")}</CompleteMultipartUpload>`;

async function partsOf({ parts }: SignedUpload): Promise<NonNullable<SignedUpload["parts"]>> {
  if (parts === undefined) throw new Error("there are no parts");
  return parts;
}

function opens(server: ServerName): void {
  let bucket: Bucket;
  let backend: S3Backend;
  beforeAll(async () => {
    bucket = await withBucket(server);
    backend = bucket.backend;
  });
  afterAll(() => bucket.dispose());

  const textAt = async (key: string): Promise<string> => Buffer.from(await backend.get(key)).toString();

  describe("for every legal key", () => {
    test("a signed GET gives it", async () => {
      await eachOf(legalKeys, async (key) => {
        await backend.put(key, `got ${key}`);
        const answer = await fetch(await backend.getUrl(key));
        expect([answer.status, await answer.text()], key).toEqual([200, `got ${key}`]);
      });
    });

    test("a signed PUT stores it", async () => {
      await eachOf(legalKeys, async (key) => {
        const upload = await backend.getUploadUrl(key, { metadata: { note: "Grüße" } });
        expect(taken(await sent(plain, upload, `put ${key}`)), key).toBe(true);
        expect(await textAt(key), key).toBe(`put ${key}`);
        expect((await backend.getMetadata(key)).metadata, key).toEqual({ note: "Grüße" });
      });
    });

    test("a signed form stores it, or is NotSupported where it would store another", async () => {
      const without: string[] = [];
      await eachOf(legalKeys, async (key) => {
        const upload = await signedIfSupported({ backend }, { method: "POST" }, key);
        if (upload === undefined) return void without.push(key);
        expect(taken(await sent(plain, upload, `posted ${key}`)), key).toBe(true);
        expect(await textAt(key), key).toBe(`posted ${key}`);
      });
      expect(without.filter((key) => key === key.trim())).toEqual([]);
      if (server !== "radosgw") expect(without).toEqual([]);
    });

    test("signed parts store it", async () => {
      await eachOf(legalKeys, async (key) => {
        const body = `parts of ${key}`;
        const size = Buffer.byteLength(body);
        const { urls, completeUrl } = await partsOf(await backend.getUploadUrl(key, { parts: true, size }));
        const part = await fetch(urls[0] ?? "", { method: "PUT", body });
        expect([urls.length, part.status], key).toEqual([1, 200]);
        const end = { method: "POST", body: completion([part.headers.get("etag") ?? ""]) };
        expect(await answered(completeUrl, end), key).toBe(200);
        expect(await textAt(key), key).toBe(body);
      });
    });
  });

  describe("a forged", () => {
    test("GET gives nothing", async () => {
      await backend.put("forged/get", "secret");
      const link = await backend.getUrl("forged/get", {
        download: "a name.txt",
        contentType: "text/plain",
        cacheControl: "no-store",
      });
      for (const [what, url] of forged(link)) expect(refused(await answered(url)), what).toBe(true);
      for (const method of ["PUT", "DELETE"])
        expect(refused(await answered(link, { method })), method).toBe(true);
      expect(await answered(link)).toBe(200);
    });

    test("PUT stores nothing", async () => {
      const key = "forged/put";
      const signed = await backend.getUploadUrl(key, {
        contentType: "text/csv",
        metadata: { author: "ada" },
        size: 4,
        ...(backend.capabilities.createOnly ? { ifNoneMatch: "*" } : {}),
      });
      const isRefused = async (what: string, upload: SignedUpload, body = "four"): Promise<void> => {
        expect([what, refused(await sent(plain, upload, body))]).toEqual([what, true]);
        expect(await backend.listKeys({ prefix: "forged/put" }), what).toEqual([]);
        expect(await backend.listKeys({ prefix: "forged/other" }), what).toEqual([]);
      };
      for (const [what, url] of forged(signed.url)) await isRefused(what, { ...signed, url });
      for (const [name, value] of Object.entries(signed.headers)) {
        const { [name]: _left, ...others } = signed.headers;
        await isRefused(`${name} is left out`, { ...signed, headers: others });
        await isRefused(`${name} is changed`, { ...signed, headers: { ...others, [name]: changed(value) } });
      }
      // Ceph takes headers that nobody signed, the one of a copy aside, whose absence is signed.
      if (server !== "radosgw")
        await isRefused("metadata is added", {
          ...signed,
          headers: { ...signed.headers, "x-amz-meta-evil": "1" },
        });
      for (const body of ["", "thr", "fivef"]) await isRefused(`the body is ${body}`, signed, body);
      expect(taken(await sent(plain, signed, "four"))).toBe(true);
    });

    test("PUT copies no object that its signer may read", async () => {
      await backend.put("forged/secret", "secret");
      const copying = { "x-amz-copy-source": `/${bucket.options.bucket}/forged%2Fsecret` };
      const isRefused = async (url: string, headers: Readonly<Record<string, string>>): Promise<void> => {
        for (const body of ["four", null]) {
          const status = await answered(url, { method: "PUT", headers: { ...headers, ...copying }, body });
          expect(refused(status)).toBe(true);
        }
      };
      const { url, headers } = await backend.getUploadUrl("forged/copy");
      await isRefused(url, headers);
      expect(await backend.exists("forged/copy")).toBe(false);
      const { urls, completeUrl, abortUrl } = await partsOf(
        await backend.getUploadUrl("forged/copy", { parts: true, size: 4 }),
      );
      await isRefused(urls[0] ?? "", {});
      const end = { method: "POST", body: completion([md5("secret")]) };
      expect(refused(await answered(completeUrl, end))).toBe(true);
      expect(await answered(abortUrl, { method: "DELETE" })).toBe(204);
    });

    test("form stores nothing", async () => {
      const signed = await backend.getUploadUrl("forged/post", {
        method: "POST",
        contentType: "text/csv",
        metadata: { author: "ada" },
        minBytes: 2,
        maxBytes: 4,
      });
      const isRefused = async (
        what: string,
        fields: Record<string, string>,
        body = "four",
      ): Promise<void> => {
        const status = await sent(plain, { ...signed, fields }, body);
        expect([what, refused(status)]).toEqual([what, true]);
        expect(await backend.listKeys({ prefix: "forged/post" }), what).toEqual([]);
      };
      const { fields = {} } = signed;
      for (const [name, value] of Object.entries(fields)) {
        const { [name]: _left, ...others } = fields;
        await isRefused(`${name} is left out`, others);
        await isRefused(`${name} is changed`, { ...others, [name]: changed(value) });
      }
      await isRefused("metadata is added", { ...fields, "x-amz-meta-evil": "1" });
      for (const body of ["", "1", "fivef"]) await isRefused(`the body is ${body}`, fields, body);
      expect(taken(await sent(plain, signed, "four"))).toBe(true);
    });

    test("part, end or abort changes nothing", async () => {
      const key = "forged/parts";
      const signed = await partsOf(await backend.getUploadUrl(key, { parts: true, size: 4 }));
      const [url = ""] = signed.urls;
      const part = { method: "PUT", body: "four" };
      for (const [what, link] of forged(url))
        expect([what, refused(await answered(link, part))]).toEqual([what, true]);
      for (const body of ["thr", "fivef"])
        expect(refused(await answered(url, { ...part, body })), body).toBe(true);
      const answer = await fetch(url, part);
      const end = { method: "POST", body: completion([answer.headers.get("etag") ?? ""]) };
      for (const [what, link] of forged(signed.completeUrl)) {
        expect([what, refused(await answered(link, end))]).toEqual([what, true]);
        expect(await backend.exists(key), what).toBe(false);
      }
      for (const [what, link] of forged(signed.abortUrl))
        expect([what, refused(await answered(link, { method: "DELETE" }))]).toEqual([what, true]);
      expect(await answered(signed.completeUrl, end)).toBe(200);
      expect(await textAt(key)).toBe("four");
    });
  });

  describe("what everybody may read", () => {
    const publicLinks = async (): Promise<S3Backend> => {
      const { bucket: name, endpoint } = bucket.options;
      const client = await backend.client();
      const everybody = {
        Effect: "Allow",
        Principal: { AWS: ["*"] },
        Action: ["s3:GetObject"],
        Resource: [`arn:aws:s3:::${name}/*`],
      };
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [everybody] });
      await client.send(new PutBucketPolicyCommand({ Bucket: name, Policy }));
      const open = new S3Backend({ ...bucket.options, publicUrl: `${endpoint}/${name}` });
      onTestFinished(() => open.close());
      return open;
    };

    test("has a link without a signature, for every legal key", async () => {
      const open = await publicLinks();
      // versitygw takes a `*` in a key for a pattern when it looks into its policy, and refuses.
      const keys = server === "versitygw" ? legalKeys.filter((key) => !key.includes("*")) : legalKeys;
      await eachOf(keys, async (key) => {
        const { url } = await open.put(key, `public ${key}`);
        expect(url, key).toBe(await open.getUrl(key));
        expect(new URL(url ?? "").search, key).toBe("");
        const answer = await fetch(url ?? "");
        expect([answer.status, await answer.text()], key).toEqual([200, `public ${key}`]);
      });
    });

    test("has a link with a signature where that says what the answer looks like", async () => {
      const open = await publicLinks();
      await open.put("report.txt", "x");
      const answer = await fetch(await open.getUrl("report.txt", { download: "Größe.txt" }));
      expect(answer.headers.get("content-disposition")).toContain("filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt");
      expect(await answer.text()).toBe("x");
    });
  });

  test("a link costs a look at its object, and none where that need not exist", async () => {
    const proxy = await FaultProxy.start({ target: bucket.options.endpoint ?? "" });
    const counted = new S3Backend({ ...bucket.options, endpoint: proxy.url });
    onTestFinished(async () => {
      await counted.close();
      await proxy.close();
    });
    await backend.put("costs", "x");
    const url = await counted.getUrl("costs", { mustExist: false });
    await counted.getUploadUrl("costs", { contentType: "text/plain", metadata: { a: "b" } });
    await counted.getUploadUrl("costs", { method: "POST", maxBytes: 5 });
    expect(proxy.requests).toEqual([]);
    expect(await (await fetch(url)).text()).toBe("x");
    await counted.getUrl("costs");
    expect(proxy.requests.map(({ method }) => method)).toEqual(["GET", "HEAD"]);
    await counted.getUploadUrl("costs", { parts: true, size: 1 });
    expect(proxy.requests.slice(2).map(({ method, path }) => [method, path.split("?")[1]])).toEqual([
      ["POST", expect.stringContaining("uploads")],
    ]);
  });

  describe("by credentials that expire", () => {
    /** The bucket through a client of one's own, whose credentials live for so many milliseconds. */
    function expiring(life: number): { readonly lent: S3Backend; readonly expiration: Date } {
      const { endpoint = "", region = "", accessKeyId = "", secretAccessKey = "", service } = bucket.options;
      const expiration = new Date(Date.now() + life);
      const credentials = async () => ({ accessKeyId, secretAccessKey, expiration });
      const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
      const lent = new S3Backend({ bucket: bucket.options.bucket, client, service });
      onTestFinished(async () => {
        await lent.close();
        client.destroy();
      });
      return { lent, expiration };
    }
    const secondsOf = (url: string): number => Number(new URL(url).searchParams.get("X-Amz-Expires"));

    test("a link lives no longer than they do", async () => {
      await backend.put("lent", "x");
      const { lent, expiration } = expiring(60_000);
      const link = await lent.getUrl("lent");
      expect(secondsOf(link)).toBeGreaterThan(30);
      expect(secondsOf(link)).toBeLessThanOrEqual(60);
      expect(await answered(link)).toBe(200);
      expect(secondsOf((await lent.put("lent", "y")).url ?? "")).toBeLessThanOrEqual(60);
      expect(secondsOf(await lent.getUrl("lent", { expiresIn: 5 }))).toBe(5);
      for (const options of [{}, { method: "POST" as const }, { parts: true, size: 1 }]) {
        const upload = await lent.getUploadUrl("lent", options);
        expect(upload.expiresAt.getTime()).toBeLessThanOrEqual(expiration.getTime());
        if (upload.parts === undefined) expect(taken(await sent(plain, upload, "z"))).toBe(true);
        else expect(secondsOf(upload.parts.completeUrl)).toBeLessThanOrEqual(60);
      }
    });

    test("there is none once they have", async () => {
      await backend.put("lent", "x");
      const { lent } = expiring(-1000);
      await expect(lent.getUrl("lent", { mustExist: false })).rejects.toMatchObject({
        code: "Unauthenticated",
      });
      await expect(lent.getUploadUrl("lent")).rejects.toMatchObject({ code: "Unauthenticated" });
    });
  });
}

describe.skipIf(!available("minio"))("minio", () => opens("minio"));
describe.skipIf(!available("radosgw"))("radosgw", () => opens("radosgw"));
describe.skipIf(!available("versitygw"))("versitygw", () => opens("versitygw"));

describe.skipIf(!available("minio"))("a link by credentials of a session, on minio", () => {
  let bucket: Bucket;
  let sessionToken: string | undefined;
  let backend: S3Backend;
  beforeAll(async () => {
    bucket = await withBucket("minio");
    const { endpoint = "", accessKeyId = "", secretAccessKey = "" } = bucket.options;
    const role = new AssumeRoleProvider({
      stsEndpoint: endpoint,
      accessKey: accessKeyId,
      secretKey: secretAccessKey,
    });
    const session = await role.getCredentials();
    sessionToken = session.sessionToken;
    backend = new S3Backend({
      ...bucket.options,
      accessKeyId: session.accessKey,
      secretAccessKey: session.secretKey,
      sessionToken,
    });
  });
  afterAll(async () => {
    await backend.close();
    await bucket.dispose();
  });

  test("gives, with its token and not without", async () => {
    await backend.put("key", "x");
    const link = await backend.getUrl("key");
    expect(new URL(link).searchParams.get("X-Amz-Security-Token")).toBe(sessionToken);
    expect(await answered(link)).toBe(200);
    for (const [what, url] of forged(link))
      expect([what, refused(await answered(url))]).toEqual([what, true]);
  });

  test("takes by PUT, by a form and in parts", async () => {
    for (const method of ["PUT", "POST"] as const) {
      const upload = await backend.getUploadUrl("key", { method });
      expect(taken(await sent(plain, upload, method))).toBe(true);
      expect(Buffer.from(await backend.get("key")).toString()).toBe(method);
    }
    const form = await backend.getUploadUrl("key", { method: "POST" });
    const { "x-amz-security-token": _token, ...fields } = form.fields ?? {};
    expect(refused(await sent(plain, { ...form, fields }, "forged"))).toBe(true);
    const { urls, completeUrl } = await partsOf(await backend.getUploadUrl("key", { parts: true, size: 4 }));
    const part = await fetch(urls[0] ?? "", { method: "PUT", body: "four" });
    const end = { method: "POST", body: completion([part.headers.get("etag") ?? ""]) };
    expect(await answered(completeUrl, end)).toBe(200);
    expect(Buffer.from(await backend.get("key")).toString()).toBe("four");
  });
});
