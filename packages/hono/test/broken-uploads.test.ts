import { describeBrokenUploads } from "../../http/test/broken-uploads.ts";

describeBrokenUploads(import.meta.dirname, { "a signed link": "a signed link", "a form": "a form of Hono" });
