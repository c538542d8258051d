import { once } from "node:events";
import { Server } from "node:http";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { addStorage } from "@storage/hono";
import { Hono } from "hono";
import { prefix, type Start } from "./site.ts";

export const start: Start = async ({ side, folder, backend }) => {
  const app = new Hono();
  const rewriteRequestPath = (path: string): string => path.slice(prefix.length);
  if (side === "theirs") app.use(`${prefix}/*`, serveStatic({ root: folder, rewriteRequestPath }));
  else await addStorage(app, { backend, serveFiles: true });
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  if (!(server instanceof Server)) throw new Error("the server is not one of node:http");
  await once(server, "listening");
  return server;
};
