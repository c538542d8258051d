import { S3Client } from "@aws-sdk/client-s3";
import type { Bucket } from "../store.ts";

/** The SDK's client at its best: as many kept sockets as are asked for, no checksum beside the signed one, and each command's middleware resolved once. */
export function bestClient({ endpoint, region, accessKeyId, secretAccessKey }: Bucket): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    cacheMiddleware: true,
    requestHandler: { httpAgent: { keepAlive: true, maxSockets: 256 } },
  });
}
