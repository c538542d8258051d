import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { describeApp, type Framework, limits } from "../../http/test/app-behaviour.ts";
import { describeAttacks } from "../../http/test/attack-behaviour.ts";
import { acceptUpload, addStorage, getStorage, sendObject, storageErrors, unreadBody } from "../src/index.ts";

interface Route {
  Querystring: { readonly key: string };
}

const framework: Framework = {
  name: "Fastify 5",
  start: async (options, onError) => {
    const app = fastify({ forceCloseConnections: true });
    if (options !== undefined) await addStorage(app, options);
    app.get<Route>("/text", async (request, reply) => {
      return reply.type("text/plain").send(await getStorage(request).get(request.query.key));
    });
    app.get<Route>("/object", (request, reply) => sendObject(request, reply, request.query.key));
    app.register((uploads, _options, done) => {
      uploads.removeAllContentTypeParsers();
      uploads.addContentTypeParser("*", unreadBody);
      uploads.post("/upload", async (request, reply) => {
        const { body, fields, ...upload } = await acceptUpload(request, limits);
        const { contentType } = upload;
        const { key, size } = await request.storage.put(upload.key, body, { contentType });
        return reply.code(201).send({ key, size, contentType, title: fields.title });
      });
      done();
    });
    app.get("/broken", () => {
      throw new Error("not the storage's");
    });
    app.setErrorHandler(storageErrors({ onError }));
    await app.listen({ port: 0, host: "127.0.0.1" });
    return {
      port: (app.server.address() as AddressInfo).port,
      addStorage: (given) => addStorage(app, given),
      close: () => app.close(),
    };
  },
};

describeApp(framework);
describeAttacks(framework);
