// What marks name, and what they look like.
import { at, column, demand } from "./columns.js";
import { svg } from "./dom.js";
import { SHAPES, trace } from "./geometry.js";

export function colour(role, order) {
  if (order === null) return `var(--sgd-${role})`;
  const place = order * 4, below = Math.min(Math.floor(place), 3);
  return `color-mix(in srgb, var(--sgd-ordered-${below + 1}) ${100 * (place - below)}%, var(--sgd-ordered-${below}))`;
}

const stroke = (mark, name) => svg("path", {
  class: name,
  "stroke-width": mark.width,
  "stroke-dasharray": mark.dash.map((length) => length * mark.width).join(" "),
});

const dots = (mark) => svg("path", { class: `sgd-points sgd-${mark.shape}` });

// What marks and read-outs name columns by.
const FIELDS = ["x", "y", "upper", "lower", "values", "text", "shown"];

// The columns that a mark or a read-out names, each as one value for all frames or one for each of so many.
export function resolve(mark, columns, count) {
  const found = {}, cells = mark.kind === "cells";
  for (const field of FIELDS) {
    const name = mark[field];
    if (name == null) continue; // such as the text of cells that have none
    const values = column(columns, name);
    const items = field !== "shown" && (field !== "text" || cells); // for these a frame has a list
    const frames = found[field] = items && !Array.isArray(values[0]) ? [values] : values;
    if (frames.length !== 1) demand(name, frames.length, count);
    for (let frame = 0; items && frame < Math.max(frames.length, found.x.length); frame++) {
      const { length } = at(frames, frame), across = at(found.x, frame).length;
      if (!cells) demand(name, length, mark.kind === "words" ? 1 : across);
      else if (found.values) demand(name, length, (across - 1) * (at(found.y, frame).length - 1));
    }
  }
  return found;
}

// For each kind of mark, the nodes that draw it, back to front, and what brings them columns: that returns show(frame).
export const MARKS = {
  points(mark) {
    const node = dots(mark), glyph = SHAPES[mark.shape];
    return [[node], ({ x, y }, place) => (frame) => {
      const points = place(at(x, frame), at(y, frame)).filter(Boolean);
      node.setAttribute("d", points.map((point) => glyph(...point, mark.size / 2)).join(""));
    }];
  },
  line(mark) {
    const node = stroke(mark, "sgd-line");
    return [[node], ({ x, y }, place) => (frame) => {
      node.setAttribute("d", trace(place(at(x, frame), at(y, frame))).d);
    }];
  },
  trail(mark) {
    const path = stroke(mark, `sgd-line sgd-trail${mark.order === null ? " sgd-alone" : ""}`), head = dots(mark);
    return [[path, head], ({ x, y, shown }, place) => {
      const points = place(x[0], y[0]), { d, ends } = trace(points);
      return (frame) => {
        const count = at(shown, frame), end = points[count - 1];
        path.setAttribute("d", d.slice(0, ends[count]));
        head.setAttribute("d", end ? SHAPES[mark.shape](...end, mark.size / 2) : "");
      };
    }];
  },
  band() {
    const area = svg("path", { class: "sgd-band" }), edge = svg("path", { class: "sgd-line" });
    return [[area, edge], ({ x, upper, lower, shown }, place) => {
      const sides = [upper, lower].map((side) => place(x[0], side[0]));
      return (frame) => {
        const [above, below] = sides.map((side) => side.slice(0, at(shown, frame)));
        edge.setAttribute("d", trace(above).d + trace(below).d);
        area.setAttribute("d", trace([...above, ...below.reverse()]).d);
      };
    }];
  },
  cells(mark) {
    const group = svg("g");
    return [[group], ({ x, y, values, text }, place) => (frame) => {
      const xs = at(x, frame), ys = at(y, frame), across = xs.length - 1;
      const nodes = Array.from(at(values, frame), (value, k) => {
        const column = k % across, row = Math.floor(k / across);
        const [[left, bottom], [right, top]] = place(xs.slice(column, column + 2), ys.slice(row, row + 2));
        const empty = !Number.isFinite(value), words = text && at(text, frame)[k];
        const cell = svg("path", { class: `sgd-cell${mark.gap === 0 ? " sgd-fine" : ""}`, d: `M${left} ${top}H${right}V${bottom}H${left}z` });
        cell.style.fill = empty ? "none" : colour(mark.role, value);
        if (!words) return [cell];
        const middle = { x: (left + right) / 2, y: (top + bottom) / 2, dy: "0.35em", "text-anchor": "middle" };
        const label = svg("text", { class: empty ? "" : "sgd-on", ...middle }, words);
        label.style.setProperty("--sgd-value", value);
        return [cell, label];
      });
      group.replaceChildren(...nodes.flat());
    }];
  },
  words(mark) {
    const anchor = { left: "start", center: "middle", right: "end" }[mark.align];
    const words = document.createTextNode("");
    const node = svg("text", { class: "sgd-words", "text-anchor": anchor, dy: "0.35em" }, words);
    return [[node], ({ x, y, text }, place) => (frame) => {
      const [point] = place(at(x, frame), at(y, frame)), content = point ? at(text, frame) : "";
      const move = (name, value) => Number(node.getAttribute(name)) === value || node.setAttribute(name, value);
      if (point) [move("x", point[0]), move("y", point[1] - mark.lift)]; // only where it differs: to lay text out is dear
      if (words.data !== content) words.data = content;
    }];
  },
};

// A piece of a run's line with its point, as they are in the panels.
export function swatch(reading) {
  const point = svg("path", { class: `sgd-points sgd-${reading.shape}`, d: SHAPES[reading.shape](11, 5, 3.5) });
  const line = stroke({ ...reading, width: 2 }, "sgd-line");
  line.setAttribute("d", "M0 5h22");
  const made = svg("svg", { class: "sgd-swatch", viewBox: "0 0 22 10", "aria-hidden": "true" }, line, point);
  made.style.setProperty("--sgd-own", colour("model", reading.order));
  return made;
}
