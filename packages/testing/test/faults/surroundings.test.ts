import { chmod, copyFile, mkdir, open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import {
  asOtherUser,
  fewDescriptorsObstacle,
  ObstacleError,
  otherUserObstacle,
  SmallDisk,
  smallDiskObstacle,
  withFewDescriptors,
} from "../../src/faults/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const child = (name: string): string => join(import.meta.dirname, "children", name);

describe.skipIf(!available("tmpfs"))("a small disk", () => {
  test("is full after so many bytes, and is gone when it is closed", async () => {
    const disk = await SmallDisk.mount({ bytes: 65_536 });
    const path = join(disk.path, "file");
    await writeFile(path, new Uint8Array(60_000));
    await expect(writeFile(path, new Uint8Array(70_000))).rejects.toMatchObject({ code: "ENOSPC" });
    await disk.close();
    await disk.close();
    await expect(stat(disk.path)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("is full after so few inodes", async () => {
    await using disk = await SmallDisk.mount({ inodes: 3 });
    await mkdir(join(disk.path, "folder"));
    await writeFile(join(disk.path, "file"), "");
    await expect(writeFile(join(disk.path, "other"), "")).rejects.toMatchObject({ code: "ENOSPC" });
  });

  test("is filled to its last byte or inode, or so many before that, and freed again", async () => {
    await using disk = await SmallDisk.mount({ bytes: 2 ** 20, inodes: 20 });
    const write = (bytes: number) => writeFile(join(disk.path, "file"), new Uint8Array(bytes));
    await write(0);
    for (const leave of [0, 8192]) {
      const free = await disk.fill("bytes", leave);
      await expect(write(leave + 1)).rejects.toMatchObject({ code: "ENOSPC" });
      await write(leave);
      await free();
    }
    await write(900_000);
    for (const leave of [0, 2]) {
      const free = await disk.fill("inodes", leave);
      for (let made = 0; made < leave; made++) await mkdir(join(disk.path, `${made}`));
      await expect(mkdir(join(disk.path, "last"))).rejects.toMatchObject({ code: "ENOSPC" });
      await free();
    }
    await mkdir(join(disk.path, "last"));
  });

  test("is mounted read-only, and writes again later", async () => {
    await using disk = await SmallDisk.mount();
    const path = join(disk.path, "file");
    await writeFile(path, "old");
    await disk.remount("read-only");
    await expect(writeFile(path, "new")).rejects.toMatchObject({ code: "EROFS" });
    expect(await readFile(path, "utf8")).toBe("old");
    await disk.remount("read-write");
    await writeFile(path, "new");
  });

  test("goes although a file on it is open", async () => {
    const disk = await SmallDisk.mount();
    await using _ = await open(join(disk.path, "file"), "w");
    await disk.close();
    await expect(stat(disk.path)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe.skipIf(!available("second-uid"))("another user", () => {
  test("is nobody, or the one who was asked for, without groups", async () => {
    const folder = await temporaryFolder();
    const script = join(folder, "open-many.mjs");
    await copyFile(child("open-many.mjs"), script);
    const nobody = await asOtherUser(script);
    expect([nobody.code, JSON.parse(nobody.output)]).toMatchObject([0, { uid: 65534, groups: [65534] }]);
    const other = await asOtherUser(script, { uid: 4711, gid: 4712 });
    expect(JSON.parse(other.output)).toMatchObject({ uid: 4711, groups: [4712] });
  });

  test("meets the permissions that root never meets", async () => {
    const folder = await temporaryFolder();
    const script = join(folder, "write-file.mjs");
    await copyFile(child("write-file.mjs"), script);
    const path = join(folder, "file");
    await writeFile(path, "old", { mode: 0o644 });
    const run = () => asOtherUser(script, { parameters: [path], env: { BODY: "new" } });
    expect(await run()).toMatchObject({ code: 0, output: "EACCES\n" });
    await chmod(path, 0o666);
    expect(await run()).toMatchObject({ code: 0, output: "" });
    expect(await readFile(path, "utf8")).toBe("new");
  });

  test("who cannot mount a disk, nor become another user, is told why", async () => {
    const folder = await temporaryFolder();
    const script = join(folder, "obstacles.mjs");
    await writeFile(
      script,
      `import { smallDiskObstacle, otherUserObstacle, SmallDisk, fewDescriptorsObstacle } from ${JSON.stringify(import.meta.resolve("../../src/faults/index.ts"))};
      const error = await SmallDisk.mount().catch((error) => error.name);
      console.log(JSON.stringify([await smallDiskObstacle(), await otherUserObstacle(0), error, await fewDescriptorsObstacle(1e9)]));`,
    );
    const nodeParameters = ["--conditions=@storage/source", "--no-warnings"];
    const { output, complaints } = await asOtherUser(script, { nodeParameters });
    expect(complaints).toBe("");
    expect(JSON.parse(output)).toEqual([
      expect.stringMatching(/^run it as root \(mount: /),
      "this process may not become user 0 (EPERM): run it as root",
      "ObstacleError",
      expect.stringMatching(/^ulimit -n 1000000000 failed: /),
    ]);
  });
});

describe("few descriptors", () => {
  test("are soon all taken", async () => {
    expect(await fewDescriptorsObstacle()).toBeUndefined();
    for (const descriptors of [undefined, 40]) {
      const end = await withFewDescriptors(child("open-many.mjs"), { descriptors, parameters: ["1000"] });
      const { opened, codes } = JSON.parse(end.output) as { opened: number; codes: unknown };
      expect(codes).toEqual(["EMFILE"]);
      expect(opened).toBeLessThan(descriptors ?? 64);
    }
  });

  test("that are more than this process may have are an obstacle", async () => {
    const run = withFewDescriptors(child("open-many.mjs"), { descriptors: 2 ** 40 });
    const error = await run.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ObstacleError);
    expect(String(error)).toContain("ulimit -n 1099511627776 failed");
  });
});

test("what stands in the way is named only where something does", async () => {
  expect(
    [await smallDiskObstacle(), await otherUserObstacle()].map((obstacle) => obstacle === undefined),
  ).toEqual([available("tmpfs"), available("second-uid")]);
});
