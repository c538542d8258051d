import { describeBrokenUploads } from "./broken-uploads.ts";

describeBrokenUploads(import.meta.dirname, {
  "a signed link": "a signed link",
  "a part's link": "the link of a part",
  "a form": "a form",
});
