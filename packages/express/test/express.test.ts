import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import express from "express";
import { describeApp, type Framework, limits } from "../../http/test/app-behaviour.ts";
import { describeAttacks } from "../../http/test/attack-behaviour.ts";
import { closed } from "../../http/test/site.ts";
import { acceptUpload, addStorage, getStorage, sendObject, storageErrors } from "../src/index.ts";

/** As our routes use it, it has the types of 5. */
const express4: typeof express = createRequire(import.meta.url)("express-4");

const framework = (name: string, make: () => express.Express): Framework => ({
  name,
  start: async (options, onError) => {
    const app = make();
    if (options !== undefined) await addStorage(app, options);
    app.get("/text", (req, res, next) => {
      const read = async (): Promise<void> => {
        res.type("text/plain").send(Buffer.from(await getStorage(req).get(String(req.query.key))));
      };
      read().catch(next);
    });
    app.get("/object", (req, res) => sendObject(req, res, String(req.query.key)));
    app.post("/upload", (req, res, next) => {
      const store = async (): Promise<void> => {
        const { body, fields, ...upload } = await acceptUpload(req, limits);
        const { contentType } = upload;
        const { key, size } = await getStorage(req).put(upload.key, body, { contentType });
        res.status(201).json({ key, size, contentType, title: fields.title });
      };
      store().catch(next);
    });
    app.get("/broken", () => {
      throw new Error("not the storage's");
    });
    app.use(storageErrors({ onError }));
    app.set("env", "test");
    const server = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    return {
      port: (server.address() as AddressInfo).port,
      addStorage: (given) => addStorage(app, given),
      close: () => closed(server),
    };
  },
});

for (const it of [framework("Express 5", express), framework("Express 4", express4)]) {
  describeApp(it);
  describeAttacks(it);
}
