import type { Server, ServerResponse } from "node:http";
import type { Server as TcpServer } from "node:net";
import type { Duplex } from "node:stream";

/** Of whatever protocol. */
export type NodeServer = Pick<TcpServer, "once">;

const explained = new WeakSet<NodeServer>();

/**
 * Sets how long a request may take to arrive, its body included; 0 for no limit. A client that takes longer
 * is told so, where Node says a bare 408. A server that has a `clientError` listener keeps it, and says what
 * that says.
 */
export function setRequestTimeout(server: NodeServer, milliseconds: number): void {
  if (!isHttpServer(server)) return;
  server.requestTimeout = milliseconds;
  if (explained.has(server) || server.listenerCount("clientError") > 0) return;
  explained.add(server);
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.prependListener("request", (req, res) => answers.set(req.socket, res));
  server.on("clientError", (error, socket) => {
    const begun = answers.get(socket)?.headersSent === true && answers.get(socket)?.writableEnded === false;
    if (socket.destroyed || !socket.writable || begun) return void socket.destroy(error);
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
  return minutes > 1 ? `${minutes} minutes` : `${Math.ceil(milliseconds / 1000)} seconds`;
}
