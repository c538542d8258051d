import fastifyStatic from "@fastify/static";
import { AppStorage } from "@storage/http";
import Fastify from "fastify";
import { prefix, type Start } from "./site.ts";

export const start: Start = async (site) => {
  const app = Fastify();
  if (site.side === "theirs") app.register(fastifyStatic, { root: site.folder, prefix: `${prefix}/` });
  else {
    const storage = AppStorage.of(app);
    const { backend } = site;
    await storage.install({ backend, serveFiles: true }, async () => backend);
    app.addHook("onRequest", (request, reply, done) => {
      if (storage.takes(request.raw, reply.raw)) reply.hijack();
      else done();
    });
    app.get("/*", async () => "other");
  }
  await app.listen({ port: 0, host: "127.0.0.1" });
  return app.server;
};
