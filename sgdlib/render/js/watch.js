// What a player looks at: what comes into view, and how wide it is.
export function watch(player) {
  const rowOf = new Map(player.rows.map((row) => [row.slot, row]));
  const panelOf = new Map(player.rows.flatMap((row) => row.panels.map((panel) => [panel.element, panel])));
  const rows = new IntersectionObserver((entries) => player.safely(() => {
    for (const { target, isIntersecting } of entries) {
      player.visible[isIntersecting ? "add" : "delete"](rowOf.get(target));
      if (isIntersecting) rowOf.get(target).draw();
    }
    if (player.clock.playing) player.clock.run();
  }), { rootMargin: "100px 0px" });
  const panels = new IntersectionObserver((entries) => player.safely(() => {
    for (const { target, isIntersecting } of entries) {
      const panel = panelOf.get(target);
      panel.near = isIntersecting;
      if (isIntersecting) panel.show(player.frame);
    }
  }));
  const centre = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) player.first();
  }, { rootMargin: "-30% 0px" });
  const widths = new ResizeObserver(() => player.safely(() => player.visible.forEach((row) => row.draw())));
  for (const { slot } of player.rows) for (const one of [rows, centre, widths]) one.observe(slot);
  for (const [element] of panelOf) if (element.isConnected) panels.observe(element);
  return { rows, panels, centre, widths };
}
