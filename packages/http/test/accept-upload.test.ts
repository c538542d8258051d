import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { MemoryBackend } from "@storage/memory";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AcceptOptions, acceptUpload, statusOf } from "../src/index.ts";
import { backends, folder, listening, pattern, secret } from "./site.ts";
import { boundary, field, filePart, formOf, formType, part } from "./upload-form.ts";
import { send, uploadSite } from "./upload-site.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe.each(backends)("%s: a form", (_name, make) => {
  test("of fetch is stored, under a safe key and by the type of its content", async () => {
    const { backend, url } = await uploadSite({}, make);
    const form = new FormData();
    form.set("title", "a π");
    form.set("file", new File([pattern(300_000)], "../日本 😀.bin", { type: "image/png" }));
    form.set("after", "too");
    const response = await fetch(url, { method: "POST", body: form });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({
      key: "日本 😀.bin",
      fileName: "../日本 😀.bin",
      size: 300_000,
      contentType: "application/octet-stream",
      fields: { title: "a π", after: "too" },
    });
    expect(await backend.get("日本 😀.bin")).toEqual(pattern(300_000));
    expect((await backend.getMetadata("日本 😀.bin")).contentType).toBe("application/octet-stream");
  });

  test("of curl is stored", async () => {
    const { backend, url } = await uploadSite({}, make);
    const path = join(folder(), "with space.csv");
    writeFileSync(path, "a,b\n1,2\n");
    const status = await curl("-F", "title=one", "-F", `file=@${path}`, url);
    expect(status).toBe("201");
    expect((await backend.getMetadata("with space.csv")).contentType).toBe("text/csv");
    expect(text(await backend.get("with space.csv"))).toBe("a,b\n1,2\n");
  });

  test("is stored wherever its bytes are cut", async () => {
    const { backend, url } = await uploadSite({}, make);
    const form = formOf(field("a", "1"), filePart("a.txt", "hello\r\n--not-\r\n"), field("b", "2-"));
    for (const length of [1, 2, 3, 7, 50]) {
      await backend.delete("a.txt");
      const { status, json } = await send(url, cut(form, length));
      expect([status, json.fields]).toEqual([201, { a: "1", b: "2-" }]);
      expect(text(await backend.get("a.txt"))).toBe("hello\r\n--not-\r\n");
    }
  });

  test("may have an empty file", async () => {
    const { backend, url } = await uploadSite({}, make);
    const { status, json } = await send(url, [formOf(filePart("empty.txt", ""))]);
    expect([status, json.size, json.contentType]).toEqual([201, 0, "application/octet-stream"]);
    expect(await backend.get("empty.txt")).toEqual(new Uint8Array());
  });
});

/** Without blocking the server, which runs in this process. */
async function curl(...options: readonly string[]): Promise<string> {
  const arguments_ = ["-s", "-o", "/dev/null", "-w", "%{http_code}", ...options];
  return new Promise((resolve, reject) => {
    execFile("curl", arguments_, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}

function* cut(bytes: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

test("a form that ends in two pieces, at every place, is the same form", async () => {
  const form = formOf(field("a", "1"), filePart("a.txt", "-\r\n--\r\n-"));
  for (let at = 1; at < form.length; at++) {
    const body = bodyOf(form.subarray(0, at), form.subarray(at));
    const upload = await acceptUpload(requestOf(body), { maxBytes: 100 });
    expect(text(await collected(upload.body))).toBe("-\r\n--\r\n-");
    expect({ ...upload.fields }).toEqual({ a: "1" });
  }
});

test("bytes that resemble the form around them come through, however they are cut", async () => {
  const delimiter = `\r\n--${boundary}`;
  const lookalike = fc.oneof(
    fc.constantFrom("\r", "\n", "-", "--", "\r\n", "\r\n-", "\r\n--", `--${boundary}`, boundary, "x"),
    fc.nat(delimiter.length - 1).map((length) => delimiter.slice(0, length)),
  );
  const content = fc
    .array(lookalike, { maxLength: 20 })
    .map((pieces) => pieces.join(""))
    .filter((bytes) => !`\r\n${bytes}`.includes(delimiter));
  const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 });
  const property = fc.asyncProperty(content, content, lengths, async (fileText, fieldText, cuts) => {
    const form = formOf(field("a", fieldText), filePart("a.txt", fileText), field("b", fieldText));
    const chunks: Buffer[] = [];
    for (let at = 0, turn = 0; at < form.length; turn++) {
      const length = cuts[turn % cuts.length] ?? 1;
      chunks.push(form.subarray(at, at + length));
      at += length;
    }
    const upload = await acceptUpload(requestOf(bodyOf(...chunks)), { maxBytes: 10_000 });
    expect(text(await collected(upload.body))).toBe(fileText);
    expect({ ...upload.fields }).toEqual({ a: fieldText, b: fieldText });
  });
  await fc.assert(property, { numRuns: 1000 });
});

const bodyOf = (...chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });

const requestOf = (body: BodyInit, headers: Record<string, string> = { "content-type": formType }): Request =>
  new Request("http://localhost/", { method: "POST", headers, body, duplex: "half" } as RequestInit);

async function collected(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("what is accepted", () => {
  test("is a Fetch Request with a form", async () => {
    const form = new FormData();
    form.set("before", "1");
    form.set("file", new File(["hello"], "a.md", { type: "text/markdown" }));
    const request = new Request("http://localhost/", { method: "POST", body: form });
    const upload = await acceptUpload(request, { maxBytes: 10 });
    expect([upload.fileName, upload.key, upload.contentType]).toEqual(["a.md", "a.md", "text/markdown"]);
    const backend = new MemoryBackend({ secret: secret });
    await backend.put(upload.key, upload.body, { contentType: upload.contentType });
    expect(text(await backend.get("a.md"))).toBe("hello");
  });

  test("is Node's own request, with no handler of ours", async () => {
    const sizes: unknown[] = [];
    const server = createServer(async (req, res) => {
      const { body, size, fileName, contentType } = await acceptUpload(req, { maxBytes: 1000 });
      sizes.push([(await collected(body)).length, size, fileName, contentType]);
      res.end("{}");
    });
    const url = `http://127.0.0.1:${await listening(server)}/`;
    await fetch(url, { method: "POST", body: pattern(500) });
    await send(url, [formOf(filePart("a.txt", "hello"))]);
    await send(url, ["a", "b"].map(Buffer.from), {
      "content-type": "text/csv",
      "content-disposition": Buffer.from('attachment; filename="π.csv"').toString("latin1"),
    });
    expect(sizes).toEqual([
      [500, 500, "", "application/octet-stream"],
      [5, undefined, "a.txt", "text/plain"],
      [2, undefined, "π.csv", "text/csv"],
    ]);
  });

  test("is a body that is no form, named by Content-Disposition", async () => {
    const { backend, url } = await uploadSite();
    const headers = {
      "content-type": "text/plain",
      "content-disposition": "attachment; filename=x; filename*=UTF-8''%CF%80%20%22x%22.txt",
    };
    expect((await send(url, [Buffer.from("hello")], headers)).json.key).toBe('π "x".txt');
    expect((await send(url, [Buffer.from("hello")], { "content-type": "text/plain" })).json.key).toBe("file");
    expect((await send(url, [], {})).status).toBe(201);
    expect(await backend.listKeys()).toEqual(["file", 'π "x".txt']);
    expect((await backend.get("file")).length).toBe(0);
  });

  test.each([
    ["π/日本 😀.txt", "日本 😀.txt"],
    ["C:\\\\Users\\me\\a.txt", "a.txt"],
    ["a%22b.txt", 'a"b.txt'],
    ['a\\"b.txt', 'a"b.txt'],
    ["100%.txt", "100%.txt"],
    ["a;b=c.txt", "a;b=c.txt"],
    [".storage", "file .storage"],
    ["..", "file .."],
  ])("is a file named %s, under the key %s", async (fileName, key) => {
    const { url } = await uploadSite();
    expect((await send(url, [formOf(filePart(fileName, "x"))])).json.key).toBe(key);
  });

  test("are fields of any name, and of several of one name the last", async () => {
    const { url } = await uploadSite();
    const names = ["__proto__", "constructor", "toString", "", "a\u00e9 日本"];
    const form = formOf(
      ...names.map((name) => field(name, "x")),
      field("t", "1"),
      field("t", "2"),
      filePart("a", "b"),
    );
    const { status, json } = await send(url, [form]);
    expect(status).toBe(201);
    expect(Object.entries(json.fields ?? {}).sort()).toEqual(
      [...names.map((name) => [name, "x"]), ["t", "2"]].sort(),
    );
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });

  test("are text before the first part and after the last, which nobody reads", async () => {
    const { url } = await uploadSite();
    const epilogue = Buffer.from(`for your eyes only\r\n${formOf(filePart("b.txt", "no"))}`);
    const { status, json } = await send(url, [
      Buffer.from("for old mail readers\r\n"),
      formOf(filePart("a.txt", "x")),
      epilogue,
    ]);
    expect([status, json.key]).toEqual([201, "a.txt"]);
  });

  test("are these also where all of it comes at once", async () => {
    const after = Buffer.concat([formOf(field("b", "2"), filePart("b.txt", "no")), part("no header", "x")]);
    const form = Buffer.concat([Buffer.from("before\r\n"), formOf(filePart("a.txt", "x")), after]);
    const upload = await acceptUpload(requestOf(bodyOf(form)), { maxBytes: 10 });
    expect([upload.fileName, text(await collected(upload.body))]).toEqual(["a.txt", "x"]);
    expect({ ...upload.fields }).toEqual({});
  });

  test("is a form that also has an input without a file chosen", async () => {
    const { url } = await uploadSite();
    const empty = part(
      'Content-Disposition: form-data; name="other"; filename=""\r\nContent-Type: application/octet-stream',
      "",
    );
    expect((await send(url, [formOf(empty, filePart("a.txt", "x"), empty)])).json.key).toBe("a.txt");
    const { status, json } = await send(url, [formOf(empty)]);
    expect([status, json.message]).toEqual([400, "The form has no file."]);
  });
});

describe.each(backends)("%s: nothing is stored of", (_name, make) => {
  const file = filePart("a.txt", "x".repeat(6000));
  const small = filePart("a.txt", "x");
  const headersOnly = Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n`);
  const noEnd = (form: Buffer): Buffer => form.subarray(0, form.length - 4);
  const many = (count: number): readonly Buffer[] =>
    Array.from({ length: count }, (_, at) => field(`${at}`, "x"));

  test.each<[string, Buffer, string, Partial<AcceptOptions>?]>([
    ["a form without a file", formOf(field("a", "1")), "The form has no file."],
    ["an empty form", formOf(), "The form has no file."],
    ["a body without any part", Buffer.from("hello"), "The upload broke off."],
    ["no body at all", Buffer.alloc(0), "The upload broke off."],
    ["a form without its end", noEnd(formOf(file)), "The upload broke off."],
    [
      "a form that breaks off in a second part",
      noEnd(Buffer.concat([file, field("a", "1")])),
      "The upload broke off.",
    ],
    [
      "a form that breaks off in headers",
      Buffer.concat([file, file.subarray(0, 50)]),
      "The upload broke off.",
    ],
    ["two files", formOf(file, filePart("b.txt", "y")), "The form has more than one file."],
    ["two small files", formOf(small, small), "The form has more than one file."],
    [
      "a file in another field",
      formOf(filePart("a.txt", "x", "b")),
      'The file has to be in the field "a".',
      { field: "a" },
    ],
    ["text where the file should be", formOf(field("a", "x")), "The form has no file.", { field: "a" }],
    ["too many fields before the file", formOf(...many(33), file), "The form has too many fields."],
    ["too many fields after the file", formOf(file, ...many(33)), "The form has too many fields."],
    ["a field too many of few", formOf(file, ...many(3)), "The form has too many fields.", { maxFields: 2 }],
    [
      "a large field before the file",
      formOf(field("a", "x".repeat(20_000)), file),
      "A field of the form is too large.",
    ],
    [
      "a large field after the file",
      formOf(file, field("a", "x".repeat(20_000))),
      "A field of the form is too large.",
    ],
    [
      "a field larger than allowed",
      formOf(file, field("a", "12345")),
      "A field of the form is too large.",
      { maxFieldBytes: 5 },
    ],
    [
      "a part without a name",
      formOf(file, part("Content-Disposition: form-data", "x")),
      "The form is malformed.",
    ],
    [
      "a part without a disposition",
      formOf(file, part("Content-Type: text/plain", "x")),
      "The form is malformed.",
    ],
    [
      "a part of another disposition",
      formOf(part('Content-Disposition: attachment; name="a"', "x"), file),
      "The form is malformed.",
    ],
    [
      "a part with two names",
      formOf(part('Content-Disposition: form-data; name="a"; name="b"', "x"), file),
      "The form is malformed.",
    ],
    [
      "a part with two dispositions",
      formOf(
        part('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"', "x"),
        file,
      ),
      "The form is malformed.",
    ],
    ["headers without an end", Buffer.concat([headersOnly, formOf(file)]), "The form is malformed."],
    [
      "headers without an end after a field",
      Buffer.concat([field("b", "1"), headersOnly, formOf(file)]),
      "The form is malformed.",
    ],
    ["headers that are none", formOf(file, part("hello", "x")), "The form is malformed."],
    [
      "headers with a bare line feed",
      formOf(file, part('Content-Disposition: form-data;\n name="a"', "x")),
      "The form is malformed.",
    ],
    [
      "headers with a null byte",
      formOf(file, part('Content-Disposition: form-data; name="a\0"', "x")),
      "The form is malformed.",
    ],
    [
      "a name whose encoding is broken",
      formOf(part("Content-Disposition: form-data; name=\"a\"; filename*=UTF-8''%zz", "x")),
      "The form is malformed.",
    ],
    [
      "a name whose encoding is another one",
      formOf(file, part("Content-Disposition: form-data; name=\"a\"; filename*=iso-8859-1''%e9", "x")),
      "The form is malformed.",
    ],
    [
      "a form within the form",
      formOf(
        file,
        part(
          'Content-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=b',
          "--b--",
        ),
      ),
      "The form is malformed.",
    ],
  ])("%s: 400", async (_what, form, message, options = {}) => {
    const { backend, url } = await uploadSite(options, make);
    const { status, json } = await send(url, [form]);
    expect([status, json.message]).toEqual([400, message]);
    const storing = async () => {
      const request = requestOf(bodyOf(...cut(form, 1000)));
      const { key, body } = await acceptUpload(request, { maxBytes: 10_000, ...options });
      return backend.put(key, body);
    };
    const failure: unknown = await storing().catch((error) => error);
    expect(statusOf(failure)).toBe(400);
    expect(await backend.listKeys()).toEqual([]);
  });

  test.each<[string, string]>([
    ["no boundary", "multipart/form-data"],
    ["an empty boundary", 'multipart/form-data; boundary=""'],
    ["two boundaries", "multipart/form-data; boundary=a; boundary=b"],
    ["a boundary of 1,000 characters", `multipart/form-data; boundary=${"b".repeat(1000)}`],
    ["a boundary with a quotation mark", 'multipart/form-data; boundary="a\\"b"'],
  ])("%s: 400", async (_what, type) => {
    const { backend, url } = await uploadSite({}, make);
    const { status, json } = await send(url, [formOf(file)], { "content-type": type });
    expect([status, json.message]).toEqual([400, "The form has no valid boundary."]);
    expect(await backend.listKeys()).toEqual([]);
  });

  test("a form that was not sent as multipart: 400", async () => {
    const { backend, url } = await uploadSite({}, make);
    const response = await fetch(url, { method: "POST", body: new URLSearchParams({ file: "a.txt" }) });
    expect(response.status).toBe(400);
    expect(await backend.listKeys()).toEqual([]);
  });

  test.each([
    ["content-encoding", "gzip"],
    ["transfer-encoding", "gzip, chunked"],
  ])("a body that is packed on its way, by %s: 415", async (header, coding) => {
    const { backend, url } = await uploadSite({}, make);
    const headers = { "content-type": formType, [header]: coding };
    expect((await send(url, [formOf(file)], headers)).status).toBe(415);
    expect(await backend.listKeys()).toEqual([]);
  });

  test.each([
    ["a form", (bytes: number) => formOf(filePart("a.txt", "x".repeat(bytes))), formType],
    ["a body", (bytes: number) => Buffer.alloc(bytes, "x"), "text/plain"],
  ])("more bytes than allowed, announced or not, in %s: 413", async (_what, bodyWith, type) => {
    const { backend, url } = await uploadSite({ maxBytes: 10_000 }, make);
    for (const length of [10_001, 200_000, 3_000_000]) {
      const body = bodyWith(length);
      const announced = { "content-type": type, "content-length": String(body.length) };
      for (const headers of [announced, { "content-type": type }]) {
        const { status, json } = await send(url, [body], headers);
        expect([status, json.error]).toEqual([413, "TooLarge"]);
      }
    }
    expect(await backend.listKeys()).toEqual([]);
    expect((await send(url, [bodyWith(10_000)], { "content-type": type })).status).toBe(201);
  });

  test("a type that is not allowed, before the put: 415", async () => {
    const { backend, url } = await uploadSite({ allowedTypes: ["image/*"] }, make);
    const { status, json } = await send(url, [formOf(file)]);
    expect([status, json.error]).toEqual([415, "UnsupportedType"]);
    expect(json.message).toBe("The file has to be of the type image/*.");
    expect(await backend.listKeys()).toEqual([]);
  });

  test("an empty file where types are asked for, since it has none: 415", async () => {
    const { backend, url } = await uploadSite(
      { allowedTypes: ["image/*", "application/octet-stream"] },
      make,
    );
    expect((await send(url, [formOf(filePart("empty.png", ""))])).status).toBe(415);
    expect((await send(url, [], {})).status).toBe(415);
    expect(await backend.listKeys()).toEqual([]);
  });

  test("an upload whose signal aborts, also while the client is silent", async () => {
    const stop = new AbortController();
    const { backend, url, failures } = await uploadSite({ signal: stop.signal }, make);
    const silent = async function* () {
      yield file;
      await new Promise((resolve) => setTimeout(resolve, 20));
      stop.abort();
      await new Promise((resolve) => stop.signal.addEventListener("never", resolve, { once: true }));
    };
    const pieces = silent();
    void send(url, pieces).catch(() => {});
    await expect.poll(() => failures.length).toBe(1);
    expect(failures[0]).toMatchObject({ code: "Aborted", name: "AbortError" });
    expect(await backend.listKeys()).toEqual([]);
  });
});

describe("a body that never comes", () => {
  /** Counts what is asked of it. */
  function silent(headers: Record<string, string>) {
    const state = { asked: 0 };
    const client = new AbortController();
    const next = (): Promise<IteratorResult<Uint8Array>> => {
      state.asked++;
      return new Promise(() => {});
    };
    const body = { [Symbol.asyncIterator]: () => ({ next }) };
    const request = { method: "POST", url: "/", headers: new Headers(headers), body, signal: client.signal };
    return { state, client, request };
  }

  test.each([
    ["a body", "10001", "text/plain"],
    ["a form", "2000000", formType],
  ])("is not waited for where it says that it is too long: %s", async (_what, length, type) => {
    const { state, request } = silent({ "content-type": type, "content-length": length });
    await expect(acceptUpload(request, { maxBytes: 10_000 })).rejects.toMatchObject({ code: "TooLarge" });
    expect(state.asked).toBe(0);
  });

  test.each([["text/plain"], [formType]])("is given up when its client is gone: %s", async (type) => {
    const { state, client, request } = silent({ "content-type": type });
    const accepting = acceptUpload(request, { maxBytes: 10 }).catch((error) => error);
    await expect.poll(() => state.asked).toBe(1);
    client.abort(new Error("the client went away"));
    const broken = { status: 400, code: "SourceFailed", message: "The upload broke off." };
    expect(await accepting).toMatchObject(broken);
    expect(await acceptUpload(request, { maxBytes: 10 }).catch((error) => error)).toMatchObject(broken);
    expect(state.asked).toBe(1);
  });
});

describe("the caller's mistakes", () => {
  test.each([
    [{}],
    [{ maxBytes: -1 }],
    [{ maxBytes: 1.5 }],
    [{ maxBytes: 1, maxFields: Number.NaN }],
    [{ maxBytes: 1, maxFieldBytes: -1 }],
    [{ maxBytes: 1, allowedTypes: ["png"] }],
    [{ maxBytes: 1, allowedTypes: ["*/*"] }],
  ])("%j is refused before anything is read", async (options) => {
    const request = requestOf(bodyOf(formOf(filePart("a.txt", "x"))));
    const accepting = acceptUpload(request, options as AcceptOptions);
    await expect(accepting).rejects.toMatchObject({ code: "Configuration" });
    expect(request.bodyUsed).toBe(false);
  });

  test("a request whose body was read before is refused", async () => {
    const request = requestOf(bodyOf(formOf(filePart("a.txt", "x"))));
    await request.arrayBuffer();
    await expect(acceptUpload(request, { maxBytes: 1 })).rejects.toThrow(/has read the body/);
  });

  test("a body is read once, and not silently empty the second time", async () => {
    const { body } = await acceptUpload(requestOf("hello", { "content-type": "text/plain" }), {
      maxBytes: 10,
    });
    expect(text(await collected(body))).toBe("hello");
    await expect(collected(body)).rejects.toThrow(/read once/);
  });

  test("a signal that has aborted refuses at once, and a time limit says so", async () => {
    const accepting = (signal: AbortSignal) => acceptUpload(requestOf("hello"), { maxBytes: 10, signal });
    await expect(accepting(AbortSignal.abort())).rejects.toMatchObject({ code: "Aborted" });
    const late = AbortSignal.abort(new DOMException("late", "TimeoutError"));
    await expect(accepting(late)).rejects.toMatchObject({ code: "Timeout" });
  });
});

test("a failure of the form is the put's cause, and gives its status", async () => {
  const backend = new MemoryBackend({ secret });
  const form = formOf(filePart("a.txt", "x".repeat(6000)), filePart("b.txt", "y"));
  const { key, body } = await acceptUpload(requestOf(bodyOf(...cut(form, 1000))), { maxBytes: 10_000 });
  const failure: unknown = await backend.put(key, body).catch((error) => error);
  expect(failure).toMatchObject({ code: "SourceFailed", cause: { name: "HttpError" } });
  expect(statusOf(failure)).toBe(400);
});
