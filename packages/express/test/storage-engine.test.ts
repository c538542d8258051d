import { once } from "node:events";
import { connect } from "node:net";
import express from "express";
import multer from "multer";
import { expect, test, vi } from "vitest";
import { memory, png } from "../../http/test/app-behaviour.ts";
import { addStorage, type StorageEngineOptions, storageEngine, storageErrors } from "../src/index.ts";
import { serving } from "./serving.ts";

async function uploads(options: Partial<StorageEngineOptions> = {}, limits: multer.Options["limits"] = {}) {
  const [app, backend] = [express(), memory()];
  await addStorage(app, { backend });
  const storage = storageEngine({ maxBytes: 1000, ...options });
  const upload = multer({ storage, limits, defParamCharset: "utf8" });
  app.post("/one", upload.single("file"), (req, res) => {
    res.json(req.file);
  });
  app.post("/many", upload.array("files"), (req, res) => {
    res.json(req.files);
  });
  app.use(storageErrors());
  const { url } = await serving(app);
  const send = async (path: string, ...files: readonly [field: string, body: BlobPart, name: string][]) => {
    const form = new FormData();
    for (const [field, body, name] of files) form.append(field, new Blob([body]), name);
    const answer = await fetch(`${url}${path}`, { method: "POST", body: form });
    return { status: answer.status, answer: await answer.json() };
  };
  return { backend, send, url };
}

test("a file is stored in a folder of its own, and req.file says where, with the type that it has", async () => {
  const { backend, send } = await uploads();
  const { answer } = await send("/one", ["file", png, "π.png"]);
  expect(answer).toMatchObject({
    fieldname: "file",
    originalname: "π.png",
    mimetype: "application/octet-stream",
    key: expect.stringMatching(/^[0-9a-f-]{36}\/π\.png$/),
    size: png.length,
    contentType: "image/png",
    etag: (await backend.getMetadata(answer.key)).etag,
  });
  expect(Buffer.from(await backend.get(answer.key))).toEqual(png);
});

test.each<[string, StorageEngineOptions]>([
  ["a limit that is no number of bytes", { maxBytes: 0.5 }],
  ["a type that is none", { maxBytes: 1000, allowedTypes: ["png"] }],
])("%s is refused before there is a request", (_what, options) => {
  expect(() => storageEngine(options)).toThrow(expect.objectContaining({ code: "Configuration" }));
});

test("the key can be the application's, also one that it has to wait for", async () => {
  const { backend, send } = await uploads({
    key: async (req, { key, contentType }) => `${req.method}/${contentType}/${key}`,
  });
  await send("/one", ["file", png, "../a.png"]);
  expect(await backend.listKeys()).toEqual(["POST/image/png/a.png"]);
});

test("another backend than the request's can take the files", async () => {
  const other = memory();
  const { backend, send } = await uploads({ backend: other });
  expect((await send("/one", ["file", "a", "a.txt"])).status).toBe(200);
  expect([await backend.listKeys(), (await other.listKeys()).length]).toEqual([[], 1]);
});

test("a file that is too large, or of another type, is refused, and nothing is stored", async () => {
  const { backend, send } = await uploads({ allowedTypes: ["image/*"] });
  const large = Buffer.concat([png, Buffer.alloc(1000)]);
  expect(await send("/one", ["file", large, "a.png"])).toMatchObject({
    status: 413,
    answer: { error: "TooLarge" },
  });
  expect(await send("/one", ["file", "<script>", "a.png"])).toMatchObject({
    status: 415,
    answer: { error: "UnsupportedType" },
  });
  expect(await backend.listKeys()).toEqual([]);
});

test("a file that multer's own limit has cut off is not stored", async () => {
  const { backend, send } = await uploads({}, { fileSize: 100 });
  const { status, answer } = await send("/one", ["file", Buffer.alloc(500), "a.bin"]);
  expect([status, answer.error]).toEqual([413, "TooLarge"]);
  expect(await backend.listKeys()).toEqual([]);
});

test.each([
  ["a file in another field", {}, ["other"], "The form has a file in a field that takes none, or too many."],
  ["one file more than multer's limit", { files: 1 }, ["files", "files"], "The form has too many files."],
  [
    "a field whose name is too long",
    { fieldNameSize: 2 },
    ["files"],
    "The form is not one that is taken here.",
  ],
])("%s is refused with a sentence, and nothing is stored", async (_what, limits, fields, message) => {
  const { backend, send } = await uploads({}, limits);
  const { status, answer } = await send(
    "/many",
    ...fields.map((field): [string, BlobPart, string] => [field, png, "a.png"]),
  );
  expect([status, answer]).toEqual([400, { error: "InvalidArgument", message }]);
  expect(await backend.listKeys()).toEqual([]);
});

test("a later file that is refused takes the earlier ones of the form with it", async () => {
  const { backend, send } = await uploads({ allowedTypes: ["image/png"] });
  const { status } = await send(
    "/many",
    ["files", png, "a.png"],
    ["files", png, "b.png"],
    ["files", "no", "c.png"],
  );
  expect(status).toBe(415);
  expect(await backend.listKeys()).toEqual([]);
});

test("what another request has stored under the key meanwhile is not taken with it", async () => {
  const { backend, send } = await uploads({
    allowedTypes: ["image/png"],
    key: async (_req, { key }) => {
      if (key === "b.png") {
        await vi.waitFor(() => backend.getMetadata("a.png"));
        await backend.put("a.png", "another's");
      }
      return key;
    },
  });
  await send("/many", ["files", png, "a.png"], ["files", png, "b.png"], ["files", "no", "c.png"]);
  expect(await backend.listKeys()).toEqual(["a.png"]);
});

test("of an upload that breaks off nothing is stored", async () => {
  const { backend, url } = await uploads({ maxBytes: 1_000_000 });
  const put = vi.spyOn(backend, "put");
  const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
  socket.write(
    `POST /one HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n${"a".repeat(50_000)}`,
  );
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  socket.destroy();
  await once(socket, "close");
  await expect(put.mock.results[0]?.value).rejects.toMatchObject({ code: "SourceFailed" });
  expect(await backend.listKeys()).toEqual([]);
});

test("a key that is none is answered, and the form is read to its end", async () => {
  const { backend, send } = await uploads({ key: () => "a//b" });
  expect(await send("/one", ["file", Buffer.alloc(900), "a.bin"])).toMatchObject({
    status: 400,
    answer: { error: "InvalidKey" },
  });
  expect(await backend.listKeys()).toEqual([]);
});
