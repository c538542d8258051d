import { describe, expect, it } from "vitest";
import { codeOf, oddChunks, shapedBucket, twoParts } from "./shaped-bucket.ts";

describe("ShapeServer", () => {
  it("keeps objects, parts and listings as S3 does", async () => {
    const { server, open } = await shapedBucket("aws");
    const backend = open();
    await backend.put("a key/é&<.txt", "text", { metadata: { greeting: "grüezi" } });
    await backend.put("large", oddChunks(twoParts));
    expect(await backend.listKeys()).toEqual(["a key/é&<.txt", "large"]);
    expect((await backend.getMetadata("a key/é&<.txt")).metadata).toEqual({ greeting: "grüezi" });
    expect((await backend.get("large", { range: { suffix: 7 } })).length).toBe(7);
    expect((await backend.get("large")).length).toBe(twoParts);
    await backend.copy("large", "copied");
    expect(await backend.deleteMany(["a key/é&<.txt", "large", "copied"])).toMatchObject({ failed: [] });
    expect(await backend.listKeys()).toEqual([]);
    expect(server.store.uploads.size).toBe(0);
  });

  it("refuses what is unsigned, signed by others, or altered on its way", async () => {
    const { server, open } = await shapedBucket("aws");
    const backend = open();
    const unsigned = await fetch((await backend.getUrl("key", { mustExist: false })).split("?")[0] ?? "");
    expect(unsigned.status).toBe(403);
    await expect(open({ secretAccessKey: "another" }).put("key", "x")).rejects.toMatchObject({
      code: "Unauthenticated",
    });
    await expect(open({ accessKeyId: "another" }).put("key", "x")).rejects.toMatchObject({
      code: "Unauthenticated",
    });
    const { url } = await backend.getUploadUrl("key");
    expect((await fetch(`${url}&versionId=1`, { method: "PUT", body: "x" })).status).toBe(403);
    expect(server.store.objects.size).toBe(0);
  });

  it("answers 501 to what it does not know", async () => {
    const { open } = await shapedBucket("aws");
    const client = await open().client();
    const { GetObjectAclCommand } = await import("@aws-sdk/client-s3");
    const asked = client.send(new GetObjectAclCommand({ Bucket: "shapes", Key: "key" }));
    expect(await codeOf(asked)).toBe("NotImplemented");
  });
});
