// <sgd-player>: shows a Scene as Scene.to_json() writes it. It draws what the scene says and computes nothing else.
//
//     <sgd-player name="sgd" src="sgd.json"><div class="sgd-row" data-row="0"></div></sgd-player>
//
// Row k of the scene is drawn into the element with data-row="k", wherever in the player that stands; all rows
// share one clock. A child <script type="application/json"> may hold the scene instead of src. Sizes, times and
// colours are custom properties of the style sheet, which are sgdlib's own. A picture in a <noscript> stands where
// the scene cannot be had. A player that has left its page keeps nothing; one that returns goes on where it was.
import { Bar } from "./bar.js";
import { Clock } from "./clock.js";
import { column, demand } from "./columns.js";
import { html } from "./dom.js";
import { fallback } from "./fallback.js";
import { measures, read, styled } from "./load.js";
import { MARKS } from "./marks.js";
import { Row } from "./row.js";
import { watch } from "./watch.js";
import { say } from "./words.js";

const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");
const paper = matchMedia("print");

class Player extends HTMLElement {
  static kinds = Object.keys(MARKS); // of the marks that it can draw

  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    const listen = (target, event, act) => target.addEventListener(event, act, { signal });
    listen(this, "keydown", (event) => this.key(event));
    listen(lessMotion, "change", () => lessMotion.matches && this.pause());
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
    this.controller.abort();
    this.controller = null; // its reason holds on to all that the caller had in hand
    this.pause();
    this.unwatch();
    queueMicrotask(() => this.isConnected || this.leave()); // by then one that was only moved is back
  }

  // Keep nothing but the frame: others, such as a theme, may keep this element when its page is long gone.
  leave() {
    if (!this.rows) return;
    this.unprint();
    for (const row of this.rows) row.leave();
    this.querySelector(".sgd-bar")?.replaceChildren();
    this.resumed = this.frame;
    this.forget();
  }

  forget() {
    this.rows = this.only = this.bar = this.clock = this.steps = this.columns = null;
  }

  async load() {
    const { signal } = this.controller;
    try {
      const scene = await read(this, signal);
      if (Number.isNaN(measures(this).left)) await styled(this.getRootNode());
      if (signal.aborted) return;
      this.build(scene);
      this.watch();
      this.follow(location.hash);
      this.dispatchEvent(new Event("load")); // from here on it takes other columns
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  build(scene) {
    this.sizes = measures(this);
    if (Object.values(this.sizes).some(Number.isNaN)) throw new Error(say("style"));
    this.steps = scene.steps;
    this.columns = scene.columns;
    this.last = scene.steps.length - 1;
    this.frame = Math.min(this.resumed ?? this.last, this.last);
    this.clock = new Clock(this, this.sizes);
    this.rows = [];
    if (!this.querySelector("[data-row]")) {
      this.append(...scene.rows.map((_, k) => html("div", { class: "sgd-row", "data-row": k })));
    }
    const slots = [...this.querySelectorAll("[data-row]")];
    this.rows = slots.map((slot) => new Row(slot, scene.rows[slot.dataset.row], this));
    this.only = slots.length > 1 ? null : this.rows[0];
    if (this.last > 0) this.bar = new Bar(this, scene.title);
    this.refresh();
  }

  // Give columns other values, by name: the marks that name them are drawn again, and all else stays as it is. Where
  // there are other steps, every column with a value for each frame has to come, too.
  update(columns, steps = this.steps) {
    if (!this.rows) throw new Error(say("early"));
    for (const name of Object.keys(columns)) column(this.columns, name);
    const all = { ...this.columns, ...columns };
    if (!this.bar || !steps.length) demand("steps", steps.length, 1);
    for (const row of this.rows) row.check(all, steps.length);
    const names = new Set(Object.keys(steps === this.steps ? columns : all));
    const last = steps.length - 1;
    Object.assign(this, { columns: all, steps, last, frame: Math.min(this.frame, last) });
    for (const row of this.rows) row.update(names, this.frame);
    this.refresh();
  }

  watch() {
    this.visible = new Set();
    this.observers = watch(this);
  }

  unwatch() {
    for (const observer of Object.values(this.observers ?? {})) observer.disconnect();
    this.observers = null;
    this.visible = new Set();
  }

  // A player that comes into view plays once, unless its reader asked for less motion or has touched it.
  first() {
    if (!this.rows || this.touched || lessMotion.matches || paper.matches || !this.last) return;
    this.touched = true;
    this.frame = 0;
    this.play();
  }

  play() {
    if (this.frame >= this.last) this.frame = 0;
    this.clock.start();
    this.refresh();
  }

  pause() {
    if (!this.clock?.playing) return;
    this.clock.stop();
    this.refresh();
  }

  toggle() {
    this.touched = true;
    if (!this.clock.playing) return this.play();
    this.pause();
    this.announce();
  }

  show(frame) {
    this.frame = Math.max(0, Math.min(this.last, frame));
    this.refresh();
  }

  seek(frame) {
    this.touched = true;
    this.pause();
    this.show(frame);
  }

  // Go to a frame because its reader asked for it, and say what is there.
  jump(frame, row) {
    this.seek(frame);
    this.announce(row);
    if (row) (row.slider ?? this.bar.slider).element.focus({ preventScroll: true });
  }

  announce(row = this.only) {
    this.bar.status.textContent = this.text(row);
    const link = this.closest("[id^='figure-']")?.querySelector(".sgd-here");
    link?.setAttribute("href", `#${this.getAttribute("name")}@${this.frame}`);
  }

  text(row) {
    return row ? row.text(this.frame) : say("step", { step: this.steps[this.frame] });
  }

  // Bring all that is in sight to the frame.
  refresh() {
    this.bar?.show();
    this.visible?.forEach((row) => row.show(this.frame));
  }

  key(event) {
    if (!this.bar || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("select, a")) return;
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
    if (!target || !this.bar || !(target.contains(this) || this.contains(target))) return;
    this.seek(Number(frame));
    this.announce();
    target.scrollIntoView();
  }

  print() {
    if (!this.rows || this.printed !== undefined) return;
    this.pause();
    this.printed = this.frame;
    this.frame = this.last;
    this.safely(() => this.rows.forEach((row) => {
      row.draw();
      row.panels.forEach((panel) => panel.show(this.last));
    }));
  }

  unprint() {
    if (this.printed === undefined) return;
    this.frame = Math.min(this.printed, this.last);
    this.printed = undefined;
    this.rows.forEach((row) => row.show(this.frame));
  }

  safely(act) {
    try {
      if (this.rows) act();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    this.pause();
    this.unwatch();
    fallback(this, error);
    this.forget();
  }
}

// A notebook brings this script with every cell.
if (!customElements.get("sgd-player")) customElements.define("sgd-player", Player);
