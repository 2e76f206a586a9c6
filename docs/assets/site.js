// The theme makes a landmark for each copy button, all without a name. Here each gets one.
new MutationObserver(() => {
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([aria-label])")) {
    nav.setAttribute("aria-label", `Tools of code block ${document.querySelectorAll("nav.md-code__nav[aria-label]").length + 1}`);
  }
}).observe(document.documentElement, { childList: true, subtree: true });
