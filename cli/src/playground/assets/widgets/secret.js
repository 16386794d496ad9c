// A secret: masked, and forgotten with the page.

import { button, element } from "../element.js";
import { checkText } from "./problem.js";

export function secret(kind, { id, describedBy, label, changed }) {
  const control = element("input", {
    id, type: "password", autocomplete: "off", spellcheck: false, "aria-describedby": describedBy, "aria-label": label, input: changed,
  });
  const reveal = button("Show", "Show the secret", () => {
    const hidden = control.type === "password";
    control.type = hidden ? "text" : "password";
    reveal.textContent = hidden ? "Hide" : "Show";
    reveal.setAttribute("aria-label", hidden ? "Hide the secret" : "Show the secret");
  }, "plain inside");
  return {
    empties: true,
    element: element("div", { class: "text" }, control, reveal),
    read() {
      if (control.value === "") return undefined;
      checkText(control.value, kind);
      return control.value;
    },
    write(value) { control.value = value ?? ""; },
    focus() { control.focus(); },
  };
}
