/** Milliseconds that a client may go on sending what nobody wants. */
export const patience = 5000;

/**
 * Reads the rest of a request and throws it away. A server that speaks Fetch over HTTP/1.1 can use the
 * connection again only then: of a body that was cancelled, or was looked at and left, `@hono/node-server`
 * 2.1.8 reads no more, and half a second later it breaks off whatever comes on the connection by then.
 */
export async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const end = Date.now() + patience;
  while (Date.now() < end) if ((await reader.read()).done) return;
  await reader.cancel();
}
