// The theme makes a landmark for each copy button, all without a name. Here each gets one.
new MutationObserver(() => {
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([aria-label])")) {
    nav.setAttribute("aria-label", `Tools of code block ${document.querySelectorAll("nav.md-code__nav[aria-label]").length + 1}`);
  }
}).observe(document.documentElement, { childList: true, subtree: true });

// A formula that is wider than its column scrolls: then, and only then, the keyboard must reach it.
const reach = () => {
  for (const formula of document.querySelectorAll("div.sgd-math")) {
    const wide = formula.scrollWidth > formula.clientWidth;
    for (const [name, value] of [["tabindex", 0], ["role", "region"], ["aria-label", "Formula"]]) {
      wide ? formula.setAttribute(name, value) : formula.removeAttribute(name);
    }
  }
};
document$.subscribe(reach); // the theme tells it of every page that it shows
addEventListener("resize", reach);
document.fonts.addEventListener("loadingdone", reach);
