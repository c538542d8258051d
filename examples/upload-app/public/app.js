import { refresh } from "./file-table.js";
import { find, showProblem } from "./page.js";
import { storageName } from "./server.js";
import { showUnfinished } from "./unfinished.js";
import { isUploading, upload } from "./upload-list.js";

const places = {
  LocalBackend: "Kept in a folder on this computer.",
  MemoryBackend: "Kept in memory: gone when the server ends.",
  S3Backend: "Kept in a bucket.",
};

const picker = find("#picker");

picker.addEventListener("change", () => {
  upload(picker.files, refresh);
  picker.value = ""; // so that the same file can be chosen again
});

// The whole window takes files: one that misses a small target would replace the page.
addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dragging");
});
addEventListener("dragleave", ({ relatedTarget }) => {
  if (relatedTarget === null) document.body.classList.remove("dragging");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dragging");
  const dropped = [...event.dataTransfer.items].filter(({ kind }) => kind === "file");
  const files = dropped.filter((item) => item.webkitGetAsEntry()?.isFile !== false);
  const folders = dropped.length > files.length;
  showProblem(folders ? new Error("A folder can't be uploaded: drop the files in it.") : undefined);
  upload(
    files.map((item) => item.getAsFile()),
    refresh,
  );
});

addEventListener("beforeunload", (event) => {
  if (isUploading()) event.preventDefault();
});

/** Where it is not answered, `refresh` says what is wrong. */
const name = await storageName().catch(() => undefined);
find("#place").textContent = places[name] ?? name ?? "";
showUnfinished();
await refresh();
