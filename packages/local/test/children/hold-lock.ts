import * as nodeFs from "node:fs";
import { StorageError } from "@storage/core";
import { LocalBackend } from "@storage/local";

export interface HoldLock {
  readonly basePath: string;
  readonly work: "put" | "create" | "delete";
  readonly etag: string;
}

const { basePath, work, etag } = JSON.parse(process.argv[2] ?? "") as HoldLock;

/** A call that commits waits until the parent says so: then the lock is held, and everything was checked. */
function held(call: (...all: never[]) => void): (...all: never[]) => void {
  return (...parameters) => {
    const isCommit = parameters.some((path) => path === `${basePath}/key`);
    if (!isCommit) return call(...parameters);
    process.once("message", () => call(...parameters));
    return process.send?.("holding");
  };
}

const { rename, link, unlink } = nodeFs;
const fs = {
  ...nodeFs,
  rename: held(rename),
  link: held(link),
  unlink: held(unlink),
};
const store = new LocalBackend({ basePath, secret: "a secret of this test", fs, maxAttempts: 1 });
const works = {
  put: () => store.put("key", "of the holder", { ifMatch: etag, metadata: { by: "holder" } }),
  create: () => store.put("key", "of the holder", { ifNoneMatch: "*", metadata: { by: "holder" } }),
  delete: () => store.delete("key", { ifMatch: etag }),
};
const outcome = await works[work]().then(
  (value) => (value === false ? "absent" : "done"),
  (error: unknown) => (StorageError.is(error) ? error.code : String(error)),
);
process.disconnect();
console.log(JSON.stringify(outcome));
