// A scene 2, in which marks hold their points, as a scene 3, in which they name columns.

// The k-th number of each of many points, however they are nested.
const coordinate = (points, k) => points.map((each) => (Array.isArray(each[0]) || !each.length ? coordinate(each, k) : each[k]));

function fields({ kind, frames, path, places, upper, lower, shown, x, y, values, words }) {
  if (kind === "cells") return { x, y, values: values.flat(), text: words[0] && words.flat() };
  if (kind === "band") return { x: coordinate(upper, 0), upper: coordinate(upper, 1), lower: coordinate(lower, 1), shown };
  const points = places?.map((point) => [point]) ?? path ?? frames;
  return { x: coordinate(points, 0), y: coordinate(points, 1), shown, text: places && frames };
}

export function converted(scene) {
  const columns = [];
  const add = (values) => values && `${columns.push(values) - 1}`;
  for (const mark of scene.marks) {
    for (const [field, values] of Object.entries(fields(mark))) mark[field] = add(values);
    Object.assign(mark, { run: `${mark.order}`, hover: mark.kind === "trail" && mark.width >= 1.5 });
  }
  for (const { readings, panels } of scene.rows) {
    for (const panel of panels) panel.marks = panel.marks.map((k) => scene.marks[k]);
    for (const reading of readings) {
      Object.assign(reading, { run: `${reading.order}`, widths: reading.columns });
      for (const readout of reading.readouts) readout.text = add(readout.frames);
    }
  }
  return { ...scene, columns };
}
