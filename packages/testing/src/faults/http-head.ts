/** How a body is known to end. */
export type Framing =
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until-close" };

const noBody: Framing = { kind: "length", bytes: 0 };

type Headers = Readonly<Record<string, string>>;

interface Head {
  /** As it came, with the empty line. */
  readonly bytes: Buffer;
  readonly headers: Headers;
  readonly framing: Framing;
}

export interface RequestHead extends Head {
  readonly method: string;
  readonly path: string;
  /** The client waits for a 100 before it sends the body. */
  readonly expectsContinue: boolean;
}

export interface AnswerHead extends Head {
  readonly status: number;
  /** A 100 or the like: another head follows. */
  readonly isInterim: boolean;
}

function headersOf(lines: readonly string[]): Headers {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

function declared(headers: Headers): Framing | undefined {
  if (/\bchunked\s*$/i.test(headers["transfer-encoding"] ?? "")) return { kind: "chunked" };
  const length = headers["content-length"];
  return length !== undefined && /^\d+$/.test(length) ? { kind: "length", bytes: Number(length) } : undefined;
}

/** Undefined for what is no request of HTTP/1. */
export function parseRequest(bytes: Buffer): RequestHead | undefined {
  const [first = "", ...lines] = bytes.toString("latin1").trimEnd().split("\r\n");
  const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(first) ?? [];
  if (method === undefined || path === undefined) return undefined;
  const headers = headersOf(lines);
  const expectsContinue = headers.expect?.toLowerCase() === "100-continue";
  return { bytes, method, path, headers, framing: declared(headers) ?? noBody, expectsContinue };
}

/** Undefined for what is no answer of HTTP/1. `method` is the request's. */
export function parseAnswer(bytes: Buffer, method: string): AnswerHead | undefined {
  const [first = "", ...lines] = bytes.toString("latin1").trimEnd().split("\r\n");
  const [, code] = /^HTTP\/1\.[01] (\d{3})(?: .*)?$/.exec(first) ?? [];
  if (code === undefined) return undefined;
  const status = Number(code);
  const headers = headersOf(lines);
  const isInterim = status < 200 && status !== 101;
  const isBare = method === "HEAD" || isInterim || status === 204 || status === 304;
  const framing = isBare ? noBody : (declared(headers) ?? { kind: "until-close" });
  return { bytes, status, headers, framing, isInterim };
}
