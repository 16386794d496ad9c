// Yes or no.

import { element } from "../element.js";

export function flag(_kind, { id, describedBy, label, changed }) {
  const word = element("span", { "aria-hidden": "true" });
  const say = () => { word.textContent = String(control.checked); };
  const control = element("input", {
    id, type: "checkbox", role: "switch", "aria-describedby": describedBy, "aria-label": label,
    change: () => { say(); changed(); },
  });
  say();
  return {
    element: element("label", { class: "flag" }, control, word),
    read() { return control.checked; },
    write(value) { control.checked = value === true; say(); },
    focus() { control.focus(); },
  };
}
