/** A place in the body of the answer, framing not counted. A body that is shorter meets the fault at its end. */
export type BodyPoint =
  | { readonly bytes: number }
  /** 0 to 1 of the declared length; a body without a Content-Length meets the fault before its first byte. */
  | { readonly share: number };

/**
 * Where an exchange breaks off:
 * - `"connect"`: a connection was taken and nothing of it is read. Such a fault is planned for connections,
 *   not for requests;
 * - `{ upload: bytes }`: after so many bytes of the request's body, which reach the target; a shorter body
 *   meets the fault at its end, before the answer;
 * - `"head"`: the request was read to its end and is not passed on: it has no effect;
 * - a `BodyPoint`: the request took effect, and part of the answer arrives.
 */
export type BreakPoint = "connect" | "head" | { readonly upload: number } | BodyPoint;

/**
 * How an exchange breaks off: by RST, by FIN, or by silence until the client gives up. An RST overtakes what lies in
 * buffers: a client that reads slowly gets fewer bytes than were sent.
 */
export type Break = "reset" | "end" | "stall";

export interface BreakFault {
  readonly kind: Break;
  readonly at: BreakPoint;
}

/** The body arrives so many bytes at a time. */
export interface DripFault {
  readonly kind: "drip";
  readonly bytes: number;
  /** Milliseconds between two drops. */
  readonly every: number;
}

/**
 * The end of the body is missing: the declared length is larger than what arrives before FIN; of a chunked body,
 * only the mark of its end. A body that ends with its connection arrives whole: nobody could tell.
 */
export interface TruncateFault {
  readonly kind: "truncate";
  /** Missing bytes. Default: 1. */
  readonly bytes?: number | undefined;
}

/** One bit of the body is another. A shorter body arrives as it is. */
export interface FlipFault {
  readonly kind: "flip";
  /** Of the body, from 0. */
  readonly byte: number;
  /** 0 to 7, from the least. Default: 0. */
  readonly bit?: number | undefined;
}

/** Another answer than the target's: 503, 429, 408, or a 200 with an error in its body. */
export interface AnswerFault {
  readonly kind: "answer";
  /** 200 to 599. */
  readonly status: number;
  /** Seconds, or an HTTP date as it is. Default: no such header. */
  readonly retryAfter?: number | string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: none. */
  readonly body?: string | Uint8Array | undefined;
  /** Whether the request takes effect at the target, whose own answer is dropped. Default: false. */
  readonly passOn?: boolean | undefined;
}

/** The request takes effect; instead of the answer the connection breaks off. */
export interface LostReplyFault {
  readonly kind: "lost-reply";
  /** Default: "reset". */
  readonly by?: Break | undefined;
}

/** The client is sent elsewhere; the request is not passed on. */
export interface RedirectFault {
  readonly kind: "redirect";
  readonly status: 301 | 302 | 307 | 308;
  /** Default: no such header, which is what S3 does for a bucket in another region. */
  readonly location?: string | undefined;
}

/** Bytes that are no HTTP, then FIN; the request is not passed on. */
export interface GarbageFault {
  readonly kind: "garbage";
  /** Default: a few that start no answer. */
  readonly bytes?: Uint8Array | undefined;
}

/** What becomes of one request. */
export type Fault =
  | BreakFault
  | DripFault
  | TruncateFault
  | FlipFault
  | AnswerFault
  | LostReplyFault
  | RedirectFault
  | GarbageFault;
