// A list: one widget for each of its items.

import { button, element, freshId } from "../element.js";

export function list(kind, { id, describedBy, label, changed }, widget) {
  const rows = [];
  const holder = element("ol", { class: "rows" });

  const add = (value, after) => {
    const number = rows.length + 1;
    const inner = widget(kind.item, { id: freshId("item"), describedBy, label: `${label ?? id}, item ${number}`, changed });
    const row = { inner };
    const remove = button("×", "Remove this item", () => {
      rows.splice(rows.indexOf(row), 1);
      row.element.remove();
      more.focus();
      changed();
    });
    row.element = element("li", {}, inner.element, remove);
    if (value !== undefined) inner.write(value);
    rows.push(row);
    holder.append(row.element);
    if (after) {
      inner.focus();
      changed();
    }
    return inner;
  };
  const more = button("+ Add", "Add an item", () => add(undefined, true), "plain add");
  more.id = id;

  // Several files dropped at once are several items.
  const body = element("div", { class: "list" }, holder, more);
  if (kind.item.kind === "file") {
    body.addEventListener("dragover", (event) => event.preventDefault());
    body.addEventListener("drop", (event) => {
      if (event.defaultPrevented && !event.dataTransfer.files.length) return;
      event.preventDefault();
      for (const file of event.dataTransfer.files) add(undefined, false).take(file);
    });
  }
  return {
    element: body,
    async read() {
      const values = [];
      for (const [index, { inner }] of rows.entries()) {
        const value = await inner.read();
        // A row that nothing was entered in is none yet.
        if (value !== undefined) values.push(value);
        else rows[index].element.classList.add("unused");
      }
      return values;
    },
    write(values) {
      rows.splice(0);
      holder.replaceChildren();
      for (const value of values ?? []) add(value, false);
    },
    focus() { (rows[0]?.inner ?? more).focus(); },
  };
}
