import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type StorageBackend, withPrefix } from "@storage/core";
import { addStorage, getStorage, sendObject, storageErrors } from "@storage/hono";
import { serveObject, toFetchHandler } from "@storage/http";
import { type Context, Hono } from "hono";
import { demoPage } from "./page.ts";
import { avatarKey, storeAvatar } from "./scenarios/avatars.ts";
import { listDocuments, storeDocument } from "./scenarios/documents.ts";
import { downloadLink } from "./scenarios/download-links.ts";
import { deleteFile, filesPrefix, linkTo, listFiles, storeFile } from "./scenarios/files.ts";
import { requestFingerprint } from "./scenarios/fingerprints.ts";
import { type Busy, receiveLarge, signUpload, uploadState } from "./scenarios/large-uploads.ts";
import { signedIn } from "./scenarios/signed-in.ts";
import { tenantStorage } from "./scenarios/tenants.ts";

const onError = (error: unknown): void => console.error(error);

export async function honoApp(storage: StorageBackend): Promise<RequestListener> {
  const app = new Hono();
  app.onError(storageErrors({ onError }));
  await addStorage(app, {
    backend: storage,
    serveFiles: storage.signer !== undefined,
    onError,
  });

  /** The same routes for every part of the storage. */
  const filesAt = (path: string, part: (c: Context) => StorageBackend): void => {
    const nameIn = (c: Context): string => c.req.param("name") ?? "";
    app.get(path, async (c) => c.json(await listFiles(part(c), c.req.query("cursor"))));
    app.post(path, async (c) => c.json(await storeFile(part(c), c.req.raw), 201));
    app.get(`${path}/:name`, (c) => toFetchHandler(serveObject(part(c), nameIn(c), { onError }))(c.req.raw));
    app.get(`${path}/:name/link`, async (c) =>
      c.redirect(await linkTo(part(c), nameIn(c), "download" in c.req.query()), 303),
    );
    app.delete(`${path}/:name`, async (c) => {
      await deleteFile(part(c), nameIn(c));
      return c.body(null, 204);
    });
  };
  filesAt("/api/files", (c) => withPrefix(getStorage(c), filesPrefix));
  filesAt("/api/tenants/:tenant/files", (c) =>
    tenantStorage(getStorage(c), signedIn(c.req.header("x-tenant")), c.req.param("tenant") ?? ""),
  );

  const busy: Busy = new Map();
  app.put("/api/files/:name", async (c) =>
    c.json(await receiveLarge(getStorage(c), busy, c.req.param("name"), c.req.raw), 201),
  );
  app.post("/api/uploads", async (c) => c.json(await signUpload(getStorage(c), c.req.query()), 201));
  app.post("/api/files/:name/fingerprint", async (c) =>
    c.json(await requestFingerprint(getStorage(c), busy, c.req.param("name")), 202),
  );
  app.get("/api/files/:name/state", async (c) =>
    c.json(await uploadState(getStorage(c), busy, c.req.param("name"))),
  );

  app.put("/api/avatar", async (c) =>
    c.json(await storeAvatar(getStorage(c), signedIn(c.req.header("x-user")), c.req.raw)),
  );
  app.get("/api/avatars/:user", (c) => sendObject(c, avatarKey(c.req.param("user")), { onError }));

  app.post("/api/documents", async (c) =>
    c.json(await storeDocument(getStorage(c), signedIn(c.req.header("x-user")), c.req.raw), 201),
  );
  app.get("/api/documents", async (c) =>
    c.json(await listDocuments(getStorage(c), c.req.query("category"), c.req.query("cursor"))),
  );
  app.get("/api/documents/link", async (c) => {
    const { key, expires_in } = c.req.query();
    return c.json(await downloadLink(getStorage(c), signedIn(c.req.header("x-user")), key, expires_in));
  });

  const page = toFetchHandler(await demoPage(storage));
  app.notFound((c) => page(c.req.raw));
  return getRequestListener(app.fetch);
}
