import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { onTestFinished } from "vitest";
import { closed } from "../../http/test/site.ts";

interface App {
  fetch(request: Request, env: unknown): Response | Promise<Response>;
}

/** An app on a server of its own, which says where; gone when the test ends. */
export async function serving(app: App): Promise<{ server: Server; port: number; url: string }> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server;
  onTestFinished(() => closed(server));
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}` };
}
