// With @fastify/multipart for forms.
import multipart from "@fastify/multipart";
import fastify from "fastify";
import { formPrefix, mostBytes, serveUploads } from "../../../http/test/serve-uploads.ts";
import { acceptPart, addStorage, storageErrors } from "../../src/index.ts";

interface Route {
  Params: { readonly key: string };
}

await serveUploads(async (backend, onError) => {
  const app = fastify();
  await app.register(multipart, { limits: { fileSize: mostBytes } });
  await addStorage(app, { backend, serveFiles: true, onError });
  app.setErrorHandler(storageErrors({ onError }));
  app.post<Route>(`${formPrefix}:key`, async (request, reply) => {
    const part = await request.file();
    if (part === undefined) return reply.code(400).send();
    const { body } = await acceptPart(part, { maxBytes: mostBytes });
    await request.storage.put(request.params.key, body);
    return reply.code(201).send();
  });
  await app.ready();
  return app.routing;
});
