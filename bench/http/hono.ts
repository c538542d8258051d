import { once } from "node:events";
import { Server } from "node:http";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { AppStorage, toFetchHandler } from "@storage/http";
import { Hono } from "hono";
import { prefix, type Start } from "./site.ts";

export const start: Start = async (site) => {
  const app = new Hono();
  if (site.side === "theirs") {
    const rewriteRequestPath = (path: string): string => path.slice(prefix.length);
    app.use(`${prefix}/*`, serveStatic({ root: site.folder, rewriteRequestPath }));
  } else {
    const storage = AppStorage.of(app);
    const { backend } = site;
    await storage.install({ backend, serveFiles: true }, async () => backend);
    app.use(async (c, next) => {
      const handler = storage.handlerFor(c.req.raw.url);
      if (handler === undefined) return next();
      return toFetchHandler(handler)(c.req.raw);
    });
  }
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  if (!(server instanceof Server)) throw new Error("it speaks HTTP/1");
  await once(server, "listening");
  return server;
};
