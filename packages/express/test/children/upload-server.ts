// With multer for forms.
import express from "express";
import multer from "multer";
import { formPrefix, mostBytes, serveUploads } from "../../../http/test/serve-uploads.ts";
import { addStorage, storageEngine, storageErrors } from "../../src/index.ts";

await serveUploads(async (backend, onError) => {
  const app = express();
  await addStorage(app, { backend, serveFiles: true, onError });
  const key = (req: { readonly url?: string | undefined }): string =>
    decodeURIComponent((req.url ?? "").slice(formPrefix.length));
  const upload = multer({ storage: storageEngine({ maxBytes: mostBytes, key }) });
  app.post(`${formPrefix}:key`, upload.single("file"), (_req, res) => {
    res.status(201).end();
  });
  app.use(storageErrors({ onError }));
  // What is left is multer's own: that the client went away, or sent no form.
  const multers: express.ErrorRequestHandler = (_error, _req, res, _next) => {
    res.status(400).end();
  };
  app.use(multers);
  return app;
});
