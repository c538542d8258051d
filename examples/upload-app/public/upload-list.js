import { announce, find, fromTemplate } from "./page.js";
import { uploadFile } from "./server.js";
import { hideUnfinished } from "./unfinished.js";
import { sizeInWords } from "./words.js";

/** Files that are sent at the same time; the others wait. */
const atOnce = 3;
/** Milliseconds that a finished upload stays in the list. */
const shownFor = 4000;

const section = find("#uploads");
const list = find("ul", section);
const waiting = [];
let running = 0;

/** Puts files into the list and sends them; `onStored` is called after each that arrived. */
export function upload(files, onStored) {
  for (const file of files) {
    hideUnfinished(file);
    const { element, part } = fromTemplate("upload-row");
    const cancelling = new AbortController();
    part(".name").textContent = file.name;
    part(".state").textContent = "Waiting";
    part("progress").ariaLabel = `Upload of ${file.name}`;
    part(".cancel").ariaLabel = `Cancel ${file.name}`;
    part(".cancel").onclick = () => cancelling.abort();
    list.append(element);
    waiting.push(() => send(file, { element, part, signal: cancelling.signal, onStored }));
  }
  section.hidden = list.children.length === 0;
  sendNext();
}

/** Whether leaving the page would lose something. */
export function isUploading() {
  return running > 0;
}

function sendNext() {
  if (running >= atOnce || waiting.length === 0) return;
  const done = () => {
    running--;
    sendNext();
  };
  running++;
  waiting.shift()().then(done, done);
  sendNext();
}

async function send(file, { element, part, signal, onStored }) {
  const onProgress = (progress) => {
    part("progress").value = progress;
    part(".state").textContent = `${Math.floor(progress * 100)}% of ${sizeInWords(file.size)}`;
  };
  try {
    signal.throwIfAborted();
    const name = await uploadFile(file, { onProgress, signal });
    finish(name === file.name ? "Stored" : `Stored as ${name}`, "stored");
    announce(`${name} was uploaded.`);
    setTimeout(remove, shownFor);
    onStored();
  } catch (error) {
    if (signal.aborted) {
      announce(`The upload of ${file.name} was cancelled.`);
      return remove();
    }
    finish(error.message, "failed");
    announce(`${file.name} was not uploaded. ${error.message}`);
  }

  function finish(words, state) {
    element.classList.add(state);
    part("progress").remove();
    part(".state").textContent = words;
    part(".cancel").textContent = "Dismiss";
    part(".cancel").ariaLabel = `Dismiss ${file.name}`;
    part(".cancel").onclick = remove;
  }

  function remove() {
    element.remove();
    section.hidden = list.children.length === 0;
  }
}
