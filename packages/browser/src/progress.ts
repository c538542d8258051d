type OnProgress = (progress: { readonly loaded: number; readonly total: number }) => void;

/** One count over all parts, which never goes back: a part that is sent again counts once it is past itself. */
export class Progress {
  readonly #total: number;
  readonly #tell: OnProgress | undefined;
  readonly #sent = new Map<number, number>();
  #sum = 0;
  #told = 0;

  constructor(total: number, tell: OnProgress | undefined) {
    this.#total = total;
    this.#tell = tell;
  }

  /** Bytes that were sent at another time. */
  resumed(bytes: number): void {
    this.sent(-1, bytes);
  }

  /** Bytes of one part that have left. The last byte of all counts when everything is stored. */
  sent(part: number, bytes: number): void {
    this.#sum += bytes - (this.#sent.get(part) ?? 0);
    this.#sent.set(part, bytes);
    if (this.#sum <= this.#told || this.#sum >= this.#total) return;
    this.#told = this.#sum;
    this.#tell?.({ loaded: this.#sum, total: this.#total });
  }

  /** What a request tells of its body, framing before the bytes included. Undefined where nobody wants to know. */
  of(part: number, size: number): ((sent: number, total: number) => void) | undefined {
    if (this.#tell === undefined) return undefined;
    return (sent, total) => this.sent(part, Math.max(0, sent - (total - size)));
  }

  stored(): void {
    this.#tell?.({ loaded: this.#total, total: this.#total });
  }
}
