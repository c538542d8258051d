/** As it goes over the wire; the server adds date, length and request id. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (it) => escapes[it] ?? it);

/** `<name>text</name>`. */
export const element = (name: string, text: string | number | boolean): string =>
  `<${name}>${escaped(String(text))}</${name}>`;

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

export function xml(root: string, content: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status: 200,
    headers: { "content-type": "application/xml", ...headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">${content}</${root}>`,
  };
}

/** The document of "REST error responses" in the S3 API reference; `details` are elements beside Code and Message. */
export function errorDocument(
  code: string,
  message: string,
  details: Readonly<Record<string, string>> = {},
): string {
  const more = Object.entries(details).map(([name, text]) => element(name, text));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${element("Code", code)}${element("Message", message)}${more.join("")}</Error>`;
}

export function failure(
  status: number,
  code: string,
  message: string,
  { details, headers }: { details?: Record<string, string>; headers?: Record<string, string> } = {},
): Reply {
  return {
    status,
    headers: { "content-type": "application/xml", ...headers },
    body: errorDocument(code, message, details),
  };
}

export const noSuchKey = (): Reply => failure(404, "NoSuchKey", "The specified key does not exist.");
export const noSuchUpload = (): Reply =>
  failure(404, "NoSuchUpload", "The specified multipart upload does not exist.");
export const notImplemented = (): Reply =>
  failure(501, "NotImplemented", "A header you provided implies functionality that is not implemented.");
export const preconditionFailed = (): Reply =>
  failure(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
