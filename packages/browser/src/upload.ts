import { element } from "./answer-failure.ts";
import type { Answer } from "./exchange.ts";
import { type PendingUploadOptions, placeOf } from "./pending-upload.ts";
import { Progress } from "./progress.ts";
import { send } from "./send.ts";
import type { SignedUpload } from "./signed-upload.ts";
import { UploadError } from "./upload-error.ts";
import { uploadParts } from "./upload-parts.ts";

export interface UploadOptions extends PendingUploadOptions {
  /**
   * Bytes that were sent, over all parts. Never goes back; `loaded` is `total` in the last call only, when the file
   * is stored. Must not throw.
   */
  readonly onProgress?: ((progress: { readonly loaded: number; readonly total: number }) => void) | undefined;
  /** Ends all requests and has the service drop the parts that are there; `upload` rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Parts at once. Default: 4. */
  readonly concurrency?: number | undefined;
  /**
   * Whether an upload in parts is remembered in localStorage until it is stored, aborted or refused, for
   * `pendingUpload`; its links are, too, so that whoever uses the same browser could use them. Default: true.
   */
  readonly remember?: boolean | undefined;
}

export interface UploadResult {
  /** In bytes. */
  readonly size: number;
  /** Without quotes. Undefined where the service does not show it to this page. */
  readonly etag: string | undefined;
}

/**
 * Sends a file to where it was signed for: by PUT, as a form, or in parts. What fails for want of a network or of a
 * server is sent again, each request at most four times, a part by itself. Memory does not grow with the file.
 *
 * @throws UploadError for what the service refuses, or fails at four times; the signal's reason when it is aborted.
 */
export async function upload(
  signed: SignedUpload,
  file: Blob,
  options: UploadOptions = {},
): Promise<UploadResult> {
  const { signal, onProgress, concurrency = 4, remember = true, scope } = options;
  const { parts } = signed;
  checkTerms(signed, file, concurrency);
  const progress = new Progress(file.size, onProgress);
  const ending = new AbortController();
  const stop = (): void => ending.abort(signal?.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  try {
    const place = remember ? placeOf(file, scope) : undefined;
    const answer = await (parts
      ? uploadParts({ signed, parts, file, concurrency, progress, place, ending, signal })
      : whole(signed, file, progress, ending.signal));
    progress.stored();
    return { size: file.size, etag: etagOf(answer) };
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function checkTerms({ parts }: SignedUpload, file: Blob, concurrency: number): void {
  if (!(Number.isInteger(concurrency) && concurrency > 0))
    throw new UploadError({ code: "InvalidArgument", message: "concurrency is a whole number above 0" });
  if (!parts || parts.urls.length === Math.max(1, Math.ceil(file.size / parts.partSize))) return;
  const message = `The file has ${file.size} bytes, and the upload was signed for another size.`;
  throw new UploadError({ code: "InvalidArgument", message });
}

async function whole(
  { method, url, headers, fields = {} }: SignedUpload,
  file: Blob,
  progress: Progress,
  signal: AbortSignal,
): Promise<Answer> {
  // A slice has no type of its own, which would go out as a header that was not signed.
  const body = method === "POST" ? formOf(fields, file) : file.slice();
  return await send({
    method,
    url,
    headers,
    body,
    signal,
    onSent: progress.of(0, file.size),
    file,
    stores: true,
    echo: 412,
  });
}

function formOf(fields: Readonly<Record<string, string>>, file: Blob): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // S3 reads no field that comes after it.
  form.append("file", file);
  return form;
}

/** Of parts it stands in the answer's body, with quotes as in the header. Ceph leaves it empty. */
function etagOf({ header, text }: Answer): string | undefined {
  return (element(text, "ETag") || header("etag"))?.replace(/^(?:W\/)?"(.*)"$/, "$1");
}
