import { once } from "node:events";
import { addStorage } from "@storage/express";
import express from "express";
import { prefix, type Start } from "./site.ts";

export const start: Start = async ({ side, folder, backend }) => {
  const app = express();
  if (side === "theirs") app.use(prefix, express.static(folder));
  else await addStorage(app, { backend, serveFiles: true });
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
};
