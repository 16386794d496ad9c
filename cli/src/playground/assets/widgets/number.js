// Numbers: typed, and slid where both bounds are known.

import { element } from "../element.js";
import { integer } from "../json.js";
import { Problem, checkBounds } from "./problem.js";

export function number(kind, { id, describedBy, label, changed }) {
  const { minimum, maximum } = kind;
  const whole = kind.kind === "integer";
  const bounded = minimum !== undefined && maximum !== undefined && Number.isFinite(maximum - minimum);
  const step = whole ? 1 : "any";
  const typed = element("input", {
    id, type: "number", step, autocomplete: "off", "aria-describedby": describedBy, "aria-label": label,
    inputMode: whole ? "numeric" : "decimal",
  });
  const slider = bounded && element("input", {
    type: "range", min: minimum, max: maximum, step: whole ? stepOf(minimum, maximum, 1) : stepOf(minimum, maximum, 0),
    "aria-label": `${label ?? id}, slider`, tabIndex: -1,
  });
  const slide = () => {
    if (!slider) return;
    slider.value = typed.value === "" ? minimum : typed.value;
    slider.style.setProperty("--part", `${(100 * (slider.value - minimum)) / (maximum - minimum || 1)}%`);
  };
  typed.addEventListener("input", () => { slide(); changed(); });
  slider?.addEventListener?.("input", () => { typed.value = slider.value; slide(); changed(); });
  slide();

  return {
    empties: true,
    element: element("div", { class: bounded ? "number slid" : "number" }, typed, slider || undefined),
    read() {
      if (typed.validity.badInput) throw new Problem("Has to be a number");
      const text = typed.value.trim();
      if (text === "") return undefined;
      if (whole && !/^[-+]?\d+$/.test(text)) {
        if (!Number.isInteger(Number(text))) throw new Problem("Has to be a whole number");
      }
      const value = whole && /^[-+]?\d+$/.test(text) ? integer(text) : Number(text);
      checkBounds(value, kind);
      return value;
    },
    write(value) {
      typed.value = value ?? "";
      slide();
    },
    focus() { typed.focus(); },
  };
}

/** A hundredth of the way, rounded to 1, 2 or 5 of some power of ten. */
function stepOf(minimum, maximum, least) {
  const rough = (maximum - minimum) / 100;
  if (rough <= least) return least || "any";
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999);
  return Math.max(least, Number(step.toPrecision(3)));
}
