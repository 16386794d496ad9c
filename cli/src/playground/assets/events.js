// Server-sent events, read from an answer as they come.

import { decode } from "./json.js";

/** Yields `{event, data}`; data is parsed. */
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = { event: "message", data: [] };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines.map((one) => one.replace(/\r$/, ""))) {
      if (line === "") {
        if (event.data.length > 0) yield { event: event.event, data: decode(event.data.join("\n")) };
        event = { event: "message", data: [] };
      } else if (line.startsWith("event:")) event.event = line.slice(6).trim();
      else if (line.startsWith("data:")) event.data.push(line.slice(5).trimStart());
    }
  }
}
