// With a Web Request for forms.
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { formPrefix, mostBytes, serveUploads } from "../../../http/test/serve-uploads.ts";
import { acceptUpload, addStorage, type StorageVariables, storageErrors } from "../../src/index.ts";

await serveUploads(async (backend, onError) => {
  const app = new Hono<{ Variables: StorageVariables }>();
  await addStorage(app, { backend, serveFiles: true, onError });
  app.onError(storageErrors({ onError }));
  app.post(`${formPrefix}:key`, async (c) => {
    const { body } = await acceptUpload(c, { maxBytes: mostBytes });
    await c.var.storage.put(c.req.param("key"), body);
    return c.body(null, 201);
  });
  return getRequestListener(app.fetch);
});
