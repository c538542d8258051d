import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { faultyFileSystem } from "./faulty-file-system.ts";
import { rejection } from "./rejection.ts";
import { shown } from "./shown.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";
const described = { contentType: "text/x-new", metadata: { of: "new" } };

interface Watched {
  readonly basePath: string;
  /** Its disk fails, in folders that were synced, once something was renamed, linked or removed. */
  readonly failing: LocalBackend;
  readonly healthy: LocalBackend;
  readonly attempts: () => number;
}

async function watched(commit: "rename" | "link" | "unlink", code = "EIO"): Promise<Watched> {
  const basePath = await temporaryFolder();
  let armed = false;
  let attempts = 0;
  const fs = faultyFileSystem((call, [, target]) => {
    if (call === commit && !String(target).includes("/meta/")) {
      armed = true;
      attempts++;
    }
    return call === "fsync" && armed ? { fail: code } : undefined;
  });
  return {
    basePath,
    failing: new LocalBackend({ basePath, secret, fs }),
    healthy: new LocalBackend({ basePath, secret }),
    attempts: () => attempts,
  };
}

const whole = { body: "new", ...described };

describe.each(["EIO", "EFAULT"])("a folder that cannot be synced after the commit (%s)", (code) => {
  test("leaves a put's outcome unknown, and the new object whole", async () => {
    const { failing, healthy, attempts } = await watched("rename", code);
    await healthy.put("a/b", "old", { metadata: { of: "old" } });
    const error = await rejection(failing.put("a/b", "new", described), "Unavailable");
    expect(error).toMatchObject({ outcome: "unknown", retryable: false });
    expect(attempts()).toBe(1);
    expect(await shown(healthy, "a/b")).toEqual(whole);
  });

  test("leaves a create-only put's outcome unknown, and never takes it for someone else's", async () => {
    const { failing, healthy } = await watched("link", code);
    const error = await rejection(failing.put("a", "new", { ...described, ifNoneMatch: "*" }), "Unavailable");
    expect(error.outcome).toBe("unknown");
    expect(await shown(healthy, "a")).toEqual(whole);
  });

  test("leaves a move's outcome unknown, and what was moved whole", async () => {
    const { failing, healthy } = await watched("rename", code);
    await healthy.put("a", "new", described);
    const error = await rejection(failing.move("a", "b"), "Unavailable");
    expect(error.outcome).toBe("unknown");
    expect(await shown(healthy, "b")).toEqual(whole);
    expect(await healthy.exists("a")).toBe(false);
  });

  test("leaves a delete's outcome unknown, and is no answer about another delete", async () => {
    const { failing, healthy } = await watched("unlink", code);
    await healthy.put("a", "new", described);
    const error = await rejection(failing.delete("a"), "Unavailable");
    expect(error.outcome).toBe("unknown");
    expect(await healthy.exists("a")).toBe(false);
  });
});

test("a temp file that cannot be removed after the link does not undo the object", async () => {
  const basePath = await temporaryFolder();
  const fs = faultyFileSystem((call) => (call === "unlink" ? { fail: "EIO" } : undefined));
  const backend = new LocalBackend({ basePath, secret, fs });
  await backend.put("a", "new", { ...described, ifNoneMatch: "*" });
  const healthy = new LocalBackend({ basePath, secret });
  expect(await shown(healthy, "a")).toEqual(whole);
  await backend.close();
  await healthy.sweep({ olderThan: 0 });
  expect(await readdir(join(basePath, ".storage/tmp"))).toEqual([]);
});

test("a clean-up that fails does not hide why the put failed", async () => {
  const basePath = await temporaryFolder();
  const fs = faultyFileSystem((call) => {
    if (call === "write") return { fail: "ENOSPC" };
    return call === "unlink" ? { fail: "EROFS" } : undefined;
  });
  await rejection(new LocalBackend({ basePath, secret, fs }).put("a", "new", described), "QuotaExceeded");
});
