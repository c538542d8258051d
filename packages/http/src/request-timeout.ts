import type { Server, ServerResponse } from "node:http";
import type { Server as TcpServer } from "node:net";

/** Of whatever protocol. */
export type NodeServer = Pick<TcpServer, "once">;

/** As they were found. */
const headersTimeouts = new WeakMap<NodeServer, number>();

/**
 * Sets how long a request may take to arrive, its body included; 0 for no limit. A client that takes longer
 * is told so, where Node says a bare 408. A server that has a `clientError` listener keeps it, and says what
 * that says.
 */
export function setRequestTimeout(server: NodeServer, milliseconds: number): void {
  if (!isHttpServer(server)) return;
  server.requestTimeout = milliseconds;
  // Of the two limits Node takes the longer one for the request, whichever it was set for.
  const own = headersTimeouts.get(server) ?? server.headersTimeout;
  headersTimeouts.set(server, own);
  server.headersTimeout = milliseconds === 0 ? own : Math.min(own, milliseconds);
  if (server.listenerCount("clientError") > 0) return;
  server.on("clientError", (error, socket) => {
    // As Node's own answer asks: one that has begun must not go on with another one's head.
    const answering: ServerResponse | null | undefined = Reflect.get(socket, "_httpMessage");
    if (socket.destroyed || !socket.writable || answering?.headersSent === true)
      return void socket.destroy(error);
    socket.end(answerTo(error, server.requestTimeout), () => socket.destroy(error));
  });
}

/** A server of another kind, such as HTTP/2's, has no such limit. */
const isHttpServer = (server: NodeServer): server is Server => "requestTimeout" in server;

function answerTo(error: Error, limit: number): string {
  const code = "code" in error ? error.code : undefined;
  if (code !== "ERR_HTTP_REQUEST_TIMEOUT") return `HTTP/1.1 ${lines.get(code) ?? malformed}\r\n${close}\r\n`;
  const message = `The request took longer than the ${inWords(limit)} that this server allows: nothing was stored. Please try again on a faster connection, or with a smaller file.`;
  const body = JSON.stringify({ error: "Timeout", message });
  return `HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${close}\r\n${body}`;
}

const close = "Connection: close\r\n";
const malformed = "400 Bad Request";
/** What Node answers where nobody listens to `clientError`; all else is malformed. */
const lines: ReadonlyMap<unknown, string> = new Map([
  ["HPE_HEADER_OVERFLOW", "431 Request Header Fields Too Large"],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", "413 Payload Too Large"],
]);

function inWords(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes > 1) return `${minutes} minutes`;
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds > 1 ? `${seconds} seconds` : "second";
}
