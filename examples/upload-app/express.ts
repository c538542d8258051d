import type { RequestListener } from "node:http";
import { type StorageBackend, withPrefix } from "@storage/core";
import { addStorage, getStorage, sendObject, storageErrors } from "@storage/express";
import { serveObject, toNodeHandler } from "@storage/http";
import express, { type Request } from "express";
import { demoPage } from "./page.ts";
import { avatarKey, storeAvatar } from "./scenarios/avatars.ts";
import { listDocuments, storeDocument } from "./scenarios/documents.ts";
import { downloadLink } from "./scenarios/download-links.ts";
import { deleteFile, filesPrefix, linkTo, listFiles, storeFile } from "./scenarios/files.ts";
import { requestFingerprint } from "./scenarios/fingerprints.ts";
import { type Busy, receiveLarge, signUpload, uploadState } from "./scenarios/large-uploads.ts";
import { signedIn } from "./scenarios/signed-in.ts";
import { tenantStorage } from "./scenarios/tenants.ts";

interface Named {
  readonly name: string;
  readonly tenant: string;
}

const onError = (error: unknown): void => console.error(error);

export async function expressApp(storage: StorageBackend): Promise<RequestListener> {
  const app = express();
  app.disable("x-powered-by");
  // Express's own page for an error, such as a URL that can't be decoded, says where the code lies otherwise.
  app.set("env", "production");
  await addStorage(app, {
    backend: storage,
    serveFiles: storage.signer !== undefined,
    onError,
  });

  /** The same routes for every part of the storage. */
  const filesAt = (path: string, part: (req: Request<Named>) => StorageBackend): void => {
    app.get<Named>(path, async (req, res) => {
      res.json(await listFiles(part(req), queryOf(req).cursor));
    });
    app.post<Named>(path, async (req, res) => {
      res.status(201).json(await storeFile(part(req), req));
    });
    app.get<Named>(`${path}/:name`, (req, res) => {
      toNodeHandler(serveObject(part(req), req.params.name, { onError }))(req, res);
    });
    app.get<Named>(`${path}/:name/link`, async (req, res) => {
      res.redirect(303, await linkTo(part(req), req.params.name, "download" in queryOf(req)));
    });
    app.delete<Named>(`${path}/:name`, async (req, res) => {
      await deleteFile(part(req), req.params.name);
      res.status(204).end();
    });
  };
  filesAt("/api/files", (req) => withPrefix(getStorage(req), filesPrefix));
  filesAt("/api/tenants/:tenant/files", (req) =>
    tenantStorage(getStorage(req), signedIn(req.get("x-tenant")), req.params.tenant),
  );

  const busy: Busy = new Map();
  app.put("/api/files/:name", async (req, res) => {
    res.status(201).json(await receiveLarge(getStorage(req), busy, req.params.name, req));
  });
  app.post("/api/uploads", async (req, res) => {
    res.status(201).json(await signUpload(getStorage(req), queryOf(req)));
  });
  app.post("/api/files/:name/fingerprint", async (req, res) => {
    res.status(202).json(await requestFingerprint(getStorage(req), busy, req.params.name));
  });
  app.get("/api/files/:name/state", async (req, res) => {
    res.json(await uploadState(getStorage(req), busy, req.params.name));
  });

  app.put("/api/avatar", async (req, res) => {
    res.json(await storeAvatar(getStorage(req), signedIn(req.get("x-user")), req));
  });
  app.get("/api/avatars/:user", (req, res) => {
    sendObject(req, res, avatarKey(req.params.user), { onError });
  });

  app.post("/api/documents", async (req, res) => {
    res.status(201).json(await storeDocument(getStorage(req), signedIn(req.get("x-user")), req));
  });
  app.get("/api/documents", async (req, res) => {
    const { category, cursor } = queryOf(req);
    res.json(await listDocuments(getStorage(req), category, cursor));
  });
  app.get("/api/documents/link", async (req, res) => {
    const { key, expires_in } = queryOf(req);
    res.json(await downloadLink(getStorage(req), signedIn(req.get("x-user")), key, expires_in));
  });

  app.use(toNodeHandler(await demoPage(storage)));
  app.use(storageErrors({ onError }));
  return app;
}

/** As text: Express makes lists and objects of names that come twice or have brackets. */
function queryOf({ url }: Pick<Request, "url">): Partial<Record<string, string>> {
  return Object.fromEntries(new URL(url, "http://localhost").searchParams);
}
