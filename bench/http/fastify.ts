import fastifyStatic from "@fastify/static";
import { addStorage } from "@storage/fastify";
import { fastify } from "fastify";
import { prefix, type Start } from "./site.ts";

export const start: Start = async ({ side, folder, backend }) => {
  const app = fastify();
  if (side === "theirs") await app.register(fastifyStatic, { root: folder, prefix: `${prefix}/` });
  else await addStorage(app, { backend, serveFiles: true });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return app.server;
};
