// From the values of axes to pixels and paths.
export const SHAPES = {
  dot: (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  square: (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
  diamond: (x, y, r) => `M${x} ${y - 1.4 * r}l${1.4 * r} ${1.4 * r}l${-1.4 * r} ${1.4 * r}l${-1.4 * r} ${-1.4 * r}z`,
  triangle: (x, y, r) => `M${x} ${y - r}L${x + r} ${y + r}L${x - r} ${y + r}z`,
  cross: (x, y, r) => `M${x - r} ${y - r}l${2 * r} ${2 * r}M${x - r} ${y + r}l${2 * r} ${-2 * r}`,
};
SHAPES.ring = SHAPES.dot;

export const px = (value) => Math.round(value * 100) / 100;

// Of numbers whose ratio, or whose difference, is no double, too: as Axis.fraction of sgdlib.scene.
function ratio(above, below) {
  const times = above / below;
  return times > 1e-300 && times < 1e300 ? Math.log(times) : Math.log(above) - Math.log(below);
}

export function fraction({ low, high, log }, value) {
  if (log) return ratio(value, low) / ratio(high, low);
  const half = Number.isFinite(high - low) ? 1 : 0.5;
  return (half * value - half * low) / (half * high - half * low);
}

// Where points are in a plot of a width, in CSS pixels; null for one that has no place.
export const placer = (panel, across) => (xs, ys) => Array.from(xs, (x, k) => {
  const [right, up] = [fraction(panel.x, x ?? NaN), fraction(panel.y, ys[k] ?? NaN)];
  const point = [right * across, (1 - up) * panel.height].map(px);
  return point.every(Number.isFinite) ? point : null;
});

// The path through points, with a gap where one is missing; ends[k] is its length up to the k-th of them.
export function trace(points) {
  let d = "", pen = "M";
  const ends = [0];
  for (const point of points) {
    if (point) d += pen + point.join(" ");
    pen = point ? "L" : "M";
    ends.push(d.length);
  }
  return { d, ends };
}
