import { type Runner, runConformance } from "@storage/testing";
import { describe, test } from "vitest";
import type { S3ServiceName as ServerName } from "../../../../scripts/s3-service.ts";
import { withBucket } from "../buckets.ts";
import { serverFaults } from "../server-faults.ts";

/** Each case has a bucket of its own, so that several run at once. */
export function conforms(server: ServerName): void {
  const runner: Runner = {
    describe: describe.concurrent,
    test: (name, body) => {
      const fault = serverFaults[server][name];
      test(name, (context) => (fault === undefined ? body(context) : context.skip(fault)));
    },
  };
  runConformance(runner, { open: () => withBucket(server) });
}
