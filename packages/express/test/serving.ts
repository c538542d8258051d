import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { closed } from "../../http/test/site.ts";

/** An app on a server of its own, which says where; gone when the test ends. */
export async function serving(app: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(app);
  onTestFinished(() => closed(server));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
