import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A socket of our own, which sees every byte and how the connection ended. */
export interface RawClient {
  readonly socket: Socket;
  /** All that came so far, one character a byte. */
  readonly text: string;
  /** How it ended: FIN, RST, or not yet. */
  readonly end: "end" | "reset" | undefined;
  send(text: string | Uint8Array): void;
  /** Resolves when so much has come, or the connection has ended. */
  until(isEnough: (text: string) => boolean): Promise<string>;
  /** Resolves when the connection has ended: with how it did. */
  ended(): Promise<"end" | "reset">;
}

export async function rawClient(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) }).setEncoding("latin1");
  onTestFinished(() => void socket.destroy());
  const waiting = new Set<() => void>();
  const client = { socket, text: "", end: undefined as "end" | "reset" | undefined };
  const tell = (): void => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const change = async (): Promise<void> => {
    await new Promise<void>((resolve) => waiting.add(resolve));
  };
  socket.on("data", (text: unknown) => {
    client.text += String(text);
    tell();
  });
  socket.on("error", () => {
    client.end = "reset";
    tell();
  });
  socket.on("end", () => {
    client.end ??= "end";
    tell();
  });
  return Object.assign(client, {
    send: (text: string | Uint8Array) =>
      void socket.write(typeof text === "string" ? Buffer.from(text, "latin1") : text),
    until: async (isEnough: (text: string) => boolean) => {
      while (!isEnough(client.text) && client.end === undefined) await change();
      return client.text;
    },
    ended: async () => {
      while (client.end === undefined) await change();
      return client.end;
    },
  });
}

/** What one request is answered with until the connection ends. */
export async function rawAnswer(
  url: string,
  request: string,
): Promise<{ text: string; end: "end" | "reset" }> {
  const client = await rawClient(url);
  client.send(request);
  const end = await client.ended();
  return { text: client.text, end };
}
