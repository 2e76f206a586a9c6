"""What the player costs its reader: bytes, script and shift. Run by ``make bench``."""

from __future__ import annotations

import gzip
import shutil
import statistics
import tempfile
from pathlib import Path

from helpers.browser import QUIET
from helpers.sites import POST, ROOT, Site, build, served
from playwright.sync_api import Browser, sync_playwright

from sgdlib.render import web

TIMED = """() => {
    window.spent = []; window.long = [];
    const ask = requestAnimationFrame, slider = document.querySelector("#figure-batch-sizes .sgd-scrub");
    window.requestAnimationFrame = act => ask(now => {
        const before = performance.now(), frame = slider.value;
        act(now);
        if (slider.value !== frame) window.spent.push(performance.now() - before);
    });
    new PerformanceObserver(list => window.long.push(...list.getEntries().map(entry => entry.duration)))
        .observe({ type: "longtask" });
}"""
SHIFT = """window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => (shift += entry.value)))
    .observe({ type: "layout-shift", buffered: true })"""
READ = """async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += 400) {
        scrollTo({ top: y, behavior: "instant" });
        await new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)));
    }
}"""


def packed(text: str) -> int:
    """The bytes of a text as a static host sends it."""
    return len(gzip.compress(text.encode(), 9))


def visit(browser: Browser, site: Site, width: int) -> tuple[dict[str, int], float]:
    """Read the post to its end with an empty cache: the bytes of each answer, and how far things shifted."""
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    page.add_init_script(SHIFT)
    sizes: dict[str, int] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    names: dict[str, str] = {}
    session.on("Network.responseReceived", lambda event: names.update({event["requestId"]: event["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({names.get(event["requestId"], "?"): int(event["encodedDataLength"])}),
    )
    page.goto(site.address + POST, wait_until="networkidle")
    page.evaluate(READ)
    page.wait_for_timeout(1000)
    shift = page.evaluate("window.shift")
    page.context.close()
    return sizes, shift


def playing(browser: Browser, site: Site) -> tuple[list[float], list[float]]:
    """Play the batch table on a processor four times slower: script a frame, and long tasks, in ms."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce").new_page()
    page.goto(site.address + POST, wait_until="networkidle")
    figure = page.locator("#figure-batch-sizes")
    figure.scroll_into_view_if_needed()
    page.evaluate(READ)
    figure.scroll_into_view_if_needed()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.wait_for_timeout(500)
    page.evaluate(TIMED)
    page.evaluate("document.querySelector('#figure-batch-sizes [aria-label=Play]').click()")
    page.wait_for_function("document.querySelector('#figure-batch-sizes .sgd-scrub').value == 100", timeout=60_000)
    spent, long = page.evaluate("[window.spent, window.long]")
    page.context.close()
    return spent, long


def main() -> None:
    """Build the site, measure, and print a table."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    rows = [("player.js and player.css, gzipped", f"{packed(web.script()) + packed(web.stylesheet()):,} B", "12,000 B")]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "site", "/") as site:
        done = build(ROOT, Path(folder) / "site", site.address)
        if done.returncode:
            raise SystemExit(done.stdout)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
            sizes, _ = visit(browser, site, 1280)
            figures = sum(size for url, size in sizes.items() if "/figures/" in url)
            rows += [
                ("the post, first visit, read to its end", f"{sum(sizes.values()):,} B", "300,000 B"),
                ("… of which figures", f"{figures:,} B", "100,000 B"),
                ("layout shift of the post at 390 px", f"{visit(browser, site, 390)[1]:g}", "0"),
            ]
            spent, long = playing(browser, site)
            rows += [
                ("batch table, 4 × slower, script a frame", f"{statistics.median(spent):.1f} ms (median)", "8 ms"),
                ("… its long tasks (over 50 ms)", f"{len(long)}, the longest {max(long, default=0):.0f} ms", "none"),
            ]
            browser.close()
    for what, measured, limit in rows:
        print(f"{what:44}{measured:>28}   at most {limit}")


if __name__ == "__main__":
    main()
