import { describe } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import { conforms } from "./conforms.ts";

describe.skipIf(!available("minio"))("minio", () => conforms("minio"));
