import type { S3Service } from "./services.ts";
import type { Signable } from "./signing.ts";

const header = "x-amz-copy-source";

/**
 * With this header a PUT stores a copy of whatever its signer may read, instead of its body. AWS refuses
 * headers that a link does not sign; MinIO and Ceph take them, so a link there signs that it is not sent.
 */
export function withoutCopySource({ signsAbsence }: S3Service, request: Signable): Signable {
  if (request.method !== "PUT" || signsAbsence === undefined) return request;
  if (signsAbsence === "named") return { ...request, absent: [header] };
  const { query, headers } = request;
  return { ...request, query: { ...query, [header]: "" }, headers: { ...headers, [header]: "" } };
}
