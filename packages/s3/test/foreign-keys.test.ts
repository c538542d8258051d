import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { withPrefix } from "@storage/core";
import { describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { withBucket } from "./buckets.ts";

/** What AWS takes and our rules refuse; Ceph takes them as well. */
const foreign = ["folder/", "/lead", "a//b", "a\\b", "tab\there", ".storage/x", "x".repeat(300)];

describe.skipIf(!available("radosgw"))("keys that somebody else wrote", () => {
  test("are read, looked at, copied from and deleted where that is asked for, and never written", async () => {
    const { backend, options, dispose } = await withBucket("radosgw", { foreignKeys: "read" });
    const client = await backend.client();
    for (const Key of foreign)
      await client.send(new PutObjectCommand({ Bucket: options.bucket, Key, Body: Key }));
    expect((await backend.listKeys()).sort()).toEqual([...foreign].sort());
    for (const key of foreign) {
      expect(await backend.exists(key)).toBe(true);
      expect((await backend.getMetadata(key)).size).toBe(key.length);
      expect(new TextDecoder().decode(await backend.get(key))).toBe(key);
      expect(await (await backend.open(key)).text()).toBe(key);
      await backend.copy(key, "copy");
      expect(new TextDecoder().decode(await backend.get("copy"))).toBe(key);
      await expect(backend.put(key, "x")).rejects.toMatchObject({ code: "InvalidKey" });
      await expect(backend.copy("copy", key)).rejects.toMatchObject({ code: "InvalidKey" });
      await expect(backend.move(key, "copy")).rejects.toMatchObject({ code: "InvalidKey" });
      await expect(backend.getUrl(key)).rejects.toMatchObject({ code: "InvalidKey" });
      await expect(withPrefix(backend, "p/").get(key)).rejects.toMatchObject({ code: "InvalidKey" });
    }
    expect(await backend.delete("folder/")).toBe(true);
    expect(await backend.delete("folder/")).toBe(false);
    expect((await backend.deleteMany([...foreign, "copy"])).failed).toEqual([]);
    expect(await backend.listKeys()).toEqual([]);
    for (const key of ["", "x".repeat(1025), "\ud800"])
      await expect(backend.get(key)).rejects.toMatchObject({ code: "InvalidKey" });
    await dispose();
  });

  test("are refused by default, and listed as they are", async () => {
    const { backend, options, dispose } = await withBucket("radosgw");
    const client = await backend.client();
    await client.send(new PutObjectCommand({ Bucket: options.bucket, Key: "folder/", Body: "x" }));
    expect(await backend.listKeys()).toEqual(["folder/"]);
    await expect(backend.get("folder/")).rejects.toMatchObject({ code: "InvalidKey" });
    await client.send(new DeleteObjectCommand({ Bucket: options.bucket, Key: "folder/" }));
    await dispose();
  });
});
