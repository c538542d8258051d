import { runConformance } from "@storage/testing";
import { describe, test } from "vitest";
import { memory, prefixed } from "../subjects.ts";

describe("MemoryBackend, through withPrefix", () =>
  runConformance({ describe, test }, { open: () => prefixed(memory) }));
