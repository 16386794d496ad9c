// JSON for reading: indented, coloured, long files cut.

import { element } from "../element.js";
import { pretty, shortened } from "../json.js";

const PARTS = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
/** Most letters that are coloured; beyond, plain text is quicker. */
const MOST = 200_000;

export function jsonView(value) {
  const text = pretty(shortened(value));
  const shown = element("pre", { class: "json", tabIndex: 0 });
  if (text.length > MOST) {
    shown.textContent = text;
    return shown;
  }
  let end = 0;
  for (const match of text.matchAll(PARTS)) {
    shown.append(text.slice(end, match.index));
    const [whole, string, colon, word] = match;
    const kind = colon ? "key" : string ? "string" : word ? "word" : "digits";
    shown.append(element("span", { class: kind }, string ?? whole), colon ?? "");
    end = match.index + whole.length;
  }
  shown.append(text.slice(end));
  return shown;
}
