// node serve.ts FRAMEWORK FOLDER: the app on plain files, in a process whose memory can be asked for.
import { LocalBackend } from "@storage/local";
import { type Framework, startApp } from "../../app.ts";

const [framework, basePath = ""] = process.argv.slice(2);
const { origin } = await startApp({
  framework: framework as Framework,
  port: 0,
  storageFor: (at) =>
    new LocalBackend({ basePath, baseUrl: `${at}/files`, secret: "of this test and no other" }),
});
process.on("message", () => {
  process.send?.({ rss: process.memoryUsage().rss, peak: process.resourceUsage().maxRSS * 1024 });
});
process.on("disconnect", () => process.exit());
process.send?.({ origin });
