import { Hono } from "hono";
import { describeApp, type Framework, limits } from "../../http/test/app-behaviour.ts";
import { describeAttacks } from "../../http/test/attack-behaviour.ts";
import { closed } from "../../http/test/site.ts";
import {
  acceptUpload,
  addStorage,
  getStorage,
  type StorageVariables,
  sendObject,
  storageErrors,
} from "../src/index.ts";
import { serving } from "./serving.ts";

const framework: Framework = {
  name: "Hono 4",
  start: async (options, onError) => {
    const app = new Hono<{ Variables: StorageVariables }>();
    if (options !== undefined) await addStorage(app, options);
    app.get("/text", async (c) => c.body(await getStorage(c).get(c.req.query("key") ?? "")));
    app.get("/object", (c) => sendObject(c, c.req.query("key") ?? ""));
    app.post("/upload", async (c) => {
      const { body, fields, ...upload } = await acceptUpload(c, limits);
      const { contentType } = upload;
      const { key, size } = await c.var.storage.put(upload.key, body, { contentType });
      return c.json({ key, size, contentType, title: fields.title }, 201);
    });
    app.get("/broken", () => {
      throw new Error("not the storage's");
    });
    app.onError(storageErrors({ onError }));
    const { server, port } = await serving(app);
    return {
      port,
      addStorage: (given) => addStorage(app, given),
      close: () => closed(server),
    };
  },
};

describeApp(framework);
describeAttacks(framework);
