import { S3Backend, type S3Features } from "@storage/s3";
import { describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import type { S3ServiceName as ServerName } from "../../../scripts/s3-service.ts";
import { withBucket } from "./buckets.ts";

const nothing: S3Features = {
  createOnly: false,
  compareAndSwap: false,
  conditionalParts: false,
  conditionalDelete: false,
  copyIfMatch: false,
  copyCreateOnly: false,
  batchDelete: true,
  uploadForms: true,
  uploadChecksums: false,
  underscores: true,
  keyAndPrefix: "kept",
};

const found: Readonly<Record<ServerName, S3Features>> = {
  minio: {
    ...nothing,
    createOnly: true,
    compareAndSwap: true,
    conditionalParts: true,
    copyIfMatch: true,
    uploadChecksums: true,
    keyAndPrefix: "hidden",
  },
  radosgw: { ...nothing, createOnly: true, compareAndSwap: true, underscores: false },
  versitygw: { ...nothing, copyIfMatch: true, uploadChecksums: true, keyAndPrefix: "refused" },
};

function probes(server: ServerName): void {
  test("finds out what it can do, and leaves nothing behind", async () => {
    const { options, backend, dispose } = await withBucket(server, { service: undefined });
    const features = await backend.probe();
    expect(features).toEqual(found[server]);
    expect(await backend.listKeys()).toEqual([]);
    expect(await backend.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
    const asFound = new S3Backend({ ...options, features });
    const { backend: asNamed, dispose: disposeOther } = await withBucket(server);
    expect(asFound.capabilities).toEqual(asNamed.capabilities);
    await dispose();
    await disposeOther();
  });
}

describe.skipIf(!available("minio"))("probe of MinIO", () => probes("minio"));
describe.skipIf(!available("radosgw"))("probe of radosgw", () => probes("radosgw"));
describe.skipIf(!available("versitygw"))("probe of versitygw", () => probes("versitygw"));
