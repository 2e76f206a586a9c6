// One picture with axes.
import { html, svg } from "./dom.js";
import { SHAPES, fraction, placer, px } from "./geometry.js";
import { MARKS, colour, resolve } from "./marks.js";

const NEAR = 40; // how far from a path, in CSS pixels, a pointer still reads it out

export class Panel {
  constructor(panel, player) {
    Object.assign(this, { panel, player, sizes: player.sizes, drawings: [] });
    const { sizes } = this;
    this.element = html("div", { class: "sgd-panel" });
    this.element.style.setProperty("--sgd-height", `${sizes.title + panel.height + sizes.foot}px`);
  }

  // Draw for a width in CSS pixels; from then on, show() brings what moves to a frame.
  draw(width) {
    const { panel, sizes } = this;
    const [x0, y0, across, down] = [sizes.left, sizes.title, width - sizes.left - sizes.right, panel.height];
    this.place = placer(panel, across);
    const window = { class: "sgd-plot", x: x0, y: y0, width: across, height: down };
    const [back, front, words] = [svg("svg", window), svg("svg", window), svg("svg", window)];
    this.width = width;
    this.frame = -1;
    this.drawings = panel.marks.map((mark) => {
      const [nodes, load] = MARKS[mark.kind](mark);
      const drawing = { mark, load };
      this.load(drawing);
      for (const node of nodes) node.style.setProperty("--sgd-own", colour(mark.role, mark.order));
      (drawing.moves ? front : mark.kind === "words" ? words : back).append(...nodes);
      return drawing;
    });
    this.pointed = svg("path", { class: "sgd-pointed" });
    words.append(this.pointed);
    const text = (words, x, y, more = {}) => svg("text", { x, y, dy: "0.35em", "text-anchor": "middle", ...more }, words);
    const ticks = [
      ...panel.x.ticks.map(([value, words]) => {
        const x = px(x0 + fraction(panel.x, value) * across);
        return [svg("path", { d: `M${x} ${y0}v${down}` }), text(words, x, y0 + down + 9)];
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
      ...ticks.map(([, words]) => words),
      text(panel.x.label, x0 + across / 2, y0 + down + 23),
      text(panel.y.label, 0, 0, { transform: turned }),
      text(panel.title, x0, y0 / 2 + 2, { class: "sgd-title", "text-anchor": "start" }),
    ), layer({ "aria-hidden": "true" }, front), layer({ "aria-hidden": "true" }, words));
  }

  // Bring a mark its columns.
  load(drawing) {
    const { steps, columns } = this.player;
    const data = resolve(drawing.mark, columns, steps.length), { x, y, shown } = data;
    drawing.fields = Object.keys(data);
    drawing.moves = Object.values(data).some((frames) => frames.length > 1);
    drawing.show = drawing.load(data, this.place);
    if (!drawing.moves) drawing.show(0);
    const hover = drawing.mark.hover && shown?.length > 1, points = hover && this.place(x[0], y[0]);
    drawing.places = hover ? steps.map((_, frame) => points[shown[frame] - 1]) : [];
    // where the horizontal axis is the clock, a pointer anywhere above a step means that step
    drawing.timed = hover && steps.every((step, frame) => x[0][shown[frame] - 1] === step);
  }

  // Draw the marks again that name one of these columns.
  update(names, frame) {
    for (const drawing of this.drawings) {
      const { mark, moves, fields } = drawing;
      if (!fields.some((field) => names.has(mark[field]))) continue;
      this.load(drawing);
      if (moves !== drawing.moves) return this.draw(this.width); // it belongs to another layer
      if (moves) drawing.show(frame);
    }
  }

  show(frame) {
    if (frame === this.frame) return;
    this.frame = frame;
    for (const { moves, show } of this.drawings) if (moves) show(frame);
  }

  // The frame whose point on a path is nearest to a place on the screen, and that path's mark; null for none.
  nearest(event) {
    const { element, sizes } = this;
    const box = element.getBoundingClientRect(); // on the screen, where a slide may be scaled or a page zoomed
    const x = ((event.clientX - box.left) * element.offsetWidth) / box.width - sizes.left;
    const y = ((event.clientY - box.top) * element.offsetHeight) / box.height - sizes.title;
    let best = null;
    for (const { mark, timed, places } of this.drawings) {
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
    this.pointed.setAttribute("d", found ? SHAPES.ring(...found.place, 7) : "");
  }
}
