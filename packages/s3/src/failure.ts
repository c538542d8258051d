import type { IncomingMessage } from "node:http";
import { type Outcome, UnavailableError } from "@storage/core";

/** An answer of the service that is no success, in the shape that the SDK's own exceptions have. */
export class S3Failure extends Error {
  override readonly name: string;
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId?: string | undefined };
  readonly $response: { readonly headers: Readonly<Record<string, string>> };
  /** What PermanentRedirect names. */
  readonly Region: string | undefined;

  constructor(
    status: number,
    code: string,
    {
      message = `the service answered ${status}`,
      headers = {},
      region,
    }: {
      readonly message?: string | undefined;
      readonly headers?: Readonly<Record<string, string>>;
      readonly region?: string | undefined;
    } = {},
  ) {
    super(message);
    this.name = code;
    this.$metadata = { httpStatusCode: status, requestId: headers["x-amz-request-id"] };
    this.$response = { headers };
    this.Region = region;
  }
}

/** Characters of an error document: what is longer is none. */
const longestError = 64 * 1024;

/** A body as text, which is cut off where it is longer than such a document is. */
export async function documentOf(body: IncomingMessage, longest: number = longestError): Promise<string> {
  let text = "";
  body.setEncoding("utf8");
  for await (const chunk of body) {
    text += chunk;
    if (text.length > longest) break;
  }
  return text;
}

/**
 * `document` is the body of the answer, which an answer to HEAD has none of; `signedFor` is the region of
 * the request, which is no news.
 */
export function failureOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  document: string,
  signedFor: string,
): S3Failure {
  const region = elementOf(document, "Region") ?? headers["x-amz-bucket-region"];
  return new S3Failure(status, elementOf(document, "Code") ?? "", {
    message: elementOf(document, "Message"),
    headers,
    region: region === signedFor ? undefined : region,
  });
}

/** Of an error document, which has no two elements of a name, and no text that is escaped in the ones we read. */
function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

/** What both our own failures and the SDK's exceptions tell. */
export interface FailureFacts {
  /** "" where the answer had no body, as that of a HEAD. */
  readonly code: string;
  /** Undefined where no answer came. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly region: string | undefined;
}

export function factsOfFailure(cause: unknown): FailureFacts {
  const { name, code, $metadata, $response, Region, Code } = Object(cause);
  const { httpStatusCode, requestId } = Object($metadata);
  const headers: Readonly<Record<string, string>> = Object(Object($response).headers);
  // The SDK calls what it knows no code of "UnknownError" and a bare 404 "NotFound".
  const named = [Code, name].find(
    (it) => typeof it === "string" && it !== "Error" && !/^(Unknown|NotFound)/.test(it),
  );
  // Of ours it is undefined where it is no news; the SDK leaves what has no element of its own in the headers.
  const region: unknown = cause instanceof S3Failure ? Region : (Region ?? headers["x-amz-bucket-region"]);
  return {
    code: httpStatusCode === undefined ? String(code ?? name ?? "") : (named ?? ""),
    status: typeof httpStatusCode === "number" ? httpStatusCode : undefined,
    requestId: typeof requestId === "string" ? requestId : undefined,
    headers,
    region: typeof region === "string" ? region : undefined,
  };
}

/** For a 200 that does not say what S3 says: of a portal that wants a login, or of a proxy. */
export function unlikeS3(missing: string, outcome: Outcome = "unknown"): UnavailableError {
  const reason = `the answer has no ${missing}: what answers is no S3, or a proxy changed it`;
  return new UnavailableError(reason, { outcome });
}
