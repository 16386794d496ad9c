// JSON of any shape, sent exactly as it is written.

import { button, element } from "../element.js";
import { Raw, pretty } from "../json.js";
import { Problem } from "./problem.js";

export function json(_kind, { id, describedBy, label, changed }) {
  const control = element("textarea", {
    id, class: "code", rows: 3, spellcheck: false, placeholder: "{}", "aria-describedby": describedBy, "aria-label": label, input: changed,
  });
  const parsed = () => {
    try { return JSON.parse(control.value); } catch (error) {
      throw new Problem(`This is no JSON: ${error.message.replace(/^JSON\.parse: /, "")}`);
    }
  };
  const format = button("Format", "Format the JSON", () => {
    try { control.value = pretty(parsed()); } catch { control.focus(); }
    changed();
  }, "plain inside");
  return {
    empties: true,
    element: element("div", { class: "text" }, control, format),
    read() {
      if (control.value.trim() === "") return undefined;
      parsed();
      return new Raw(control.value.trim());
    },
    write(value) { control.value = value === undefined || value === null ? "" : pretty(value); },
    focus() { control.focus(); },
  };
}
