import { StorageError } from "@storage/core";
import { LocalBackend } from "@storage/local";

const { basePath } = JSON.parse(process.argv[2] ?? "") as { readonly basePath: string };
const store = new LocalBackend({ basePath, secret: "a secret of this test" });
await store.exists("loaded");
process.setgroups?.([]);
process.setgid?.(65534);
process.setuid?.(65534);

async function listed(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix })) keys.push(key);
  return keys;
}

async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    return StorageError.is(error) ? error.code : String(error);
  }
}

console.log(
  JSON.stringify({
    "whole list": await outcome(listed("")),
    "whole keys": await outcome(store.listKeys()),
    "its own prefix": await outcome(store.listKeys({ prefix: "locked/" })),
    "a prefix in it": await outcome(store.listKeys({ prefix: "locked/sub/" })),
    folded: await outcome(store.listPage({ delimiter: "/" })),
    "names without facts": await outcome(listed("named/")),
    "beside it": await outcome(store.listKeys({ prefix: "a/" })),
    "exists in it": await outcome(store.exists("locked/sub/y")),
  }),
);
