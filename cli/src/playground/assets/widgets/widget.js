// The widget of a kind of value. Each has: `element`; `read()`, its value, a promise of it, or undefined where nothing
// was entered, throwing a `Problem`; `write(value)`; `focus()`. It calls `changed` when the user has changed something.
// `empties` says that it can be empty, which means not set.

import { choice } from "./choice.js";
import { file } from "./file.js";
import { flag } from "./flag.js";
import { json } from "./json.js";
import { list } from "./list.js";
import { number } from "./number.js";
import { secret } from "./secret.js";
import { text } from "./text.js";
import { union } from "./union.js";

const WIDGETS = { choice, file, flag, json, list, integer: number, number, secret, text, union };

/** `about`: {id, describedBy, label, changed}. */
export function widget(kind, about) {
  return WIDGETS[kind.kind](kind, about, widget);
}
