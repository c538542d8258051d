import { type Runner, runConformance } from "@storage/testing";
import { describe, test } from "vitest";
import type { S3ServiceName as ServerName } from "../../../../scripts/s3-service.ts";
import { withBucket } from "../buckets.ts";

/** Cases that a server fails by itself, from time to time, and what it does there (docs/providers.md). */
const faults: Readonly<Record<ServerName, Readonly<Record<string, string>>>> = {
  minio: {},
  radosgw: {},
  versitygw: {
    "metadata that is looked at is of one write":
      "attributes lie beside the bytes, in extended attributes that are written one by one",
  },
};

/** Each case has a bucket of its own, so that several run at once. */
export function conforms(server: ServerName): void {
  const runner: Runner = {
    describe: describe.concurrent,
    test: (name, body) => {
      const fault = faults[server][name];
      test(name, (context) => (fault === undefined ? body(context) : context.skip(fault)));
    },
  };
  runConformance(runner, { open: () => withBucket(server) });
}
