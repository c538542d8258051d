// Stores a body in a file, in one of many ways: `store.mjs <file> <way>`.
import fs from "node:fs";
import { copyFile, open, rename, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { killable } from "../../../src/faults/killable.ts";

const [path = "", way = ""] = process.argv.slice(2);
const body = "new".repeat(1000);
const bytes = Buffer.from(body);
const source = `${path}.source`;
fs.writeFileSync(source, body);

async function withHandle(write) {
  const handle = await open(path, "r+");
  await write(handle);
  await handle.close();
}

const ways = {
  "temporary file and rename": async () => {
    await writeFile(`${path}.tmp`, body);
    await rename(`${path}.tmp`, path);
  },
  "temporary file and rename of callbacks": async () => {
    const descriptor = await promisify(fs.open)(`${path}.tmp`, "w");
    const { bytesWritten } = await promisify(fs.write)(descriptor, bytes);
    if (bytesWritten !== bytes.length) throw new Error("a promisified write lost its second value");
    await promisify(fs.close)(descriptor);
    await promisify(fs.rename)(`${path}.tmp`, path);
  },
  "temporary file and rename that wait": () => {
    fs.writeFileSync(`${path}.tmp`, body);
    fs.renameSync(`${path}.tmp`, path);
  },
  "two temporary files at once": async () => {
    await Promise.all([writeFile(`${path}.tmp`, body), writeFile(`${path}.other`, body)]);
    await rename(`${path}.tmp`, path);
  },
  "writeFile in place": () => writeFile(path, body),
  "writeFile of callbacks in place": () => promisify(fs.writeFile)(path, bytes),
  "writeFile in place that waits": () => fs.writeFileSync(path, body),
  "copyFile in place": () => copyFile(source, path),
  "a stream in place": () => pipeline(fs.createReadStream(source), fs.createWriteStream(path)),
  "FileHandle.write in place": () => withHandle((handle) => handle.write(bytes, 0, bytes.length, 0)),
  "FileHandle.write of text in place": () => withHandle((handle) => handle.write(body, 0)),
  "FileHandle.write with options in place": () =>
    withHandle((handle) => handle.write(bytes, { position: 0 })),
  "FileHandle.writev in place": () => withHandle((handle) => handle.writev([bytes], 0)),
  "FileHandle.writeFile in place": () => withHandle((handle) => handle.writeFile(bytes)),
  "write in place that waits": () => {
    const descriptor = fs.openSync(path, "r+");
    fs.writeSync(descriptor, bytes, 0, bytes.length, 0);
    fs.closeSync(descriptor);
  },
  "removed first, renamed then": async () => {
    await writeFile(`${path}.tmp`, body);
    fs.unlinkSync(path);
    await rename(`${path}.tmp`, path);
  },
  "nothing at all": () => fs.readFileSync(path),
  "an error": () => Promise.reject(new Error("it cannot be stored")),
  "another number of calls each time": async () => {
    if (!fs.existsSync(`${path}.before`)) await writeFile(path, body);
    await writeFile(path, body);
  },
};
const value = await killable(async () => {
  await ways[way]();
  return "done";
});
if (value !== "done") throw new Error("killable lost what its function gave");
console.log(value);
