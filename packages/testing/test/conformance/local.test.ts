import { runConformance } from "@storage/testing";
import { describe, test } from "vitest";
import { local } from "../subjects.ts";

describe("LocalBackend", () => runConformance({ describe, test }, { open: local }));
