// What a mark looks like: one function a kind.
import { svg } from "./dom.js";
import { SHAPES, finite, px, trace } from "./geometry.js";

// The value at a frame: the only one, or one for each frame.
export const at = (frames, frame) => (frames.length > 1 ? frames[frame] : frames[0]);

export function colour(role, order) {
  if (order === null) return `var(--sgd-${role})`;
  const place = order * 4, below = Math.min(Math.floor(place), 3);
  return `color-mix(in srgb, var(--sgd-ordered-${below + 1}) ${100 * (place - below)}%, var(--sgd-ordered-${below}))`;
}

// One function a kind of mark: returns [node, show(frame)] for each thing it draws, back to front.
export const MARKS = {
  points(mark, place) {
    const node = svg("path", { class: `sgd-points sgd-${mark.shape}` });
    const glyph = SHAPES[mark.shape];
    return [[node, (frame) => {
      const placed = at(mark.frames, frame).filter(finite).map((point) => place(point).map(px));
      node.setAttribute("d", placed.map(([x, y]) => glyph(x, y, mark.size / 2)).join(""));
    }]];
  },
  line(mark, place) {
    const node = svg("path", stroke(mark, "sgd-line"));
    return [[node, (frame) => node.setAttribute("d", trace(at(mark.frames, frame), place).d)]];
  },
  trail(mark, place) {
    const path = svg("path", stroke(mark, `sgd-line sgd-trail${mark.order === null ? " sgd-alone" : ""}`));
    const head = svg("path", { class: `sgd-points sgd-${mark.shape}` });
    const { d, ends } = trace(mark.path, place);
    return [
      [path, (frame) => path.setAttribute("d", d.slice(0, ends[at(mark.shown, frame)]))],
      [head, (frame) => {
        const point = mark.path[at(mark.shown, frame) - 1];
        head.setAttribute("d", finite(point) ? SHAPES[mark.shape](...place(point).map(px), mark.size / 2) : "");
      }],
    ];
  },
  band(mark, place) {
    const area = svg("path", { class: "sgd-band" }), edge = svg("path", { class: "sgd-line" });
    const sides = (frame) => [mark.upper, mark.lower].map((side) => side.slice(0, at(mark.shown, frame)));
    return [
      [area, (frame) => {
        const [upper, lower] = sides(frame);
        area.setAttribute("d", trace([...upper, ...lower.reverse()], place).d);
      }],
      [edge, (frame) => edge.setAttribute("d", sides(frame).map((side) => trace(side, place).d).join(""))],
    ];
  },
  cells(mark, place) {
    const made = [];
    mark.values.forEach((values, row) => values.forEach((value, column) => {
      const [[left, bottom], [right, top]] = [0, 1].map((k) => place([mark.x[column + k], mark.y[row + k]]).map(px));
      const words = mark.words[row]?.[column];
      const cell = svg("path", { class: `sgd-cell${mark.gap === 0 ? " sgd-fine" : ""}`, d: `M${left} ${top}H${right}V${bottom}H${left}z` });
      cell.style.fill = value === null ? "none" : colour(mark.role, value);
      made.push(cell);
      if (!words) return;
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      const said = svg("text", { class: value === null ? "" : "sgd-on", x, y, dy: "0.35em", "text-anchor": "middle" }, words);
      said.style.setProperty("--sgd-value", value);
      made.push(said);
    }));
    return [[svg("g", {}, ...made), () => {}]];
  },
  words(mark, place) {
    const anchor = { left: "start", center: "middle", right: "end" }[mark.align];
    const words = document.createTextNode("");
    const node = svg("text", { class: "sgd-words", "text-anchor": anchor, dy: "0.35em" }, words);
    return [[node, (frame) => {
      const [x, y] = place(at(mark.places, frame)).map(px), said = at(mark.frames, frame);
      if (Number(node.getAttribute("x")) !== x) node.setAttribute("x", x); // to lay text out is dear
      if (Number(node.getAttribute("y")) !== y - mark.lift) node.setAttribute("y", y - mark.lift);
      if (words.data !== said) words.data = said;
    }]];
  },
};

const stroke = (mark, name) => ({
  class: name,
  "stroke-width": mark.width,
  "stroke-dasharray": mark.dash.map((length) => length * mark.width).join(" "),
});

// A piece of a run's line with its point, as they are in the panels.
export function swatch(reading) {
  const look = { class: "sgd-line", "stroke-width": 2, "stroke-dasharray": reading.dash.map((n) => 2 * n).join(" ") };
  const point = svg("path", { class: `sgd-points sgd-${reading.shape}`, d: SHAPES[reading.shape](11, 5, 3.5) });
  const line = svg("path", { ...look, d: "M0 5h22" });
  const made = svg("svg", { class: "sgd-swatch", viewBox: "0 0 22 10", "aria-hidden": "true" }, line, point);
  made.style.setProperty("--sgd-own", colour("model", reading.order));
  return made;
}
