import { hash } from "node:crypto";
import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import type { Bytes } from "@storage/core";
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
  return hash("sha256", body ?? "");
}

/** Bytes that are hashed in less time than a thread takes to be woken. */
const quickBytes = 256 * 1024;

/** In a thread, so that other parts go on meanwhile. */
async function hashedAside(body: Bytes): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", body)).toString("hex");
}

/** In base64 of its four bytes ("Checking object integrity" in the S3 user guide). */
export function checksumOf(body: SentBody): string | undefined {
  if (!body || !isBytes(body)) return undefined;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString("base64");
}
