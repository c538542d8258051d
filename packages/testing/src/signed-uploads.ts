import { type SignedUpload, StorageError, type UploadUrlOptions } from "@storage/core";
import { check, equal } from "./assertions.ts";
import type { World } from "./conformance-case.ts";
import { textOf } from "./samples.ts";

/** As a browser sends it: with the headers that it was told, or as a form with the fields that it was told. */
export async function sent(
  { fetch }: Pick<World, "fetch">,
  { url, method, headers, fields }: SignedUpload,
  body: string | Uint8Array<ArrayBuffer>,
  more: RequestInit = {},
): Promise<number> {
  const answer = await fetch(
    new Request(url, { method, headers, body: fields ? formOf(fields, body) : body, ...more }),
  );
  await answer.arrayBuffer();
  return answer.status;
}

function formOf(fields: Readonly<Record<string, string>>, body: string | Uint8Array<ArrayBuffer>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new Blob([body]));
  return form;
}

/** Undefined where the backend says that it could not hold an upload to these terms. */
export async function signedIfSupported(
  { backend }: Pick<World, "backend">,
  options: UploadUrlOptions,
  key: string = "key",
): Promise<SignedUpload | undefined> {
  try {
    return await backend.getUploadUrl(key, options);
  } catch (error) {
    if (StorageError.is(error, "NotSupported")) return undefined;
    throw error;
  }
}

export async function isStored(world: World, status: number, text: string): Promise<void> {
  check(status >= 200 && status < 300, `the upload is taken, and was answered with ${status}`);
  equal(textOf(await world.backend.get("key")), text, "the body");
}

export async function isRefused(world: World, status: number): Promise<void> {
  check(status >= 400 && status < 500, `the upload is refused, and was answered with ${status}`);
  equal(await world.backend.listKeys(), [], "the keys");
}
