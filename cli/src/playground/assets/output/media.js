// Files, shown by what they are.

import { element } from "../element.js";

const TYPES = {
  png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp", svg: "image/svg+xml", avif: "image/avif",
  wav: "audio/wav", mp3: "audio/mpeg", ogg: "audio/ogg", flac: "audio/flac", m4a: "audio/mp4",
  mp4: "video/mp4", webm: "video/webm", mov: "video/quicktime", txt: "text/plain", json: "application/json",
};
/** Most letters of a text file that are shown. */
const MOST = 20_000;

/** Whether a text names a file. */
export function isFile(text) {
  return typeof text === "string" && (/^data:[\w.+-]+\/[\w.+-]+[;,]/.test(text) || /^https?:\/\/\S+$/.test(text));
}

/** 1536 is "1.5 KiB". */
export function size(bytes) {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < 3) { amount /= 1024; unit += 1; }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}

/** A picture of a file, small; nothing for what cannot be seen or heard. */
export function preview(type, url) {
  const kind = type.split("/")[0];
  if (kind === "image") return element("img", { src: url, alt: "", class: "small" });
  if (kind === "audio") return element("audio", { src: url, controls: true });
  if (kind === "video") return element("video", { src: url, controls: true, muted: true });
  return undefined;
}

/** A file of a model's, with what there is to see of it, its name and a way to save it. */
export function fileView(url, name) {
  const local = url.startsWith("data:") ? read(url) : undefined;
  const type = local?.type ?? TYPES[new URL(url, location.href).pathname.split(".").pop().toLowerCase()] ?? "";
  const place = local ? URL.createObjectURL(local.blob) : url;
  const ending = Object.entries(TYPES).find(([, known]) => known === type)?.[0] ?? "bin";
  const saved = local ? `${name}.${ending}` : new URL(url).pathname.split("/").pop() || name;
  const kind = type.split("/")[0];
  let seen;
  if (kind === "image") seen = element("img", { src: place, alt: `Output ${saved}` });
  else if (kind === "audio") seen = element("audio", { src: place, controls: true });
  else if (kind === "video") seen = element("video", { src: place, controls: true });
  else if (local && (kind === "text" || type === "application/json")) seen = textOf(local.blob);
  const link = local
    ? element("a", { href: place, download: saved, class: "button" }, "Download")
    : element("a", { href: place, target: "_blank", rel: "noreferrer noopener", class: "button" }, "Open");
  const detail = [type || "unknown type", local && size(local.blob.size)].filter(Boolean).join(", ");
  return element("figure", { class: "file" }, seen ?? element("div", { class: "nothing" }, "No preview"),
    element("figcaption", {}, element("span", { class: "name" }, saved), element("span", { class: "hint" }, detail), link));
}

function textOf(blob) {
  const shown = element("pre", { class: "textual", tabIndex: 0 });
  blob.slice(0, MOST * 4).text().then((text) => {
    shown.textContent = text.length > MOST ? `${text.slice(0, MOST)}…` : text;
  });
  return shown;
}

function read(url) {
  const comma = url.indexOf(",");
  const [type, ...parameters] = url.slice(5, comma).split(";");
  const body = url.slice(comma + 1);
  try {
    const bytes = parameters.includes("base64")
      ? Uint8Array.from(atob(body), (char) => char.charCodeAt(0))
      : new TextEncoder().encode(decodeURIComponent(body));
    return { type, blob: new Blob([bytes], { type }) };
  } catch { return { type: "", blob: new Blob([body]) }; }
}
