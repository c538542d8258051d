/** What `getUploadUrl` of any backend gives, as it is or by way of JSON. */
export interface SignedUpload {
  readonly method: "PUT" | "POST";
  readonly url: string;
  /** Sent as they are. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of POST: form fields, sent before the file. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly expiresAt: Date | string;
  readonly parts?: SignedParts | undefined;
}

/** Where to send each part, and how to end it. */
export interface SignedParts {
  /** In bytes, of every part but the last. */
  readonly partSize: number;
  /** One for each part, in order. */
  readonly urls: readonly string[];
  readonly completeUrl: string;
  readonly abortUrl: string;
}
