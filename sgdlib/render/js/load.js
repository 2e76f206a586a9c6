// What a player needs before it draws: its scene, and its style sheet.
import { converted } from "./scene2.js";
import { say } from "./words.js";

const FORMAT = "sgdlib scene 3";

export async function read(player, signal) {
  const scene = await record(player, signal);
  if (scene?.format === "sgdlib scene 2") return converted(scene);
  if (scene?.format !== FORMAT) throw new Error(say("format", { given: scene?.format, allowed: FORMAT }));
  return scene;
}

async function record(player, signal) {
  const inside = player.querySelector('script[type="application/json"]');
  if (inside) return JSON.parse(inside.textContent);
  const answer = await fetch(player.getAttribute("src"), { signal }).catch(() => {
    throw new Error(say(location.protocol === "file:" ? "file" : "fetch"));
  });
  if (!answer.ok) throw new Error(say("missing", { status: answer.status }));
  return answer.json();
}

// The sizes and times that the style sheet gives an element.
export function measures(element) {
  const style = getComputedStyle(element);
  const names = ["left", "right", "title", "foot", "first", "slow", "slows", "each"];
  return Object.fromEntries(names.map((name) => [name, parseFloat(style.getPropertyValue(`--sgd-${name}`))]));
}

// Wait a while for style sheets that are on their way, as those are that a shadow root links to.
export function styled(root) {
  const late = [...root.querySelectorAll("link[rel=stylesheet]")].filter((link) => !link.sheet);
  const come = Promise.all(late.map((link) => new Promise((done) => link.addEventListener("load", done))));
  return Promise.race([come, new Promise((done) => setTimeout(done, 3000))]);
}
