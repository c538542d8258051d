/** The first element for a selector, which is there. */
export const find = (selector, inside = document) => inside.querySelector(selector);

/** A copy of a template's element, with a function that finds the parts of it. */
export function fromTemplate(id) {
  const element = find(`#${id}`).content.firstElementChild.cloneNode(true);
  return { element, part: (selector) => find(selector, element) };
}

/** For screen readers: says what a glance at the page shows. */
export function announce(text) {
  find("#status").textContent = text;
}

/** The one place where a problem of the page as a whole is told; undefined takes it away. */
export function showProblem(error) {
  const place = find("#problem");
  place.hidden = error === undefined;
  place.textContent = error?.message ?? "";
}

/** Opens a dialog about a file. True when the user confirms, false when it is closed otherwise. */
export function ask(id, name) {
  const dialog = find(`#${id}`);
  find(".name", dialog).textContent = name;
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === "confirmed");
    dialog.onclick = ({ target }) => {
      if (target === dialog || target.matches(".close")) dialog.close("");
      if (target.matches(".confirm")) dialog.close("confirmed");
    };
    dialog.returnValue = "";
    dialog.showModal();
  });
}
