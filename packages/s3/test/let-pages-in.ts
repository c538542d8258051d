import { PutBucketCorsCommand } from "@aws-sdk/client-s3";
import type { Bucket } from "./buckets.ts";

/** MinIO answers pages of every origin by itself, and has no such setting. */
export async function letPagesIn(
  { backend, options }: Pick<Bucket, "backend" | "options">,
  origin: string,
  exposed: readonly string[] = ["ETag"],
): Promise<void> {
  const rule = {
    AllowedOrigins: [origin],
    AllowedMethods: ["GET", "PUT", "POST", "DELETE"],
    AllowedHeaders: ["*"],
    ExposeHeaders: [...exposed],
  };
  const client = await backend.client();
  const CORSConfiguration = { CORSRules: [rule] };
  await client.send(new PutBucketCorsCommand({ Bucket: options.bucket, CORSConfiguration }));
}
