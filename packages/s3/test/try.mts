process.on("unhandledRejection", (e) => console.log("UNHANDLED", e));
import { checkConformance } from "@storage/testing";
import { withBucket } from "./buckets.ts";

const services = { minio: "minio", radosgw: "ceph", versitygw: "versitygw" } as const;
const names = process.argv.slice(2) as ("minio" | "radosgw" | "versitygw")[];
for (const name of names) {
  const t = performance.now();
  const results = await checkConformance({ open: () => withBucket(name, { service: services[name] }), concurrency: 8 });
  const failed = results.filter((r) => r.failure);
  console.log(
    name,
    results.length,
    "skipped",
    results.filter((r) => r.skipped).length,
    "failed",
    failed.length,
    Math.round(performance.now() - t),
    "ms",
  );
  for (const { group, name: it, failure } of failed)
    console.log(
      `  [${group}] ${it}\n      ${String((failure?.error as Error)?.message)
        .slice(0, 300)
        .replaceAll("\n", " ")}`,
    );
}
