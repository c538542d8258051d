import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import express4 from "express-4";
import { describeApp, type Framework } from "../../http/test/app-behaviour.ts";
import { addStorage, getStorage, sendObject, storageErrors } from "../src/index.ts";

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

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  const end = new Promise((resolve) => server.once("close", resolve));
  server.close();
  server.closeAllConnections();
  await end;
}

describeApp(framework("Express 5", express));
describeApp(framework("Express 4", express4));
