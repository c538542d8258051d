import { manyServices, s3Stores } from "../s3/stores.ts";
import { table } from "./table.ts";

/** The packages of a contender, where it has another name than its package. */
const packages: Readonly<Record<string, string>> = {
  "AWS SDK": "@aws-sdk/client-s3",
  flystorage: "@flystorage/aws-s3",
  "minio-js": "minio",
};

/** Who takes part, and what for: only those who speak to many services are held against ours. */
export function versionTable(versions: Readonly<Record<string, string>>): string {
  const lines = Object.keys(s3Stores).map((name) => [
    name,
    versions[packages[name] ?? name] ?? "",
    manyServices.has(name) ? "many services" : "S3",
  ]);
  return table("Contenders", ["who", "version", "speaks to"], lines);
}
