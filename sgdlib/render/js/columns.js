// The columns of a scene.
import { say } from "./words.js";

// The value at a frame: the only one, or one for each frame.
export const at = (frames, frame) => (frames.length > 1 ? frames[frame] : frames[0]);

export function column(columns, name) {
  if (!Object.hasOwn(columns, name)) throw new Error(say("column", { name, names: Object.keys(columns).join(", ") }));
  return columns[name];
}

export function demand(name, given, allowed) {
  if (given !== allowed) throw new Error(say("length", { name, given, allowed }));
}
