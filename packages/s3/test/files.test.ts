import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Progress } from "@storage/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { type Bucket, withBucket } from "./buckets.ts";

const large = crypto.getRandomValues(new Uint8Array(65_536));
/** Of more than two parts. */
const bytes = new Uint8Array(Buffer.concat(Array.from({ length: 180 }, () => large)));

describe.skipIf(!available("minio"))("files", () => {
  let bucket: Bucket;
  let folder: string;
  beforeAll(async () => {
    bucket = await withBucket("minio", { partSize: 5 * 2 ** 20 });
    folder = await mkdtemp(join(tmpdir(), "storage-s3-"));
  });
  afterAll(async () => {
    await bucket.backend.close();
    await bucket.dispose();
    await rm(folder, { recursive: true });
  });

  test.each([
    ["small.txt", bytes.subarray(0, 1000)],
    ["large.bin", bytes],
    ["empty.bin", bytes.subarray(0, 0)],
  ])("%s goes up and comes down again, with progress", async (name, content) => {
    const { backend } = bucket;
    await writeFile(join(folder, name), content);
    const sent: Progress[] = [];
    const put = await backend.uploadFrom(name, join(folder, name), {
      metadata: { from: "disk" },
      onProgress: (progress) => sent.push(progress),
    });
    expect([put.size, sent.at(-1)]).toEqual([
      content.length,
      { loaded: content.length, total: content.length },
    ]);
    const received: Progress[] = [];
    const target = join(folder, `again-${name}`);
    const found = await backend.downloadTo(name, target, {
      onProgress: (progress) => received.push(progress),
    });
    expect(Buffer.compare(await readFile(target), content)).toBe(0);
    expect(found).toMatchObject({ key: name, size: content.length, metadata: { from: "disk" } });
    expect(received.at(-1)?.loaded).toBe(content.length);
  });

  test("a file that is not there, and one that cannot be written, are typed errors without their path", async () => {
    const { backend } = bucket;
    const gone = await backend.uploadFrom("key", join(folder, "gone")).catch((error: unknown) => error);
    expect(gone).toMatchObject({ code: "SourceFailed" });
    expect(JSON.stringify(gone)).not.toContain(folder);
    expect(await backend.exists("key")).toBe(false);
    await backend.put("key", "x");
    const unwritable = await backend
      .downloadTo("key", join(folder, "none/file"))
      .catch((error: unknown) => error);
    expect(unwritable).toMatchObject({ code: "InvalidArgument" });
    expect(JSON.stringify(unwritable)).not.toContain(folder);
  });

  test("a download that fails leaves the old file, and nothing beside it", async () => {
    const { backend } = bucket;
    const place = await mkdtemp(join(folder, "place-"));
    const target = join(place, "file");
    await writeFile(target, "old");
    await chmod(target, 0o600);
    await expect(backend.downloadTo("missing", target)).rejects.toMatchObject({ code: "FileNotFound" });
    await backend.put("key", bytes);
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const aborted = backend.downloadTo("key", target, { signal: controller.signal, onProgress });
    await expect(aborted).rejects.toMatchObject({ code: "Aborted" });
    expect([await readdir(place), await readFile(target, "utf8")]).toEqual([["file"], "old"]);
  });
});
