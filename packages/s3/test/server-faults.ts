import type { S3ServiceName as ServerName } from "../../../scripts/s3-service.ts";

/** Cases that a server fails by itself, from time to time, and what it does there (docs/providers.md). */
export const serverFaults: Readonly<Record<ServerName, Readonly<Record<string, string>>>> = {
  minio: {},
  radosgw: {},
  versitygw: {
    "metadata that is looked at is of one write":
      "attributes lie beside the bytes, in extended attributes that are written one by one",
  },
};
