import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { runConformance } from "@storage/testing";
import { SqliteBackend } from "./sqlite-backend.ts";

const open = async () => {
  const folder = await mkdtemp(join(tmpdir(), "sqlite-backend-"));
  const backend = new SqliteBackend({ path: join(folder, "objects.db") });
  return { backend, dispose: () => rm(folder, { recursive: true }) };
};

describe("SqliteBackend", () => runConformance({ describe, test }, { open }));
