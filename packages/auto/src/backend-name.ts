import { ConfigurationError, nearest } from "@storage/core";

export type BackendName = "local" | "s3" | "gcs" | "cloudinary" | "memory";

export const backendNames: readonly BackendName[] = ["local", "s3", "gcs", "cloudinary", "memory"];

/**
 * A name as somebody gives it; `from` says where.
 *
 * @throws ConfigurationError for a name of none, with the nearest one.
 */
export function backendNamed(given: string, from: string): BackendName {
  const found = backendNames.find((name) => name === given);
  if (found !== undefined) return found;
  const similar = nearest(given, backendNames);
  const advice = similar ? `did you mean ${similar}?` : `known are ${backendNames.join(", ")}`;
  throw new ConfigurationError(`${from} names no backend with ${JSON.stringify(given)}: ${advice}`);
}
