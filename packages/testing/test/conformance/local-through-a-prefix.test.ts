import { runConformance } from "@storage/testing";
import { describe, test } from "vitest";
import { local, prefixed } from "../subjects.ts";

describe("LocalBackend, through withPrefix", () =>
  runConformance({ describe, test }, { open: () => prefixed(local) }));
