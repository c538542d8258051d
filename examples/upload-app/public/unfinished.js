import { pendingUpload } from "/storage-browser.js";
import { find, fromTemplate } from "./page.js";
import { sizeInWords } from "./words.js";

/**
 * Uploads that a reload or a failure has interrupted. `@storage/browser` remembers their links and parts, and
 * finds them again with the file in its hand; the page has no file yet, and so remembers what to ask for.
 */
const place = "unfinished-uploads";
const section = find("#unfinished");
const list = find("ul", section);

const isSame = (record, { name, size, lastModified }) =>
  record.name === name && record.size === size && record.lastModified === lastModified;

function records() {
  const found = JSON.parse(localStorage.getItem(place) ?? "[]");
  return found.filter(({ expiresAt }) => new Date(expiresAt) > new Date());
}

/** What to go on with when this file is chosen; undefined when there is nothing. */
export function unfinishedUpload(file) {
  const record = records().find((one) => isSame(one, file));
  const upload = record && pendingUpload(file);
  return upload && { key: record.key, upload };
}

/** Called when an upload begins and when it ends: remembers it while there is something to go on with. */
export function note(file, key, { expiresAt, parts }) {
  const { name, size, lastModified } = file;
  const others = records().filter((record) => !isSame(record, file));
  const record = { name, size, lastModified, key, expiresAt, abortUrl: parts?.abortUrl };
  const isPending = parts !== undefined && pendingUpload(file) !== undefined;
  write(isPending ? [...others, record] : others);
}

function write(all) {
  localStorage.setItem(place, JSON.stringify(all));
}

/** Tells of them, once, when the page is opened. */
export function showUnfinished() {
  list.replaceChildren(...records().map(rowFor));
  section.hidden = list.children.length === 0;
}

/** The file is chosen again: from here on it is in the list of uploads. */
export function hideUnfinished(file) {
  for (const row of list.children) if (isSame(row.record, file)) row.remove();
  section.hidden = list.children.length === 0;
}

function rowFor(record) {
  const { element, part } = fromTemplate("unfinished-row");
  element.record = record;
  part(".name").textContent = record.name;
  part(".state").textContent = `${sizeInWords(record.size)}: choose it again to go on`;
  part(".forget").ariaLabel = `Give up ${record.name}`;
  part(".forget").onclick = async () => {
    write(records().filter((one) => !isSame(one, record)));
    hideUnfinished(record);
    // The parts that are there; where that fails, the storage's sweep removes them some day.
    await fetch(record.abortUrl, { method: "DELETE" }).catch(() => {});
  };
  return element;
}
