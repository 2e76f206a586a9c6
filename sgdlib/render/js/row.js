// One experiment: what is read out of its runs, and its panels.
import { Slider } from "./bar.js";
import { at } from "./columns.js";
import { html } from "./dom.js";
import { resolve, swatch } from "./marks.js";
import { Panel } from "./panel.js";
import { say } from "./words.js";

export class Row {
  constructor(slot, row, player) {
    Object.assign(this, { slot, row, player, drawn: false, content: [...slot.childNodes], fallback: slot.matches(".sgd-still") });
    slot.classList.remove("sgd-still");
    slot.querySelector(":scope > picture")?.remove(); // it stood in for this
    this.panels = row.panels.map((panel) => new Panel(panel, player));
    this.values = [];
    this.tip = html("div", { class: "sgd-tip", "aria-hidden": "true" });
    this.stage = html("div", { class: "sgd-panels" }, ...this.panels.map((panel) => panel.element));
    for (const panel of this.panels) {
      panel.element.addEventListener("pointermove", (event) => this.point(panel, event));
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
      if (!this.player.only && this.player.last > 0) {
        this.slider = new Slider(this.player, this);
        this.slot.append(html("div", { class: "sgd-foot" }, this.slider.element));
      }
      this.drawn = true;
      for (const panel of this.panels) this.player.observers.panels.observe(panel.element);
    }
    for (const panel of this.panels) {
      const width = panel.element.clientWidth;
      if (width && width !== panel.width) {
        panel.draw(width);
        panel.show(this.player.frame);
      }
    }
    this.show(this.player.frame);
  }

  readings(reading) {
    const line = html("dl", { class: "sgd-reading" });
    reading.readouts.forEach(({ label, text }, k) => {
      const value = document.createTextNode("");
      this.values.push([value, text]);
      const name = html("dt", { dir: "auto" }, label);
      if (k === 0 && reading.order !== null) name.prepend(swatch(reading));
      const column = html("div", {}, name, html("dd", { dir: "auto" }, value));
      column.style.setProperty("--sgd-figures", reading.widths[k] ?? 1);
      line.append(column);
    });
    return line;
  }

  show(frame) {
    if (!this.drawn) return;
    for (const panel of this.panels) if (panel.near) panel.show(frame);
    for (const [value, name] of this.values) value.data = at(this.player.columns[name], frame);
    this.slider?.show();
  }

  // Refuse columns that do not fit what names them.
  check(columns, count) {
    const { readings, panels } = this.row;
    const readouts = readings.flatMap((reading) => reading.readouts), marks = panels.flatMap((panel) => panel.marks);
    for (const each of [...readouts, ...marks]) resolve(each, columns, count);
  }

  update(names, frame) {
    for (const panel of this.panels) {
      panel.update(names, frame);
      if (panel.event) this.point(panel, panel.event);
    }
  }

  // What a row reads out, as one sentence; of the run that a mark belongs to, or of all.
  text(frame, mark) {
    const lines = this.row.readings.filter((reading) => !mark?.run || reading.run === mark.run);
    const value = ({ label, text }) => say("readout", { label, value: at(this.player.columns[text], frame) });
    return lines.map(({ readouts }) => readouts.map(value).join(say("comma"))).join(say("semicolon"));
  }

  // What a pointer is at, if there is one.
  point(panel, event) {
    panel.event = event;
    const found = event && panel.nearest(event);
    panel.point(found);
    this.tip.textContent = found ? this.text(found.frame, found.mark) : "";
    if (!found) return;
    const { offsetLeft, offsetTop } = panel.element;
    const x = offsetLeft + panel.sizes.left + found.place[0], y = offsetTop + panel.sizes.title + found.place[1];
    const width = this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, Math.min(this.slot.offsetWidth - width, x - width / 2))}px`;
    this.tip.style.top = `${Math.max(0, y - this.tip.offsetHeight - 12)}px`;
  }

  // Put back what stood here before.
  leave() {
    this.slot.replaceChildren(...this.content);
    this.slot.classList.toggle("sgd-still", this.fallback);
  }
}
