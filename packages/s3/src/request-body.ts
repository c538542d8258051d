import type { Readable } from "node:stream";
import type { Bytes } from "@storage/core";
import { nodeCrypto, nodeZlib } from "./builtins.ts";
import type { S3Service } from "./services.ts";
import { unsignedPayload } from "./signing.ts";

/** What memory does not hold. */
export interface StreamedBody {
  readonly length: number;
  /** In hex. */
  readonly sha256: string;
  /** From its beginning, each time. */
  read(): Readable;
}

type SentBody = Bytes | StreamedBody | undefined;

const isBytes = (body: Bytes | StreamedBody): body is Bytes => body instanceof Uint8Array;

/** For the client's handler. */
export function sentBody(body: SentBody): Bytes | Readable | undefined {
  return body && !isBytes(body) ? body.read() : body;
}

/** Without TLS the bytes are signed too, as the SDK does: nothing else would tell of a flipped bit. */
export function payloadHash(protocol: string, body: SentBody): string | Promise<string> {
  if (protocol === "https:") return unsignedPayload;
  if (body && !isBytes(body)) return body.sha256;
  if (body && body.length > quickBytes) return hashedAside(body);
  return nodeCrypto().hash("sha256", body ?? "");
}

/** Bytes that are hashed in less time than a thread takes to be woken. */
const quickBytes = 256 * 1024;

/** In a thread, so that other parts go on meanwhile. */
async function hashedAside(body: Bytes): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", body)).toString("hex");
}

/**
 * What a service checks the bytes by: a CRC32 where it knows it, else Content-MD5 for what is to be locked,
 * which S3 takes only with one of them ("PutObject" in the S3 API reference).
 */
export function integrityHeaders(
  { checksums }: S3Service,
  headers: Readonly<Record<string, string>>,
  body: SentBody,
): Readonly<Record<string, string>> {
  if (!body || !isBytes(body) || "x-amz-checksum-sha256" in headers) return {};
  if (checksums) return { "x-amz-checksum-crc32": checksumOf(body) };
  const isLocked = Object.keys(headers).some((name) => name.startsWith("x-amz-object-lock-"));
  return isLocked ? { "content-md5": nodeCrypto().createHash("md5").update(body).digest("base64") } : {};
}

/** In base64 of its four bytes ("Checking object integrity" in the S3 user guide). */
function checksumOf(body: Bytes): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(nodeZlib().crc32(body));
  return bytes.toString("base64");
}
