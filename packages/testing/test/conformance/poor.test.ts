import { runConformance } from "@storage/testing";
import { describe, test } from "vitest";
import { poor } from "../subjects.ts";

describe("a backend that can do nothing beside the least", () =>
  runConformance({ describe, test }, { open: poor }));
