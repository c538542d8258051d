import { describeBrokenUploads } from "../../http/test/broken-uploads.ts";

describeBrokenUploads(import.meta.dirname, {
  "a signed link": "a signed link",
  "another parser's form": "a form of multer",
});
