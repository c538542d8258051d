// Puts three parts and never the end of the stream: a process to be killed in mid-upload.
import { S3Backend, type S3BackendOptions } from "@storage/s3";

const options: S3BackendOptions = JSON.parse(process.argv[2] ?? "");
const partSize = 5 * 2 ** 20;
const backend = new S3Backend({ ...options, partSize });

async function* endless(): AsyncGenerator<Uint8Array> {
  for (let count = 0; count < 3; count++) yield new Uint8Array(partSize);
  setInterval(() => undefined, 1000);
  await new Promise(() => undefined);
}

await backend.put("folder/key", endless());
