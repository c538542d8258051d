import type { StorageBackend } from "@storage/core";
import type { Picked } from "./picked.ts";

/** By the names that `S3Backend` has for services. */
const serviceTitles: Readonly<Record<string, string>> = {
  aws: "AWS S3",
  r2: "Cloudflare R2",
  b2: "Backblaze B2",
  spaces: "DigitalOcean Spaces",
  wasabi: "Wasabi",
  scaleway: "Scaleway",
  minio: "MinIO",
  ceph: "Ceph",
};

/** One line for a log: of the options it shows only what is no secret. */
export function announcement({ reason }: Picked, backend: StorageBackend, options: object): string {
  const facts = [
    titleOf(textIn(backend, "service"), textIn(options, "endpoint")),
    named("bucket", textIn(options, "bucket")),
    named("cloud", textIn(options, "cloudName")),
  ].filter((fact) => fact !== undefined);
  const subject = facts.length === 0 ? backend.name : `${backend.name} (${facts.join(", ")})`;
  return `storage: ${subject} since ${reason}`;
}

/** A service that is not known by its host is told by that. */
function titleOf(service: string | undefined, endpoint: string | undefined): string | undefined {
  if (service !== "unknown") return service && (serviceTitles[service] ?? service);
  return endpoint && URL.canParse(endpoint) ? new URL(endpoint).host : undefined;
}

function named(word: string, name: string | undefined): string | undefined {
  return name && `${word} ${JSON.stringify(name)}`;
}

function textIn(fields: object, name: string): string | undefined {
  const value: unknown = Reflect.get(fields, name);
  return typeof value === "string" ? value : undefined;
}
