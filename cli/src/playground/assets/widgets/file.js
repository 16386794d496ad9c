// A file: dropped, chosen, pasted, or named by its URL. Files go to the model as data URLs.

import { button, element, freshId } from "../element.js";
import { preview, size } from "../output/media.js";
import { Problem } from "./problem.js";

/** What is left of the largest request, 100 MiB, when three bytes have become four letters. */
const LARGEST = 74 << 20;

export function file({ accept }, { id, describedBy, label, changed }) {
  let taken; // {name, url}: a promise of a data URL
  const picker = element("input", {
    type: "file", id: freshId("picker"), accept, class: "sr", tabIndex: -1, "aria-hidden": "true",
    change: () => { if (picker.files[0]) take(picker.files[0]); picker.value = ""; },
  });
  const address = element("input", {
    id, type: "url", placeholder: "or paste a URL", autocomplete: "off", spellcheck: false,
    "aria-describedby": describedBy, "aria-label": `${label ?? ""} URL`.trim(), input: () => { error = undefined; changed(); },
  });
  const shown = element("div", { class: "taken", hidden: true });
  const choose = button("Choose a file", `Choose a file for ${label ?? id}`, () => picker.click(), "quiet");
  const offer = element("div", { class: "offer" }, choose, element("span", { class: "hint" }, "or drop it here"), address);
  const zone = element("div", { class: "drop" }, offer, shown, picker);
  let error;

  const forget = () => {
    taken = undefined;
    error = undefined;
    shown.hidden = true;
    shown.replaceChildren();
    offer.hidden = false;
  };
  const show = (name, detail, picture) => {
    const remove = button("×", `Remove ${name}`, () => { forget(); choose.focus(); changed(); });
    shown.replaceChildren(...[picture, element("span", { class: "name" }, name), element("span", { class: "hint" }, detail), remove].filter(Boolean));
    shown.hidden = false;
    offer.hidden = true;
  };
  const take = (chosen) => {
    forget();
    if (chosen.size > LARGEST) {
      error = `${chosen.name} has ${size(chosen.size)}, more than a request may hold: put it where the model can fetch it, and give its URL`;
    } else {
      taken = { name: chosen.name, url: dataUrl(chosen) };
      address.value = "";
      show(chosen.name, `${chosen.type || "unknown type"}, ${size(chosen.size)}`, preview(chosen.type, URL.createObjectURL(chosen)));
    }
    changed();
  };

  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    const [first] = event.dataTransfer.files;
    const link = event.dataTransfer.getData("text/uri-list").split("\n").find((line) => line && !line.startsWith("#"));
    // Several are for the list around it, if there is one.
    if (event.dataTransfer.files.length > 1 && zone.closest(".list")) return;
    event.preventDefault();
    event.stopPropagation();
    if (first) take(first);
    else if (link) { forget(); address.value = link.trim(); changed(); }
  });
  zone.addEventListener("paste", (event) => {
    const [pasted] = event.clipboardData?.files ?? [];
    if (!pasted) return;
    event.preventDefault();
    take(pasted);
  });

  return {
    empties: true,
    element: zone,
    take,
    read() {
      if (error) throw new Problem(error);
      if (taken) return taken.url;
      const text = address.value.trim();
      if (text === "") return undefined;
      if (!/^(https?:\/\/|data:|s3:\/\/)/i.test(text)) throw new Problem("A URL begins with http://, https:// or data:");
      return text;
    },
    write(value) {
      forget();
      address.value = "";
      if (typeof value !== "string") return;
      if (value.startsWith("data:") && value.length > 200) {
        const type = value.slice(5).split(/[;,]/)[0];
        taken = { name: "file", url: Promise.resolve(value) };
        show("the same file", type, preview(type, value));
      } else address.value = value;
    },
    focus() { (offer.hidden ? shown.querySelector("button") : choose).focus(); },
  };
}

function dataUrl(chosen) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.replace(/^data:(?=;)/, "data:application/octet-stream"));
    reader.onerror = () => reject(new Problem(`${chosen.name} cannot be read: ${reader.error.message}`));
    reader.readAsDataURL(chosen);
  });
}
