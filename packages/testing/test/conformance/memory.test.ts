import { runConformance } from "@storage/testing";
import { describe, test } from "vitest";
import { memory } from "../subjects.ts";

describe("MemoryBackend", () => runConformance({ describe, test }, { open: memory }));
