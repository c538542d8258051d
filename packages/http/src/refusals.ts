import { HttpError } from "./http-error.ts";

/** The client's mistake, in a sentence by which it can be set right. */
export const invalid = (sentence: string): HttpError => new HttpError(400, "InvalidArgument", sentence);

export const brokenOff = (cause?: unknown): HttpError =>
  new HttpError(400, "SourceFailed", "The upload broke off.", { cause });

export const unsupported = (sentence: string): HttpError => new HttpError(415, "UnsupportedType", sentence);
