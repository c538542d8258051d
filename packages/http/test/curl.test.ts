// What is promised over HTTP, asked by a client that we did not write.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalBackend } from "@storage/local";
import { describe, expect, test, vi } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { curl } from "./curl.ts";
import { folder, pattern, type Site, site } from "./site.ts";

const size = 1_000_003;
const bytes = Buffer.from(pattern(size));

interface Served extends Site {
  readonly basePath: string;
  /** The link of an object that is there. */
  readonly link: string;
}

async function served(body: Uint8Array = bytes): Promise<Served> {
  const basePath = join(folder(), "files");
  const made = await site({}, (options) => new LocalBackend({ ...options, basePath, durability: "none" }));
  await made.backend.put("folder/a file.bin", body, { contentType: "image/x-of-this-test" });
  return { ...made, basePath, link: await made.backend.getUrl("folder/a file.bin") };
}

describe.skipIf(!available("curl"))("curl", () => {
  test("gets a whole file, byte for byte", async () => {
    const { link, backend } = await served();
    const { etag, lastModified } = await backend.getMetadata("folder/a file.bin");
    const { status, headers, body } = await curl([link]);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-length": String(size),
      "content-type": "image/x-of-this-test",
      "accept-ranges": "bytes",
      etag: `"${etag}"`,
      "last-modified": lastModified.toUTCString(),
    });
    expect(body.equals(bytes)).toBe(true);
  });

  test.each([
    ["the first bytes", "0-9", 0, 10],
    ["bytes in the middle", "500000-500099", 500_000, 500_100],
    ["a large part", "100000-899999", 100_000, 900_000],
    ["everything from a place on", "999000-", 999_000, size],
    ["the last bytes", "-100", size - 100, size],
    ["what there is of a range that goes past the end", "999990-2000000", 999_990, size],
  ])("gets %s", async (_name, range, start, end) => {
    const { link } = await served();
    const { status, headers, body } = await curl(["-r", range, link]);
    expect(status).toBe(206);
    expect(headers["content-range"]).toBe(`bytes ${start}-${end - 1}/${size}`);
    expect(headers["content-length"]).toBe(String(end - start));
    expect(body.equals(bytes.subarray(start, end))).toBe(true);
  });

  test("is told the size by the answer to a range past the end", async () => {
    const { link } = await served();
    const { status, headers } = await curl(["-r", `${size}-`, link]);
    expect([status, headers["content-range"]]).toEqual([416, `bytes */${size}`]);
  });

  test("gets the whole file where it asks for several ranges", async () => {
    const { link } = await served();
    const { status, body } = await curl(["-r", "0-9,20-29", link]);
    expect([status, body.equals(bytes)]).toEqual([200, true]);
  });

  test("goes on with half a file, and is sent the other half alone", async () => {
    const { link } = await served();
    const output = join(folder(), "half");
    await writeFile(output, bytes.subarray(0, 400_000));
    const { status, body, written } = await curl(["-C", "-", link], { output, write: "%{size_download}" });
    expect([status, Number(written)]).toEqual([206, size - 400_000]);
    expect(body.equals(bytes)).toBe(true);
  });

  test("leaves a file that is complete as it is when it is to go on with it", async () => {
    const { link } = await served();
    const output = join(folder(), "complete");
    await writeFile(output, bytes);
    const { status } = await curl(["-C", "-", link], { output });
    expect(status).toBe(416);
    expect((await readFile(output)).equals(bytes)).toBe(true);
  });

  test("keeps its copy by the etag that it has saved, until the object is another one", async () => {
    const { link, backend } = await served();
    const saved = join(folder(), "etag");
    expect((await curl(["--etag-save", saved, link])).status).toBe(200);
    const again = await curl(["--etag-compare", saved, link]);
    expect([again.status, again.body.length]).toEqual([304, 0]);
    await backend.put("folder/a file.bin", "another one");
    const changed = await curl(["--etag-compare", saved, link]);
    expect([changed.status, String(changed.body)]).toEqual([200, "another one"]);
  });

  test("keeps its copy by the time that it gave it", async () => {
    const { link } = await served();
    const output = join(folder(), "copy");
    await curl(["-R", link], { output });
    expect((await curl(["-z", output, link])).status).toBe(304);
    expect((await curl(["-z", "Wed, 01 Jan 2020 00:00:00 GMT", link])).status).toBe(200);
  });

  test("gets a part of what it knows, and the whole of what it does not", async () => {
    const { link } = await served();
    const { headers } = await curl(["-I", link]);
    for (const known of [headers.etag, headers["last-modified"]]) {
      const { status, body } = await curl(["-r", "10-19", "-H", `If-Range: ${known}`, link]);
      expect([status, body.equals(bytes.subarray(10, 20))]).toEqual([206, true]);
    }
    for (const other of ['"of another one"', `W/${headers.etag}`, "Wed, 01 Jan 2020 00:00:00 GMT"]) {
      const { status, body } = await curl(["-r", "10-19", "-H", `If-Range: ${other}`, link]);
      expect([status, body.equals(bytes)]).toEqual([200, true]);
    }
  });

  test("is told by HEAD what a GET would say", async () => {
    const { link } = await served();
    const { date: _, ...got } = (await curl([link])).headers;
    const { status, headers, written } = await curl(["-I", link], { write: "%{size_download}" });
    expect([status, written]).toEqual([200, "0"]);
    expect(headers).toMatchObject(got);
  });

  test("speaks HTTP/1.0", async () => {
    const { link } = await served();
    const whole = await curl(["-0", link]);
    expect([whole.status, whole.headers.connection, whole.body.equals(bytes)]).toEqual([200, "close", true]);
    const part = await curl(["-0", "-r", "0-9", link]);
    expect([part.status, part.body.equals(bytes.subarray(0, 10))]).toEqual([206, true]);
  });

  test("asks for one after the other over one connection, whatever the answers are", async () => {
    const { link } = await served();
    const each = ["-q", "-sS", "-g", "-o", "/dev/null", "-w", "%{http_code} %{num_connects}\n"];
    const asked = [
      [link],
      ["-I", link],
      ["-r", "0-9", link],
      ["-r", `${size}-`, link],
      ["-H", "If-None-Match: *", link],
      [link.replace("expires=", "expires=1")],
      [link],
    ];
    const child = spawn(
      "curl",
      asked.flatMap((parameters, index) => [...(index > 0 ? ["--next"] : []), ...each, ...parameters]),
    );
    const [said] = await Promise.all([child.stdout.setEncoding("utf8").toArray(), once(child, "close")]);
    expect(said.join("").trim().split("\n")).toEqual([
      "200 1",
      "200 0",
      "206 0",
      "416 0",
      "304 0",
      "403 0",
      "200 0",
    ]);
  });

  test.skipIf(process.platform !== "linux")(
    "goes away in the middle of a file, which is closed then",
    async () => {
      const { basePath, link } = await served(pattern(32 * 1024 * 1024));
      const child = spawn("curl", ["-q", "-sS", "-g", "-N", "--limit-rate", "64k", link]);
      await once(child.stdout, "data");
      expect(opened(basePath)).toHaveLength(1);
      child.kill("SIGKILL");
      await vi.waitFor(() => expect(opened(basePath)).toEqual([]));
    },
  );
});

/** The files in a folder that this process has open. */
function opened(folder: string): string[] {
  const targets = readdirSync("/proc/self/fd").map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return "";
    }
  });
  return targets.filter((target) => target.startsWith(folder) && target.endsWith(".bin"));
}

describe.skipIf(!available("curl"))("curl uploads", () => {
  const contentType = ["-H", "content-type: image/x-of-this-test"];
  const options = { contentType: "image/x-of-this-test" };

  test("a file by a signed link, which is stored as it was signed", async () => {
    const { backend } = await served();
    const upload = await backend.getUploadUrl("new.bin", { ...options, metadata: { of: "this test" }, size });
    const file = join(folder(), "file");
    await writeFile(file, bytes);
    expect((await curl([...contentType, "-T", file, upload.url])).status).toBe(201);
    expect(Buffer.from(await backend.get("new.bin")).equals(bytes)).toBe(true);
    expect(await backend.getMetadata("new.bin")).toMatchObject({
      ...options,
      metadata: { of: "this test" },
    });
  });

  test("what it reads from a pipe, whose length nobody knows before", async () => {
    const { backend } = await served();
    const upload = await backend.getUploadUrl("new.bin", options);
    const { status } = await curl([...contentType, "-T", "-", upload.url], { input: bytes });
    expect(status).toBe(201);
    expect(Buffer.from(await backend.get("new.bin")).equals(bytes)).toBe(true);
  });

  test("an empty file", async () => {
    const { backend } = await served();
    const upload = await backend.getUploadUrl("empty.bin", options);
    const file = join(folder(), "empty");
    await writeFile(file, "");
    expect((await curl([...contentType, "-T", file, upload.url])).status).toBe(201);
    expect((await backend.getMetadata("empty.bin")).size).toBe(0);
  });

  test("too much, and is told so, whether it has said the length before or not", async () => {
    const { backend } = await served();
    const upload = await backend.getUploadUrl("new.bin", { ...options, maxBytes: 1000 });
    const file = join(folder(), "file");
    await writeFile(file, Buffer.concat([bytes, bytes]));
    const known = await curl([...contentType, "-T", file, upload.url]);
    const piped = await curl([...contentType, "-T", "-", upload.url], { input: bytes });
    expect([known.status, piped.status]).toEqual([413, 413]);
    expect(await backend.exists("new.bin")).toBe(false);
  });

  test("by HTTP/1.0", async () => {
    const { backend } = await served();
    const upload = await backend.getUploadUrl("new.bin", options);
    const file = join(folder(), "file");
    await writeFile(file, bytes);
    expect((await curl(["-0", ...contentType, "-T", file, upload.url])).status).toBe(201);
    expect(Buffer.from(await backend.get("new.bin")).equals(bytes)).toBe(true);
  });
});

describe.skipIf(!available("curl"))("curl with a path as it is", () => {
  test.each([
    "../outside.bin",
    "../../outside.bin",
    "folder/../../outside.bin",
    "./folder/a%20file.bin",
    "folder/../folder/a%20file.bin",
    "%2e%2e/outside.bin",
    "..%2foutside.bin",
    "%252e%252e%252foutside.bin",
    "..\\outside.bin",
    "..%5coutside.bin",
    "folder%2fa%20file.bin",
    "folder//a%20file.bin",
    "/folder/a%20file.bin",
    "folder/a%20file.bin/",
    "folder/a%20file.bin%00",
    "FOLDER/a%20file.bin",
    "%2Fetc/passwd",
    ".storage/meta",
  ])("is refused %s", async (path) => {
    const { basePath, link } = await served();
    await writeFile(join(basePath, "..", "outside.bin"), "a secret");
    const { status, body } = await curl(["--path-as-is", link.replace("folder/a%20file.bin", path)]);
    expect(status).toBe(403);
    expect(String(body)).not.toContain("a secret");
  });
});
