export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Blob | FormData | string | undefined;
  readonly signal: AbortSignal;
  /** Bytes of the body that have left, framing included, and how many there are. */
  readonly onSent?: ((sent: number, total: number) => void) | undefined;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  header(name: string): string | undefined;
}

/**
 * One request, once. Rejects with the signal's reason, or with whatever says that no whole answer came.
 * By XMLHttpRequest, since `fetch` does not tell how much of a body has left; by `fetch` in Node and in
 * service workers, which have no other.
 */
export async function exchange(request: Exchange): Promise<Answer> {
  request.signal.throwIfAborted();
  return await (typeof XMLHttpRequest === "undefined" ? byFetch(request) : byRequest(request));
}

async function byFetch({ method, url, headers = {}, body, signal }: Exchange): Promise<Answer> {
  const answer = await fetch(url, { method, headers, body: body ?? null, signal });
  const { status } = answer;
  return { status, text: await answer.text(), header: (name) => answer.headers.get(name) ?? undefined };
}

function byRequest({ method, url, headers = {}, body, signal, onSent }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    // Whoever listens there makes a browser ask for leave first, also for a form, which needs none.
    if (onSent) request.upload.onprogress = ({ loaded, total }) => onSent(loaded, total);
    request.onloadend = () => {
      signal.removeEventListener("abort", abort);
      const { status, responseText: text } = request;
      // All headers at once: a browser complains of a name that it may not show.
      const shown = request.getAllResponseHeaders();
      const header = (name: string): string | undefined =>
        new RegExp(`^${name}: *(.*?)\\r?$`, "im").exec(shown)?.[1];
      if (signal.aborted) reject(signal.reason);
      else if (status === 0) reject(new TypeError("no answer came"));
      else resolve({ status, text, header });
    };
    signal.addEventListener("abort", abort);
    request.send(body ?? null);
  });
}
