// Puts a stream in chunks of 1 KiB and gets it again; prints the most memory that the process had, in bytes.
import { S3Backend, type S3BackendOptions } from "@storage/s3";

const options: S3BackendOptions = JSON.parse(process.argv[2] ?? "");
const size = Number(process.argv[3]);
const backend = new S3Backend(options);

/** So that no two parts are the same. */
const byteAt = (position: number): number => Math.floor(position / 1024) % 251;

async function* chunks(): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < size; sent += 1024) yield new Uint8Array(1024).fill(byteAt(sent));
}

const most = (): number => process.resourceUsage().maxRSS * 1024;

await backend.put("small", "text");
const before = most();
await backend.put("key", chunks());
const afterPut = most();
let got = 0;
let wrong = 0;
for await (const chunk of (await backend.open("key")).body) {
  for (let at = 0; at < chunk.length; at += 1024) {
    if (chunk[at] !== byteAt(got + at)) wrong++;
  }
  got += chunk.length;
}
const afterGet = most();
await backend.close();
console.log(JSON.stringify({ before, afterPut, afterGet, got, wrong }));
