// One of several: side by side where they are few and short, else a menu.

import { element, freshId } from "../element.js";
import { Problem } from "./problem.js";

export function choice({ choices }, about) {
  const letters = choices.reduce((sum, one) => sum + String(one).length + 3, 0);
  return choices.length <= 5 && letters <= 40 ? sideBySide(choices, about) : menu(choices, about);
}

function sideBySide(choices, { id, describedBy, label, changed }) {
  const name = freshId("choice");
  const radios = choices.map((one, index) => element("input", {
    type: "radio", name, value: String(index), id: index === 0 ? id : undefined, "aria-describedby": describedBy, change: changed,
  }));
  const labels = choices.map((one, index) => element("label", {}, radios[index], element("span", {}, String(one))));
  return {
    element: element("div", { class: "segments", role: "radiogroup", "aria-label": label }, ...labels),
    read() {
      const index = radios.findIndex((radio) => radio.checked);
      return index < 0 ? undefined : choices[index];
    },
    write(value) { radios.forEach((radio, index) => { radio.checked = choices[index] === value; }); },
    focus() { (radios.find((radio) => radio.checked) ?? radios[0]).focus(); },
  };
}

function menu(choices, { id, describedBy, label, changed }) {
  const options = choices.map((one, index) => element("option", { value: String(index) }, String(one)));
  const control = element("select", { id, "aria-describedby": describedBy, "aria-label": label, change: changed },
    element("option", { value: "" }, "Choose…"), ...options);
  return {
    element: control,
    read() {
      if (control.value === "") return undefined;
      const chosen = choices[Number(control.value)];
      if (chosen === undefined) throw new Problem("Has to be one of the choices");
      return chosen;
    },
    write(value) {
      const index = choices.indexOf(value);
      control.value = index < 0 ? "" : String(index);
    },
    focus() { control.focus(); },
  };
}
