// Stores a form of 256 MiB that comes over a socket; prints the most memory that the process had, in bytes.
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { LocalBackend } from "@storage/local";
import { acceptUpload } from "../../src/index.ts";
import { filePart, formOf, formType } from "../upload-form.ts";

const [, , basePath = "", secret = ""] = process.argv;
const backend = new LocalBackend({ basePath, secret, durability: "none" });
const most = (): number => process.resourceUsage().maxRSS * 1024;

const server = createServer(async (req, res) => {
  const { key, body } = await acceptUpload(req, { maxBytes: 2 ** 30 });
  const { size } = await backend.put(key, body);
  res.end(String(size));
});
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = server.address() as AddressInfo;

async function upload(mebibytes: number): Promise<number> {
  const sending = request({ port, host: "127.0.0.1", method: "POST", headers: { "content-type": formType } });
  const answered = once(sending, "response");
  const form = formOf(filePart("a.bin", ""));
  const end = form.lastIndexOf("\r\n--");
  sending.write(form.subarray(0, end));
  const chunk = Buffer.alloc(1024 * 1024, 7);
  for (let sent = 0; sent < mebibytes; sent++) {
    if (!sending.write(chunk)) await once(sending, "drain");
  }
  sending.end(form.subarray(end));
  const [response] = await answered;
  return Number(Buffer.concat(await response.toArray()).toString());
}

await upload(8);
const before = most();
const size = await upload(256);
console.log(JSON.stringify({ before, after: most(), size }));
server.close();
await backend.close();
