// One picture with axes.
import { html, svg } from "./dom.js";
import { SHAPES, finite, fraction, px } from "./geometry.js";
import { MARKS, colour } from "./marks.js";

const NEAR = 40; // how far from a path, in CSS pixels, a pointer still reads it out

export class Panel {
  constructor(panel, scene, sizes) {
    this.panel = panel;
    this.steps = scene.steps;
    this.sizes = sizes;
    this.marks = panel.marks.map((k) => scene.marks[k]);
    this.element = html("div", { class: "sgd-panel" });
    this.element.style.setProperty("--sgd-height", `${sizes.title + panel.height + sizes.foot}px`);
  }

  // Draw for a width in CSS pixels; from then on, show() brings what moves to a frame.
  draw(width) {
    const { panel, sizes } = this;
    const [x0, y0, across, down] = [sizes.left, sizes.title, width - sizes.left - sizes.right, panel.height];
    this.place = (point) => [fraction(panel.x, point[0]) * across, (1 - fraction(panel.y, point[1])) * down];
    const window = { class: "sgd-plot", x: x0, y: y0, width: across, height: down };
    const [back, front, words] = [svg("svg", window), svg("svg", window), svg("svg", window)];
    this.moving = [];
    this.frame = -1;
    for (const mark of this.marks) {
      for (const [node, show] of MARKS[mark.kind](mark, this.place)) {
        node.style.setProperty("--sgd-own", colour(mark.role, mark.order));
        const moves = Math.max(...[mark.frames, mark.places, mark.shown].map((frames) => frames?.length ?? 0)) > 1;
        (moves ? front : mark.kind === "words" ? words : back).append(node);
        moves ? this.moving.push(show) : show(0);
      }
    }
    this.pointed = svg("path", { class: "sgd-pointed" });
    words.append(this.pointed);
    const text = (words, x, y, more) => svg("text", { x, y, dy: "0.35em", "text-anchor": "middle", ...more }, words);
    const ticks = [
      ...panel.x.ticks.map(([value, words]) => {
        const x = px(x0 + fraction(panel.x, value) * across);
        return [svg("path", { d: `M${x} ${y0}v${down}` }), text(words, x, y0 + down + 9, {})];
      }),
      ...panel.y.ticks.map(([value, words]) => {
        const y = px(y0 + (1 - fraction(panel.y, value)) * down);
        return [svg("path", { d: `M${x0} ${y}h${across}` }), text(words, x0 - 5, y, { "text-anchor": "end" })];
      }),
    ];
    const turned = `rotate(-90) translate(${-(y0 + down / 2)} 9)`;
    // What moves has a layer of its own, so that a frame touches nothing else.
    const layer = (attributes, ...content) =>
      svg("svg", { viewBox: `0 0 ${width} ${y0 + down + sizes.foot}`, ...attributes }, ...content);
    this.element.replaceChildren(layer(
      { role: "img", "aria-label": panel.title },
      svg("g", { class: "sgd-grid" }, ...ticks.map(([line]) => line)),
      svg("rect", { class: "sgd-border", x: x0, y: y0, width: across, height: down }),
      back,
      svg("g", { class: "sgd-ticks" }, ...ticks.map(([, words]) => words),
        text(panel.x.label, x0 + across / 2, y0 + down + 23, {}), text(panel.y.label, 0, 0, { transform: turned })),
      text(panel.title, x0, y0 / 2 + 2, { class: "sgd-title", "text-anchor": "start" }),
    ), layer({ "aria-hidden": "true" }, front), layer({ "aria-hidden": "true" }, words));
    this.paths = this.marks.filter((mark) => mark.kind === "trail" && mark.shown.length > 1 && mark.width >= 1.5).map((mark) => ({
      mark,
      // where the horizontal axis is the clock, a pointer anywhere above a step means that step
      timed: this.steps.every((step, frame) => mark.path[mark.shown[frame] - 1][0] === step),
      places: this.steps.map((_, frame) => mark.path[mark.shown[frame] - 1]).map((p) => (finite(p) ? this.place(p) : null)),
    }));
  }

  show(frame) {
    if (frame === this.frame || !this.moving) return;
    this.frame = frame;
    for (const show of this.moving) show(frame);
  }

  // The frame whose point on a path is nearest to a place on the screen, and that path's mark; null for none.
  nearest(event) {
    const { element, sizes } = this;
    const box = element.getBoundingClientRect(); // on the screen, where a slide may be scaled or a page zoomed
    const x = ((event.clientX - box.left) * element.offsetWidth) / box.width - sizes.left;
    const y = ((event.clientY - box.top) * element.offsetHeight) / box.height - sizes.title;
    let best = null;
    for (const { mark, timed, places } of this.paths) {
      places.forEach((place, frame) => {
        if (!place || (!timed && frame > this.frame)) return; // what is not drawn yet cannot be pointed at
        const [dx, dy] = [place[0] - x, place[1] - y];
        const away = timed ? Math.abs(dx) + Math.abs(dy) / 1000 : Math.hypot(dx, dy);
        if (away < (best?.away ?? NEAR)) best = { away, frame, mark, place };
      });
    }
    return best;
  }

  point(found) {
    this.pointed.setAttribute("d", found ? SHAPES.ring(...found.place.map(px), 7) : "");
  }
}
