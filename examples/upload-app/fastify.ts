import type { RequestListener } from "node:http";
import { type StorageBackend, withPrefix } from "@storage/core";
import { addStorage, getStorage, sendObject, storageErrors, unreadBody } from "@storage/fastify";
import { type HttpHandler, serveObject, toNodeHandler } from "@storage/http";
import fastify, { type FastifyReply, type FastifyRequest } from "fastify";
import { demoPage } from "./page.ts";
import { avatarKey, storeAvatar } from "./scenarios/avatars.ts";
import { listDocuments, storeDocument } from "./scenarios/documents.ts";
import { downloadLink } from "./scenarios/download-links.ts";
import { deleteFile, filesPrefix, linkTo, listFiles, storeFile } from "./scenarios/files.ts";
import { requestFingerprint } from "./scenarios/fingerprints.ts";
import { type Busy, receiveLarge, signUpload, uploadState } from "./scenarios/large-uploads.ts";
import { signedIn } from "./scenarios/signed-in.ts";
import { tenantStorage } from "./scenarios/tenants.ts";

interface Route {
  Params: { readonly name: string; readonly user: string; readonly tenant: string };
  Querystring: Partial<Record<string, string>>;
}
type Asked = FastifyRequest<Route>;

const onError = (error: unknown): void => console.error(error);

export async function fastifyApp(storage: StorageBackend): Promise<RequestListener> {
  const app = fastify({
    routerOptions: {
      // A name has up to 255 bytes, of three characters each in a URL; Fastify stops at 100.
      maxParamLength: 1000,
      querystringParser: (text) => Object.fromEntries(new URLSearchParams(text)),
    },
  });
  // A route reads what comes, as it comes: Fastify's own parsers hold a body in memory.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", unreadBody);
  app.setErrorHandler(storageErrors({ onError }));
  await addStorage(app, {
    backend: storage,
    serveFiles: storage.signer !== undefined,
    onError,
  });

  /** The same routes for every part of the storage. */
  const filesAt = (path: string, part: (request: Asked) => StorageBackend): void => {
    app.get<Route>(path, async (request) => listFiles(part(request), request.query.cursor));
    app.post<Route>(path, async (request, reply) => {
      reply.code(201);
      return storeFile(part(request), request.raw);
    });
    app.get<Route>(`${path}/:name`, async (request, reply) =>
      send(serveObject(part(request), request.params.name, { onError }), request, reply),
    );
    app.get<Route>(`${path}/:name/link`, async (request, reply) => {
      const { params, query } = request;
      return reply.redirect(await linkTo(part(request), params.name, "download" in query), 303);
    });
    app.delete<Route>(`${path}/:name`, async (request, reply) => {
      await deleteFile(part(request), request.params.name);
      reply.code(204);
    });
  };
  filesAt("/api/files", (request) => withPrefix(getStorage(request), filesPrefix));
  filesAt("/api/tenants/:tenant/files", (request) =>
    tenantStorage(getStorage(request), signedIn(request.headers["x-tenant"]), request.params.tenant),
  );

  const busy: Busy = new Map();
  app.put<Route>("/api/files/:name", async (request, reply) => {
    reply.code(201);
    return receiveLarge(getStorage(request), busy, request.params.name, request.raw);
  });
  app.post<Route>("/api/uploads", async (request, reply) => {
    reply.code(201);
    return signUpload(getStorage(request), request.query);
  });
  app.post<Route>("/api/files/:name/fingerprint", async (request, reply) => {
    reply.code(202);
    return requestFingerprint(getStorage(request), busy, request.params.name);
  });
  app.get<Route>("/api/files/:name/state", async (request) =>
    uploadState(getStorage(request), busy, request.params.name),
  );

  app.put<Route>("/api/avatar", async (request) =>
    storeAvatar(getStorage(request), signedIn(request.headers["x-user"]), request.raw),
  );
  app.get<Route>("/api/avatars/:user", async (request, reply) => {
    return sendObject(request, reply, avatarKey(request.params.user), { onError });
  });

  app.post<Route>("/api/documents", async (request, reply) => {
    reply.code(201);
    return storeDocument(getStorage(request), signedIn(request.headers["x-user"]), request.raw);
  });
  app.get<Route>("/api/documents", async (request) => {
    const { category, cursor } = request.query;
    return listDocuments(getStorage(request), category, cursor);
  });
  app.get<Route>("/api/documents/link", async (request) => {
    const { key, expires_in } = request.query;
    return downloadLink(getStorage(request), signedIn(request.headers["x-user"]), key, expires_in);
  });

  const page = await demoPage(storage);
  app.setNotFoundHandler((request, reply) => send(page, request, reply));
  await app.ready();
  return app.routing;
}

function send(handler: HttpHandler, { raw }: Pick<FastifyRequest, "raw">, reply: FastifyReply): FastifyReply {
  reply.hijack();
  toNodeHandler(handler)(raw, reply.raw);
  return reply;
}
