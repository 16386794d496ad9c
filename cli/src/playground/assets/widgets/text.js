// Text, on one line or several.

import { button, element } from "../element.js";
import { checkText } from "./problem.js";

export function text(kind, { id, describedBy, label, changed }) {
  const holder = element("div", { class: "text" });
  const attributes = { id, "aria-describedby": describedBy, "aria-label": label, spellcheck: false, input: changed };
  let control;

  const several = (value) => {
    control = element("textarea", { ...attributes, rows: 3, value });
    holder.replaceChildren(control);
  };
  const one = () => {
    control = element("input", { type: "text", autocomplete: "off", ...attributes });
    control.addEventListener("paste", (event) => {
      const pasted = event.clipboardData?.getData("text") ?? "";
      if (!pasted.includes("\n")) return;
      event.preventDefault();
      const { selectionStart, selectionEnd, value } = control;
      several(value.slice(0, selectionStart) + pasted + value.slice(selectionEnd));
      control.focus();
      changed();
    });
    const more = button("¶", "Write several lines", () => { several(control.value); control.focus(); }, "plain inside");
    holder.replaceChildren(control, more);
  };
  if (kind.long) several("");
  else one();

  return {
    element: holder,
    read() {
      checkText(control.value, kind);
      return control.value;
    },
    write(value) {
      const written = String(value ?? "");
      if (written.includes("\n") && control.localName === "input") several(written);
      else control.value = written;
    },
    focus() { control.focus(); },
  };
}
