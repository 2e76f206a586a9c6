// Plays: how long each frame is shown, at which speed.
export class Clock {
  constructor(player, times) {
    Object.assign(this, { player, times, speed: 1, playing: false });
  }

  start() {
    this.playing = true;
    this.spent = 0;
    this.run();
  }

  run() {
    const { player } = this;
    if (this.request || !player.visible.size) return;
    let before = performance.now();
    const tick = (now) => {
      this.request = null;
      if (!this.playing || !player.visible.size) return; // off screen it waits, and spends nothing
      this.spent += Math.min(now - before, 250) * this.speed;
      before = now;
      let frame = player.frame;
      while (frame < player.last && this.spent >= this.duration(frame)) this.spent -= this.duration(frame++);
      if (frame !== player.frame) player.show(frame);
      if (frame === player.last) player.pause();
      else this.request = requestAnimationFrame(tick);
    };
    this.request = requestAnimationFrame(tick);
  }

  duration(frame) {
    const { first, slow, slows, each } = this.times;
    return frame === 0 ? first : frame <= slows ? slow : each;
  }

  stop() {
    this.playing = false;
    cancelAnimationFrame(this.request);
    this.request = null;
  }
}
