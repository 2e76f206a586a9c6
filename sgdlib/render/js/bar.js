// What a player is steered with: sliders, buttons and a speed.
import { html, svg } from "./dom.js";
import { say } from "./words.js";

const SPEEDS = [["¼×", 0.25], ["½×", 0.5], ["1×", 1], ["2×", 2], ["4×", 4]];
const ICONS = {
  restart: "M6 5h2v14H6zM20 5v14L9 12z",
  back: "M15 5v14L5 12zM17 5h2v14h-2z",
  play: "M7 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  forward: "M9 5v14l10-7zM5 5h2v14H5z",
};

// Of one row among several, or of the whole player where there is no row.
export class Slider {
  constructor(player, row) {
    const name = row && player.rows.length > 1 ? say("slider.row", { row: row.row.label }) : say("slider");
    this.element = html("input", { type: "range", class: "sgd-scrub", min: 0, max: player.last, "aria-label": name });
    this.element.addEventListener("input", () => player.seek(Number(this.element.value)));
    this.element.addEventListener("change", () => player.announce(row));
    Object.assign(this, { player, row });
  }

  // Bring it to the frame; while playing its words stay the same, so that nobody is told every frame.
  show() {
    const { element, player } = this;
    if (Number(element.max) !== player.last) element.max = player.last;
    element.value = player.frame;
    const words = player.clock.playing ? say("playing") : player.text(this.row);
    if (element.getAttribute("aria-valuetext") !== words) element.setAttribute("aria-valuetext", words);
  }
}

export class Bar {
  constructor(player, title) {
    const button = (id, act) => {
      const name = say(id);
      const icon = svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: ICONS[id] }));
      const made = html("button", { type: "button", "aria-label": name, title: name }, icon);
      made.addEventListener("click", act);
      return made;
    };
    const speed = html("select", { "aria-label": say("speed") },
      ...SPEEDS.map(([words, value]) => html("option", { value, ...(value === 1 && { selected: "" }) }, words)));
    speed.addEventListener("change", () => (player.clock.speed = Number(speed.value)));
    this.player = player;
    this.button = button("play", () => player.toggle());
    this.slider = new Slider(player, player.only);
    this.count = document.createTextNode("");
    this.status = html("p", { class: "sgd-said", role: "status" });
    const bar = player.querySelector(".sgd-bar") ?? player.appendChild(html("div", { class: "sgd-bar" }));
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", say("bar", { title }));
    bar.replaceChildren(
      this.slider.element,
      button("restart", () => player.jump(0)),
      button("back", () => player.jump(player.frame - 1)),
      this.button,
      button("forward", () => player.jump(player.frame + 1)),
      html("span", { class: "sgd-count", "aria-hidden": "true" }, this.count), speed, this.status,
    );
  }

  show() {
    const { button, player } = this, id = player.clock.playing ? "pause" : "play", name = say(id);
    if (button.title !== name) {
      button.title = name;
      button.setAttribute("aria-label", name);
      button.querySelector("path").setAttribute("d", ICONS[id]);
    }
    this.count.data = player.text(null);
    this.slider.show();
  }
}
