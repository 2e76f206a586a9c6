// <sgd-player>: shows a Scene as Scene.to_json() writes it. It draws what the scene says and computes nothing else.
//
//     <sgd-player name="sgd" src="sgd.json"><div class="sgd-row" data-row="0"></div></sgd-player>
//
// Row k of the scene is drawn into the element with data-row="k", wherever in the player that stands; all rows
// share one clock. A child <script type="application/json"> may hold the scene instead of src. Sizes, times and
// colours are custom properties of the style sheet, which are sgdlib's own. A picture in a <noscript> stands where
// the scene cannot be had. A player that has left its page keeps nothing; one that returns goes on where it was.
(() => {
  "use strict";
  if (customElements.get("sgd-player")) return; // a notebook brings this script with every cell

  const FORMAT = "sgdlib scene 2";
  const SPEEDS = [["¼×", 0.25], ["½×", 0.5], ["1×", 1], ["2×", 2], ["4×", 4]];
  const NEAR = 40; // how far from a path, in CSS pixels, a pointer still reads it out
  const ICONS = {
    restart: "M6 5h2v14H6zM20 5v14L9 12z",
    back: "M15 5v14L5 12zM17 5h2v14h-2z",
    play: "M7 4v16l13-8z",
    pause: "M6 4h4v16H6zM14 4h4v16h-4z",
    forward: "M9 5v14l10-7zM5 5h2v14H5z",
  };
  const SHAPES = {
    dot: (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
    square: (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
    diamond: (x, y, r) => `M${x} ${y - 1.4 * r}l${1.4 * r} ${1.4 * r}l${-1.4 * r} ${1.4 * r}l${-1.4 * r} ${-1.4 * r}z`,
    triangle: (x, y, r) => `M${x} ${y - r}L${x + r} ${y + r}L${x - r} ${y + r}z`,
    cross: (x, y, r) => `M${x - r} ${y - r}l${2 * r} ${2 * r}M${x - r} ${y + r}l${2 * r} ${-2 * r}`,
  };
  SHAPES.ring = SHAPES.dot;

  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const paper = matchMedia("print");

  const filled = (node, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children); // a string becomes text, never markup
    return node;
  };
  const html = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) =>
    filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  const at = (frames, frame) => (frames.length > 1 ? frames[frame] : frames[0]);
  const px = (value) => Math.round(value * 100) / 100;
  const finite = (point) => point[0] !== null && point[1] !== null;

  function colour(role, order) {
    if (order === null) return `var(--sgd-${role})`;
    const place = order * 4, below = Math.min(Math.floor(place), 3);
    return `color-mix(in srgb, var(--sgd-ordered-${below + 1}) ${100 * (place - below)}%, var(--sgd-ordered-${below}))`;
  }

  // Of numbers whose ratio, or whose difference, is no double, too: as Axis.fraction of sgdlib.scene.
  function ratio(above, below) {
    const times = above / below;
    return times > 1e-300 && times < 1e300 ? Math.log(times) : Math.log(above) - Math.log(below);
  }

  function fraction({ low, high, log }, value) {
    if (log) return ratio(value, low) / ratio(high, low);
    const half = Number.isFinite(high - low) ? 1 : 0.5;
    return (half * value - half * low) / (half * high - half * low);
  }

  // The path through points, with a gap where one is missing; ends[k] is its length up to the k-th of them.
  function trace(points, place) {
    let d = "", pen = "M";
    const ends = [0];
    for (const point of points) {
      if (finite(point)) d += pen + place(point).map(px).join(" ");
      pen = finite(point) ? "L" : "M";
      ends.push(d.length);
    }
    return { d, ends };
  }

  // One function a kind of mark: returns [node, show(frame)] for each thing it draws, back to front.
  const MARKS = {
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

  class Panel {
    constructor(panel, scene, sizes) {
      this.panel = panel;
      this.steps = scene.steps;
      this.sizes = sizes;
      this.marks = panel.marks.map((k) => scene.marks[k]);
      this.element = html("div", { class: "sgd-panel" });
      this.element.style.setProperty("--sgd-height", `${sizes.title + panel.height + sizes.foot}px`);
    }

    // Draw for a width in CSS pixels; from then on, show() brings what moves to a frame.
    lay(width) {
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

  class Row {
    constructor(slot, row, scene, sizes, player) {
      Object.assign(this, { slot, row, player, drawn: false, room: [...slot.childNodes], still: slot.matches(".sgd-still") });
      slot.classList.remove("sgd-still");
      slot.querySelector(":scope > picture")?.remove(); // it stood in for this
      this.panels = row.panels.map((panel) => new Panel(panel, scene, sizes));
      this.values = [];
      this.tip = html("div", { class: "sgd-tip", "aria-hidden": "true" });
      this.stage = html("div", { class: "sgd-panels" }, ...this.panels.map((panel) => panel.element));
      for (const panel of this.panels) {
        panel.element.addEventListener("pointermove", (event) => this.point(panel, panel.nearest(event)));
        panel.element.addEventListener("pointerleave", () => this.point(panel, null));
        panel.element.addEventListener("click", (event) => {
          const found = panel.nearest(event);
          if (found) player.jump(found.frame, this);
        });
      }
    }

    draw() {
      if (!this.drawn) {
        this.slot.replaceChildren(...this.row.readings.map((reading) => this.readings(reading)), this.stage, this.tip);
        if (this.player.rows.length > 1 && this.player.last > 0) {
          this.scrub = this.player.slider(this);
          this.slot.append(html("div", { class: "sgd-foot" }, this.scrub));
        }
        this.drawn = true;
        for (const panel of this.panels) this.player.observers.inside.observe(panel.element);
      }
      for (const panel of this.panels) {
        const width = panel.element.clientWidth;
        if (width && width !== panel.width) {
          panel.lay(width);
          panel.width = width;
          panel.show(this.player.frame);
        }
      }
      this.show(this.player.frame);
    }

    readings(reading) {
      const line = html("dl", { class: "sgd-reading" });
      reading.readouts.forEach(({ label, frames }, k) => {
        const value = document.createTextNode("");
        this.values.push([value, frames]);
        const name = html("dt", { dir: "auto" }, label);
        const run = k === 0 && reading.order !== null;
        if (run) name.prepend(swatch(reading));
        const column = html("div", run ? { class: "sgd-run" } : {}, name, html("dd", { dir: "auto" }, value));
        column.style.setProperty("--sgd-figures", reading.columns?.[k] ?? 1);
        line.append(column);
      });
      return line;
    }

    show(frame) {
      if (!this.drawn) return;
      for (const panel of this.panels) if (panel.near) panel.show(frame);
      for (const [value, frames] of this.values) value.data = at(frames, frame);
      if (this.scrub) this.player.slide(this.scrub, this);
    }

    // What a row reads out, as one sentence; of the run that a mark belongs to, or of all.
    text(frame, mark) {
      const lines = this.row.readings.filter((reading) => !mark || reading.order === mark.order);
      return lines
        .map(({ readouts }) => readouts.map(({ label, frames }) => `${label} ${at(frames, frame)}`).join(", "))
        .join("; ");
    }

    point(panel, found) {
      panel.point(found);
      this.tip.textContent = found ? this.text(found.frame, found.mark) : "";
      if (!found) return;
      const { offsetLeft, offsetTop } = panel.element;
      const x = offsetLeft + panel.sizes.left + found.place[0], y = offsetTop + panel.sizes.title + found.place[1];
      const width = this.tip.offsetWidth;
      this.tip.style.left = `${Math.max(0, Math.min(this.slot.offsetWidth - width, x - width / 2))}px`;
      this.tip.style.top = `${Math.max(0, y - this.tip.offsetHeight - 12)}px`;
    }
  }

  function swatch(reading) {
    const look = { class: "sgd-line", "stroke-width": 2, "stroke-dasharray": reading.dash.map((n) => 2 * n).join(" ") };
    const point = svg("path", { class: `sgd-points sgd-${reading.shape}`, d: SHAPES[reading.shape](11, 5, 3.5) });
    const line = svg("path", { ...look, d: "M0 5h22" });
    const made = svg("svg", { class: "sgd-swatch", viewBox: "0 0 22 10", "aria-hidden": "true" }, line, point);
    made.style.setProperty("--sgd-own", colour("model", reading.order));
    return made;
  }

  // The pictures among the children of an element, and those that are there for readers without scripts.
  const stillOf = (nodes) => nodes.flatMap((node) => {
    if (node.matches?.("picture, img")) return [node];
    if (!node.matches?.("noscript")) return [];
    const held = html("template");
    held.innerHTML = node.innerHTML; // to a page that runs scripts it is text
    return stillOf([...held.content.childNodes]);
  });

  class Player extends HTMLElement {
    connectedCallback() {
      this.gone = new AbortController();
      const listen = (target, event, what) => target.addEventListener(event, what, { signal: this.gone.signal });
      listen(this, "keydown", (event) => this.key(event));
      listen(still, "change", () => still.matches && this.pause());
      listen(paper, "change", () => (paper.matches ? this.print() : this.unprint()));
      listen(window, "beforeprint", () => this.print());
      listen(window, "afterprint", () => this.unprint());
      listen(window, "hashchange", () => this.follow(location.hash));
      listen(document, "click", (event) => this.follow(event.composedPath()[0].closest?.("a[href*='@']")?.hash)); // also to where we are
      if (this.rows) this.watch(); // it was moved
      else if (document.readyState !== "loading") this.load();
      else listen(document, "DOMContentLoaded", () => this.load()); // by then its children have been read, too
    }

    disconnectedCallback() {
      this.gone.abort();
      this.gone = null; // its reason holds on to all that the caller had in hand
      this.pause();
      this.rest();
      queueMicrotask(() => this.isConnected || this.leave()); // by then one that was only moved is back
    }

    // Look at nothing any more.
    rest() {
      for (const observer of Object.values(this.observers ?? {})) observer.disconnect();
      this.observers = null;
      this.visible = new Set();
    }

    // Keep nothing but the frame: others, such as a theme, may keep this element when its page is long gone.
    leave() {
      if (!this.rows) return;
      this.unprint();
      for (const { slot, room, still } of this.rows) {
        slot.replaceChildren(...room);
        slot.classList.toggle("sgd-still", still);
      }
      this.querySelector(".sgd-bar")?.replaceChildren();
      this.resumed = this.frame;
      this.forget();
    }

    forget() {
      this.rows = this.button = this.main = this.count = this.said = this.steps = null;
    }

    async load() {
      const { signal } = this.gone;
      try {
        const scene = await this.read(signal);
        if (Number.isNaN(this.size("left"))) await this.styled();
        if (signal.aborted) return;
        this.build(scene);
        this.watch();
        this.follow(location.hash);
      } catch (error) {
        if (!signal.aborted) this.fail(error);
      }
    }

    async read(signal) {
      const inside = this.querySelector('script[type="application/json"]');
      if (inside) return JSON.parse(inside.textContent);
      const answer = await fetch(this.getAttribute("src"), { signal }).catch(() => {
        throw new Error(location.protocol === "file:"
          ? "a page that is opened from a file may not read its data"
          : "its data could not be fetched");
      });
      if (!answer.ok) throw new Error(`its data are missing (${answer.status})`);
      return answer.json();
    }

    size(name) {
      return parseFloat(getComputedStyle(this).getPropertyValue(`--sgd-${name}`));
    }

    // Wait a while for style sheets that are on their way, as those are that a shadow root links to.
    styled() {
      const late = [...this.getRootNode().querySelectorAll("link[rel=stylesheet]")].filter((link) => !link.sheet);
      const come = Promise.all(late.map((link) => new Promise((done) => link.addEventListener("load", done))));
      return Promise.race([come, new Promise((done) => setTimeout(done, 3000))]);
    }

    build(scene) {
      if (scene?.format !== FORMAT) throw new Error(`its data are of the format “${scene?.format}”, not “${FORMAT}”`);
      this.sizes = Object.fromEntries(["left", "right", "title", "foot", "first", "slow", "slows", "each"].map((k) => [k, this.size(k)]));
      if (Object.values(this.sizes).some(Number.isNaN)) throw new Error("its style sheet is missing, or is not what sgdlib.web.stylesheet() returns");
      this.steps = scene.steps;
      this.last = scene.steps.length - 1;
      this.frame = this.resumed ?? this.last;
      this.speed = 1;
      this.rows = [];
      if (!this.querySelector("[data-row]")) {
        this.append(...scene.rows.map((_, k) => html("div", { class: "sgd-row", "data-row": k })));
      }
      const slots = [...this.querySelectorAll("[data-row]")];
      this.rows = slots.map((slot) => new Row(slot, scene.rows[slot.dataset.row], scene, this.sizes, this));
      if (this.last > 0) this.controls(scene.title);
    }

    controls(title) {
      const button = (icon, name, act) => {
        const made = html("button", { type: "button", "aria-label": name, title: name },
          svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: ICONS[icon] })));
        made.addEventListener("click", act);
        return made;
      };
      this.button = button("play", "Play", () => this.toggle());
      this.main = this.slider(this.rows.length > 1 ? null : this.rows[0]);
      this.count = document.createTextNode("");
      const speed = html("select", { "aria-label": "Speed" },
        ...SPEEDS.map(([words, value]) => html("option", { value, ...(value === 1 && { selected: "" }) }, words)));
      speed.addEventListener("change", () => (this.speed = Number(speed.value)));
      this.said = html("p", { class: "sgd-said", role: "status" });
      const bar = this.querySelector(".sgd-bar") ?? this.appendChild(html("div", { class: "sgd-bar" }));
      bar.setAttribute("role", "group");
      bar.setAttribute("aria-label", `Playback: ${title}`);
      bar.replaceChildren(
        this.main,
        button("restart", "Restart", () => this.jump(0)),
        button("back", "One step back", () => this.jump(this.frame - 1)),
        this.button,
        button("forward", "One step forward", () => this.jump(this.frame + 1)),
        html("span", { class: "sgd-count", "aria-hidden": "true" }, this.count), speed, this.said,
      );
      this.mark();
    }

    slider(row) {
      const made = html("input", { type: "range", class: "sgd-scrub", min: 0, max: this.last, "aria-label": "Step" });
      if (row && this.rows.length > 1) made.setAttribute("aria-label", `Step, ${row.row.label}`);
      made.addEventListener("input", () => this.seek(Number(made.value)));
      made.addEventListener("change", () => this.tell(row));
      return made;
    }

    // Bring a slider to the frame; while playing its words stay the same, so that nobody is told every frame.
    slide(slider, row) {
      slider.value = this.frame;
      const words = this.playing ? "playing" : row ? row.text(this.frame) : `step ${this.steps[this.frame]}`;
      if (slider.getAttribute("aria-valuetext") !== words) slider.setAttribute("aria-valuetext", words);
    }

    watch() {
      this.visible = new Set();
      const rowOf = new Map(this.rows.map((row) => [row.slot, row]));
      const panelOf = new Map(this.rows.flatMap((row) => row.panels.map((panel) => [panel.element, panel])));
      const seen = new IntersectionObserver((entries) => this.safely(() => {
        for (const { target, isIntersecting } of entries) {
          this.visible[isIntersecting ? "add" : "delete"](rowOf.get(target));
          if (isIntersecting) rowOf.get(target).draw();
        }
        if (this.playing) this.run();
      }), { rootMargin: "100px 0px" });
      const inside = new IntersectionObserver((entries) => this.safely(() => {
        for (const { target, isIntersecting } of entries) {
          const panel = panelOf.get(target);
          panel.near = isIntersecting;
          if (isIntersecting) panel.show(this.frame);
        }
      }));
      const centre = new IntersectionObserver((entries) => {
        if (entries.some((entry) => entry.isIntersecting)) this.first();
      }, { rootMargin: "-30% 0px" });
      const widths = new ResizeObserver(() => this.safely(() => this.visible.forEach((row) => row.draw())));
      this.observers = { seen, inside, centre, widths };
      for (const { slot } of this.rows) for (const one of [seen, centre, widths]) one.observe(slot);
      for (const [element] of panelOf) if (element.isConnected) inside.observe(element);
    }

    // A player that comes into view plays once, unless its reader asked for less motion or has touched it.
    first() {
      if (!this.rows || this.touched || still.matches || paper.matches || !this.last) return;
      this.touched = true;
      this.frame = 0;
      this.play();
    }

    play() {
      if (this.frame >= this.last) this.frame = 0;
      this.playing = true;
      this.spent = 0;
      this.mark();
      this.run();
    }

    run() {
      if (this.ticking || !this.visible.size) return;
      let before = performance.now();
      const tick = (now) => {
        this.ticking = null;
        if (!this.playing || !this.visible.size) return; // off screen it waits, and spends nothing
        this.spent += Math.min(now - before, 250) * this.speed;
        before = now;
        let frame = this.frame;
        while (frame < this.last && this.spent >= this.lasts(frame)) this.spent -= this.lasts(frame++);
        if (frame !== this.frame) this.seek(frame, true);
        if (frame === this.last) this.pause();
        else this.ticking = requestAnimationFrame(tick);
      };
      this.ticking = requestAnimationFrame(tick);
    }

    lasts(frame) {
      const { first, slow, slows, each } = this.sizes;
      return frame === 0 ? first : frame <= slows ? slow : each;
    }

    pause() {
      if (!this.playing) return;
      this.playing = false;
      cancelAnimationFrame(this.ticking);
      this.ticking = null;
      this.mark();
    }

    toggle() {
      this.touched = true;
      if (!this.playing) return this.play();
      this.pause();
      this.tell();
    }

    seek(frame, playing = false) {
      if (!playing) {
        this.touched = true;
        this.pause();
      }
      this.frame = Math.max(0, Math.min(this.last, frame));
      this.mark();
    }

    // Go to a frame because its reader asked for it, and say what is there.
    jump(frame, row) {
      this.seek(frame);
      this.tell(row);
      if (row) (row.scrub ?? this.main)?.focus({ preventScroll: true });
    }

    tell(row = this.rows.length > 1 ? null : this.rows[0]) {
      this.said.textContent = row ? row.text(this.frame) : `step ${this.steps[this.frame]}`;
      const here = this.closest("[id^='figure-']")?.querySelector(".sgd-here");
      here?.setAttribute("href", `#${this.getAttribute("name")}@${this.frame}`);
    }

    // Bring all that is in sight to the frame.
    mark() {
      if (!this.button) return;
      const name = this.playing ? "Pause" : "Play";
      if (this.button.title !== name) {
        this.button.title = name;
        this.button.setAttribute("aria-label", name);
        this.button.querySelector("path").setAttribute("d", ICONS[name.toLowerCase()]);
      }
      this.count.data = `step ${this.steps[this.frame]}`;
      this.slide(this.main, this.rows.length > 1 ? null : this.rows[0]);
      this.visible?.forEach((row) => row.show(this.frame));
    }

    key(event) {
      if (!this.button || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("select, a")) return;
      if (event.key === " " && event.target.closest("button")) return; // which it presses
      const to = { ArrowLeft: this.frame - 1, ArrowRight: this.frame + 1, Home: 0, End: this.last }[event.key];
      if (to === undefined && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation(); // a notebook has plans of its own for these keys
      if (event.key === " ") this.toggle();
      else this.jump(to);
    }

    // Open the frame that an address such as #learning-rates@37 names, if it is one of this figure's.
    follow(hash) {
      const [, name, frame] = /^#([a-z0-9-]+)@(\d+)$/.exec(hash ?? "") ?? [];
      const target = name && this.getRootNode().getElementById(`figure-${name}`);
      if (!target || !this.button || !(target.contains(this) || this.contains(target))) return;
      this.seek(Number(frame));
      this.tell();
      target.scrollIntoView();
    }

    print() {
      if (!this.rows || this.kept !== undefined) return;
      this.pause();
      this.kept = this.frame;
      this.frame = this.last;
      this.safely(() => this.rows.forEach((row) => {
        row.draw();
        row.panels.forEach((panel) => panel.show(this.last));
      }));
    }

    unprint() {
      if (this.kept === undefined) return;
      this.frame = this.kept;
      this.kept = undefined;
      this.rows.forEach((row) => row.show(this.frame));
    }

    safely(act) {
      try {
        if (this.rows) act();
      } catch (error) {
        this.fail(error);
      }
    }

    // Say why nothing can be drawn; what pictures there are for readers without scripts stand in its place.
    fail(error) {
      this.pause();
      this.rest();
      const why = error instanceof SyntaxError || error instanceof TypeError ? "its data are damaged or could not be read" : error.message;
      const rooms = new Map(this.rows?.map(({ slot, room }) => [slot, room]));
      const found = [...this.querySelectorAll("[data-row]")];
      const slots = found.length ? found : [this];
      const stills = slots.map((slot) => stillOf(rooms.get(slot) ?? [...slot.childNodes]));
      if (!stills[0].length) stills[0] = stillOf([...this.childNodes]);
      const said = stills[0].length ? "Only a picture of this figure" : "This figure cannot be shown";
      slots.forEach((slot, k) => slot.replaceChildren(...stills[k]));
      slots[0].append(html("p", { class: "sgd-trouble" }, `${said}: ${why}.`));
      this.querySelectorAll(".sgd-still").forEach((slot) => slot.classList.remove("sgd-still"));
      this.querySelector(".sgd-bar")?.remove();
      this.forget();
    }
  }

  customElements.define("sgd-player", Player);
})();
