import { fstatSync } from "node:fs";
import { LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { faultyFileSystem } from "./faulty-file-system.ts";
import { rejection } from "./rejection.ts";
import { shown } from "./shown.ts";
import { temporaryFolder } from "./temporary-folder.ts";

async function withoutFolderSync(code: string): Promise<LocalBackend> {
  const fs = faultyFileSystem((call, [descriptor]) =>
    call === "fsync" && fstatSync(Number(descriptor)).isDirectory() ? { fail: code } : undefined,
  );
  return new LocalBackend({ basePath: await temporaryFolder(), secret: "a secret of this test", fs });
}

test.each(["EINVAL", "ENOTSUP"])(
  "a disk that cannot sync folders (%s) stores as well as it can",
  async (code) => {
    const storage = await withoutFolderSync(code);
    await storage.put("folder/a", "body", { metadata: { of: "a" } });
    await storage.move("folder/a", "folder/b");
    expect(await shown(storage, "folder/b")).toMatchObject({ body: "body", metadata: { of: "a" } });
    expect(await storage.delete("folder/b")).toBe(true);
  },
);

test("a disk that fails while it syncs a folder is another thing", async () => {
  const storage = await withoutFolderSync("EIO");
  expect((await rejection(storage.put("a", "body"), "Unavailable")).code).toBe("Unavailable");
});
