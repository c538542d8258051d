import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { S3Backend } from "@storage/s3";
import { describe, expect, onTestFinished, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import type { S3ServiceName as ServerName } from "../../../../scripts/s3-service.ts";
import { brokenBucket } from "./broken-bucket.ts";
import { startChild } from "./run-child.ts";

/** The key and the number of parts of each upload that has begun and not ended. */
async function uploadsOf(backend: S3Backend, Bucket: string): Promise<{ key: string; parts: number }[]> {
  const { ListMultipartUploadsCommand, ListPartsCommand } = await import("@aws-sdk/client-s3");
  const client = await backend.client();
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  return await Promise.all(
    Uploads.map(async ({ Key = "", UploadId }) => {
      const { Parts = [] } = await client.send(new ListPartsCommand({ Bucket, Key, UploadId }));
      return { key: Key, parts: Parts.length };
    }),
  );
}

function survivesKills(server: ServerName): void {
  test("sweep removes what a process left that was killed in mid-upload", async () => {
    const { direct, options } = await brokenBucket(server);
    const child = startChild("upload-and-wait.ts", JSON.stringify(options));
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = once(child, "exit");
    const hasParts = async (): Promise<boolean> =>
      (await uploadsOf(direct, options.bucket)).some(({ parts }) => parts >= 2);
    while (!(await hasParts())) {
      if (child.exitCode !== null) throw new Error("the child ended by itself");
      await delay(50);
    }
    child.kill("SIGKILL");
    await ended;
    expect(await direct.listKeys()).toEqual([]);
    expect(await direct.exists("folder/key")).toBe(false);
    expect(await direct.sweep()).toEqual({ removed: 0 });
    expect(await uploadsOf(direct, options.bucket)).toMatchObject([{ key: "folder/key" }]);
    expect(await direct.sweep({ olderThan: 0 })).toEqual({ removed: 1 });
    expect(await uploadsOf(direct, options.bucket)).toEqual([]);
    expect(await direct.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
  });
}

describe.skipIf(!available("minio"))("a killed process, minio", () => survivesKills("minio"));
describe.skipIf(!available("radosgw"))("a killed process, radosgw", () => survivesKills("radosgw"));
describe.skipIf(!available("versitygw"))("a killed process, versitygw", () => survivesKills("versitygw"));
