import { TooLargeError } from "@storage/core";
import type { HttpError } from "./http-error.ts";
import type { HttpRequest } from "./http-request.ts";
import { piecesOf } from "./pieces.ts";
import { invalid } from "./refusals.ts";

/** Characters. A thousand parts take a seventh of it. */
const longestDocument = 1024 * 1024;

const number = String.raw`<PartNumber>\s*(\d{1,5})\s*</PartNumber>`;
const etag = String.raw`<ETag>\s*([^<>\s]{1,1024})\s*</ETag>`;
/** In either order: some SDKs send the etag first. */
const part = new RegExp(String.raw`\s*<Part>\s*(?:${number}\s*${etag}|${etag}\s*${number})\s*</Part>`, "gy");
const root =
  /^\s*(?:<\?xml[^<>]*\?>\s*)?<CompleteMultipartUpload(?:\s[^<>]*)?>(.*)<\/CompleteMultipartUpload>\s*$/s;

/**
 * The etags with which a client ends its upload: S3's CompleteMultipartUpload in the one form that it
 * has, so that whatever speaks to S3 speaks to us. Any other document is refused, and so are parts that
 * are not numbered from 1 on.
 */
export async function readCompletion({ body }: HttpRequest): Promise<readonly string[]> {
  const [, list] = root.exec(await textOf(body)) ?? [];
  if (list === undefined) throw notOurs();
  const etags: string[] = [];
  let end = 0;
  for (const [whole, first, second, third, fourth] of list.matchAll(part)) {
    end += whole.length;
    const expected = etags.length + 1;
    if (Number(first ?? fourth) !== expected)
      throw invalid(`Part ${expected} is missing from the list, or not in its place.`);
    etags.push(etagIn(second ?? third ?? ""));
  }
  if (list.slice(end).trim() !== "") throw notOurs();
  return etags;
}

/** In quotes or without; they are all that an etag of ours could have to escape. */
function etagIn(text: string): string {
  const plain = text.replace(/&(?:quot|#34|#x22);/g, '"');
  if (plain.includes("&")) throw notOurs();
  return plain.replace(/^"(.*)"$/, "$1");
}

async function textOf(body: HttpRequest["body"]): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of piecesOf(body)) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > longestDocument) throw new TooLargeError("the list of parts is too long");
  }
  return text + decoder.decode();
}

const notOurs = (): HttpError => invalid("The body is no CompleteMultipartUpload with a list of parts.");
