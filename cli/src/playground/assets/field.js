// One input of the form: its name, its widget, what it is for, what is wrong with it, and whether it is set at all.

import { button, element, freshId } from "./element.js";
import { encode } from "./json.js";
import { kindName } from "./schema.js";
import { Problem } from "./widgets/problem.js";
import { widget } from "./widgets/widget.js";

export class Field {
  constructor(field, changed) {
    this.field = field;
    this.id = freshId("field");
    const ids = { about: `${this.id}-about`, problem: `${this.id}-problem` };
    this.widget = widget(field, {
      id: this.id,
      describedBy: `${ids.about} ${ids.problem}`,
      label: field.title,
      changed: () => { this.complain(); this.note(); changed(); },
    });
    // What cannot be empty and need not be given has a way to be left out.
    this.canBeUnset = !field.required && !this.widget.empties && (field.nullable || !field.hasDefault);
    this.problem = element("p", { id: ids.problem, class: "problem", "aria-live": "polite" });
    this.restore = button(field.hasDefault ? "Reset" : "Clear", `Set ${field.name} back`, () => { this.write(undefined); changed(); });
    this.unset = this.canBeUnset && button("Unset", `Leave ${field.name} out`, () => { this.turn(false); this.setter.focus(); changed(); });
    this.setter = this.canBeUnset && button("Not set. Set it", `Give ${field.name} a value`, () => {
      this.turn(true); this.widget.focus(); changed();
    }, "setter");
    this.element = element("div", { class: "field", "data-name": field.name },
      element("div", { class: "title" },
        element("label", { for: this.id }, field.title),
        field.required && element("span", { class: "required", title: "Has to be given" }, "required"),
        field.deprecated && element("span", { class: "old" }, "deprecated"),
        element("span", { class: "space" }),
        this.restore, this.unset),
      this.setter, this.widget.element, this.problem, description(field, ids.about));
    this.write(undefined);
  }

  /** Sets the value; undefined is how the form begins. */
  write(value) {
    const { hasDefault, default: preset } = this.field;
    const written = value === undefined ? (hasDefault ? preset : undefined) : value;
    this.widget.write(written ?? undefined);
    if (this.canBeUnset) this.turn(written !== undefined && written !== null);
    this.complain();
    this.note();
  }

  turn(on) {
    this.off = !on;
    this.setter.hidden = on;
    this.unset.hidden = !on;
    this.widget.element.hidden = !on;
    this.complain();
    this.note();
  }

  /** The value; undefined where the model is to take its own. Throws a `Problem`. */
  async read() {
    const { field } = this;
    const value = this.off ? undefined : await this.widget.read();
    if (value === undefined) {
      if (field.required) throw new Problem("This has to be given");
      // Left empty, where leaving it out would mean something else.
      return field.nullable && field.hasDefault ? null : undefined;
    }
    // A text that nobody wrote is one all the same; that of a required input is more likely forgotten.
    if (value === "" && field.required && field.kind === "text" && !(field.minLength === 0)) throw new Problem("This has to be given");
    return field.hasDefault && same(value, field.default) ? undefined : value;
  }

  /** Says what is wrong; nothing, without a text. */
  complain(text = "") {
    this.problem.textContent = text;
    this.element.classList.toggle("wrong", text !== "");
    for (const control of this.element.querySelectorAll("input, textarea, select")) {
      if (text) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }

  /** Offers to set it back, where that would change something. */
  async note() {
    let changed = true;
    try {
      const value = this.off ? undefined : await this.widget.read();
      const { hasDefault, default: preset } = this.field;
      changed = hasDefault ? value === undefined || !same(value, preset) : !(value === undefined || value === "" || value === false || (Array.isArray(value) && value.length === 0));
    } catch { /* What is wrong was changed. */ }
    this.restore.hidden = !changed || (this.canBeUnset && !this.field.hasDefault);
  }

  focus() { (this.off ? this.setter : this.widget).focus(); }
}

function same(one, other) {
  try { return JSON.stringify(JSON.parse(encode(one))) === JSON.stringify(JSON.parse(encode(other))); } catch { return false; }
}

function description(field, id) {
  const limits = [];
  const { minimum, maximum, minLength, maxLength } = field;
  if (minimum !== undefined && maximum !== undefined) limits.push(`${minimum} to ${maximum}`);
  else if (minimum !== undefined) limits.push(`at least ${minimum}`);
  else if (maximum !== undefined) limits.push(`at most ${maximum}`);
  if (minLength !== undefined && maxLength !== undefined) limits.push(`${minLength} to ${maxLength} characters`);
  else if (minLength !== undefined) limits.push(`at least ${minLength} characters`);
  else if (maxLength !== undefined) limits.push(`at most ${maxLength} characters`);
  if (field.pattern) limits.push(`matches ${field.pattern}`);
  if (field.accept) limits.push(field.accept);
  if (field.hasDefault) limits.push(`default ${shown(field.default)}`);
  return element("p", { id, class: "about" },
    field.description !== "" && element("span", {}, `${field.description} `),
    element("span", { class: "facts" }, [`${field.name}: ${kindName(field)}`, ...limits].join(" · ")));
}

function shown(value) {
  const text = typeof value === "string" ? (value === "" ? "empty" : value) : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
