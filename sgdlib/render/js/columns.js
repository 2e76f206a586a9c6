// The columns of a scene, and what names them.
import { say } from "./words.js";

const FIELDS = ["x", "y", "upper", "lower", "values", "text", "shown"];

// The value at a frame: the only one, or one for each frame.
export const at = (frames, frame) => (frames.length > 1 ? frames[frame] : frames[0]);

export function column(columns, name) {
  if (!Object.hasOwn(columns, name)) throw new Error(say("column", { name, names: Object.keys(columns).join(", ") }));
  return columns[name];
}

export function demand(name, given, allowed) {
  if (given !== allowed) throw new Error(say("length", { name, given, allowed }));
}

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
