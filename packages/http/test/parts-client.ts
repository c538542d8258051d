import type { SignedParts, StorageBackend, UploadUrlOptions } from "@storage/core";
import { pattern } from "./site.ts";

export const mebibyte: number = 2 ** 20;
/** Of every part but the last. */
export const partSize: number = 8 * mebibyte;

/** Of this size, each like no other. */
export function bodyOf(size: number): Uint8Array<ArrayBuffer> {
  const piece = pattern(Math.min(size, 251 * 256));
  const body = new Uint8Array(size);
  for (let offset = 0, turn = 0; offset < size; offset += piece.length, turn++) {
    body.set(piece.subarray(0, size - offset), offset);
    body[offset] = turn;
  }
  return body;
}

/** Of a new upload. */
export async function partsOf(
  backend: StorageBackend,
  options: UploadUrlOptions & { size: number },
  key: string,
): Promise<SignedParts> {
  const { parts } = await backend.getUploadUrl(key, { parts: true, ...options });
  if (parts === undefined) throw new Error("there are no parts");
  return parts;
}

/** The piece of a body that belongs to a part, counted from 1. */
export function pieceOf(body: Uint8Array<ArrayBuffer>, part: number): Uint8Array<ArrayBuffer> {
  return body.subarray((part - 1) * partSize, part * partSize);
}

export interface Told {
  readonly status: number;
  readonly etag: string;
  /** Undefined where there is none. */
  readonly json: { readonly error?: string; readonly message?: string; readonly [name: string]: unknown };
}

export async function send(
  url: string,
  method: string,
  body?: BodyInit,
  more: RequestInit = {},
): Promise<Told> {
  const answer = await fetch(url, { method, body: body ?? null, ...more });
  const text = await answer.text();
  const json = text === "" ? {} : JSON.parse(text);
  return { status: answer.status, etag: answer.headers.get("etag") ?? "", json };
}

/** Gives the etags. */
export async function sendAll({ urls }: SignedParts, body: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const told = await Promise.all(urls.map((url, at) => send(url, "PUT", pieceOf(body, at + 1))));
  return told.map(({ etag }) => etag);
}

export function documentOf(etags: readonly string[]): string {
  const parts = etags.map(
    (etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
}

export function complete({ completeUrl }: SignedParts, etags: readonly string[]): Promise<Told> {
  return send(completeUrl, "POST", documentOf(etags), { headers: { "content-type": "application/xml" } });
}
