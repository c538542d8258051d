/** A request that is turned down here, with a sentence for the client. */
export class Refusal extends Error {
  readonly status: number;
  /** As in a StorageError, or a word of HTTP's own: "UnsupportedType". */
  readonly code: string;

  constructor(status: number, code: string, sentence: string) {
    super(sentence);
    this.status = status;
    this.code = code;
  }
}
