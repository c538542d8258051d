import { once } from "node:events";
import { AppStorage } from "@storage/http";
import express from "express";
import { prefix, type Start } from "./site.ts";

export const start: Start = async (site) => {
  const app = express();
  if (site.side === "theirs") app.use(prefix, express.static(site.folder));
  else {
    const storage = AppStorage.of(app);
    const { backend } = site;
    await storage.install({ backend, serveFiles: true }, async () => backend);
    app.use((req, res, next) => {
      if (!storage.takes(req, res)) next();
    });
  }
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
};
