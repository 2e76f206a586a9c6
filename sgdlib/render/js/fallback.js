// What stands where nothing can be drawn: why, and the pictures that are there for readers without scripts.
import { html } from "./dom.js";
import { say } from "./words.js";

// The pictures among the children of an element.
const pictures = (nodes) => nodes.flatMap((node) => {
  if (node.matches?.("picture, img")) return [node];
  if (!node.matches?.("noscript")) return [];
  const held = html("template");
  held.innerHTML = node.innerHTML; // to a page that runs scripts it is text
  return pictures([...held.content.childNodes]);
});

export function fallback(player, error) {
  const why = error instanceof SyntaxError || error instanceof TypeError ? say("damaged") : error.message;
  const contents = new Map(player.rows?.map(({ slot, content }) => [slot, content]));
  const found = [...player.querySelectorAll("[data-row]")];
  const slots = found.length ? found : [player];
  const images = slots.map((slot) => pictures(contents.get(slot) ?? [...slot.childNodes]));
  if (!images[0].length) images[0] = pictures([...player.childNodes]);
  const message = say(images[0].length ? "picture" : "nothing", { why });
  slots.forEach((slot, k) => slot.replaceChildren(...images[k]));
  slots[0].append(html("p", { class: "sgd-trouble" }, message));
  player.querySelectorAll(".sgd-still").forEach((slot) => slot.classList.remove("sgd-still"));
  player.querySelector(".sgd-bar")?.remove();
}
