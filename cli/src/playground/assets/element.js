// Elements, made by code: text is text, and no markup is ever parsed.

/** `element("p", { class: "note" }, "text", otherElement)`; a property that is a function is a listener. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "spellcheck") {
      made.setAttribute(key, String(value));
      continue;
    }
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") made.addEventListener(key, value);
    else if (key in made && key !== "list") {
      made[key] = value;
    } else if (key === "class") made.className = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return made;
}

let last = 0;

/** An id that no other element has. */
export function freshId(prefix) {
  last += 1;
  return `${prefix}-${last}`;
}

/** A button; its label is said by screen readers and shown as its tip. */
export function button(text, label, onClick, className = "plain") {
  return element("button", { type: "button", class: className, title: label, "aria-label": label, click: onClick }, text);
}

/** Says for a moment that something was done. */
export function acknowledge(where, text) {
  const before = where.textContent;
  where.textContent = text;
  setTimeout(() => { where.textContent = before; }, 1200);
}
