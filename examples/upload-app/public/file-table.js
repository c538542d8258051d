import { announce, ask, find, fromTemplate, showProblem } from "./page.js";
import { deleteFile, downloadLinkTo, linkTo, listFiles } from "./server.js";
import { dateInWords, extensionOf, sizeInWords } from "./words.js";

const section = find("#files");
const table = find("table", section);
const pages = find("nav", section);

/** The cursors of the pages up to the one that is shown; the first page has none. */
let cursors = [undefined];
let nextCursor;

/** Shows the page again, as it is on the server now. */
export async function refresh() {
  section.ariaBusy = "true";
  try {
    const { objects: files, cursor } = await listFiles(cursors.at(-1));
    if (files.length === 0 && cursors.length > 1) return await turnTo(cursors.slice(0, -1));
    nextCursor = cursor;
    show(files);
    showProblem(undefined);
  } catch (error) {
    showProblem(error);
  } finally {
    section.ariaBusy = "false";
  }
}

function turnTo(newCursors) {
  cursors = newCursors;
  return refresh();
}

function show(files) {
  find("tbody", table).replaceChildren(...files.map(rowFor));
  table.hidden = files.length === 0;
  find(".empty", section).hidden = files.length > 0;
  pages.hidden = cursors.length === 1 && nextCursor === undefined;
  find(".page", pages).textContent = `Page ${cursors.length}`;
  find(".previous", pages).disabled = cursors.length === 1;
  find(".next", pages).disabled = nextCursor === undefined;
}

function rowFor({ key, size, contentType, lastModified }) {
  const { element, part } = fromTemplate("file-row");
  const date = new Date(lastModified);
  part(".open").textContent = key;
  part(".open").href = linkTo(key);
  part(".open").title = key;
  part(".size").textContent = sizeInWords(size);
  part(".type").textContent = contentType;
  part(".type").title = contentType;
  part("time").textContent = dateInWords(date);
  part("time").dateTime = date.toISOString();
  part(".download").href = downloadLinkTo(key);
  part(".download").ariaLabel = `Download ${key}`;
  part(".delete").ariaLabel = `Delete ${key}`;
  part(".delete").onclick = () => removeFile(key);
  if (contentType.startsWith("image/")) part(".badge").replaceWith(thumbnailOf(key));
  else part(".badge").textContent = extensionOf(key);
  return element;
}

function thumbnailOf(key) {
  const image = Object.assign(new Image(40, 40), { src: linkTo(key), alt: "", loading: "lazy" });
  const button = document.createElement("button");
  button.type = "button";
  button.className = "thumbnail";
  button.ariaLabel = `Preview ${key}`;
  button.append(image);
  button.onclick = async () => {
    Object.assign(find("#preview img"), { src: linkTo(key), alt: key });
    await ask("preview", key);
  };
  return button;
}

async function removeFile(key) {
  if (!(await ask("confirmation", key))) return;
  try {
    await deleteFile(key);
    await refresh();
    announce(`${key} was deleted.`);
  } catch (error) {
    showProblem(error);
  }
}

find(".previous", pages).onclick = () => turnTo(cursors.slice(0, -1));
find(".next", pages).onclick = () => turnTo([...cursors, nextCursor]);
