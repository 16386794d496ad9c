// One of several kinds: the kind is chosen, then the value.

import { element, freshId } from "../element.js";
import { kindName } from "../schema.js";

export function union({ variants }, about, widget) {
  const widgets = variants.map((variant, index) => widget(variant, { ...about, id: index === 0 ? about.id : freshId("variant") }));
  const place = element("div", {});
  const name = freshId("kind");
  const radios = variants.map((variant, index) => element("input", {
    type: "radio", name, checked: index === 0, change: () => { show(index); about.changed(); },
  }));
  const labels = variants.map((variant, index) => element("label", {}, radios[index], element("span", {}, kindName(variant))));
  let current = 0;
  const show = (index) => {
    current = index;
    radios[index].checked = true;
    place.replaceChildren(widgets[index].element);
  };
  show(0);
  return {
    empties: variants.every((_, index) => widgets[index].empties),
    element: element("div", { class: "union" },
      element("div", { class: "segments small", role: "radiogroup", "aria-label": "Kind of value" }, ...labels), place),
    read() { return widgets[current].read(); },
    write(value) {
      const index = value === undefined || value === null ? 0 : variants.findIndex((variant) => fits(variant, value));
      show(Math.max(0, index));
      widgets[current].write(value);
    },
    focus() { widgets[current].focus(); },
  };
}

function fits(kind, value) {
  switch (kind.kind) {
    case "flag": return typeof value === "boolean";
    case "integer": return typeof value === "bigint" || Number.isInteger(value);
    case "number": return typeof value === "number";
    case "list": return Array.isArray(value);
    case "choice": return kind.choices.includes(value);
    case "json": return typeof value === "object";
    default: return typeof value === "string";
  }
}
