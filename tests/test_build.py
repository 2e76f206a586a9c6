"""What fails a build, and what the failing build says."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from helpers.cases import audited
from helpers.sites import ADDRESS, FIGURE, ROOT, build, project

pytestmark = pytest.mark.site
audit = pytest.mark.audit

SAME = FIGURE.replace("[LossCurve()])", '[LossCurve()], name="same")')


def made(tmp_path, scripts, posts=None):
    """Build a small site; return the exit code and what was said."""
    done = build(project(tmp_path / "project", scripts, posts), tmp_path / "site", ADDRESS)
    return done.returncode, done.stdout


def changed(copy, pages):
    """Build a copy of the small site, all of whose examples are kept, with other pages; as ``made``."""
    for name, text in pages.items():
        (copy / "docs" / name).write_text(text)
    done = build(copy, copy / "site", ADDRESS)
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small project with one example, built."""
    folder = tmp_path_factory.mktemp("small")
    post = (
        '# Home\n\n{{ figure("first") }}\n\nIt took {{ fact("first", "sixteen", "steps") }} steps.\n\n'
        '{{ output("plot_1_first", "draw") }}\n'
    )
    code, said = made(folder, {"plot_1_first.py": FIGURE}, {"index.md": post})
    assert code == 0, said
    return folder, said


def renderer(small, monkeypatch):
    """What fills in the posts of the small project."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press.posts import Sources, render
    from press.records import load

    return render, Sources(load(small[0] / "project" / ".cache" / "content" / "records"))


def test_a_post_shows_figures_facts_and_output_by_name(small):
    folder, said = small
    page = (folder / "site" / "index.html").read_text()
    assert '<sgd-player name="first" src="gallery/figures/first.json">' in page
    assert "<noscript><picture><source" in page
    assert 'src="gallery/figures/first.gif"' in page
    assert "It took 3 steps." in page
    assert "steps taken: 3" in page
    files = {path.suffix for path in (folder / "site" / "gallery" / "figures").iterdir()}
    assert files == {".gif", ".webp", ".png", ".json", ".csv"}
    assert not (folder / "site" / "gallery" / "records").exists()
    assert re.search(r"^\[\d/2\] gallery/plot_1_first.py: \d+\.\d s$", said, re.MULTILINE)
    assert re.search(r"^\[3/3\] film 1 \(plot_1_first\): ", said, re.MULTILINE)
    published = {path.suffix for path in (folder / "site").rglob("*") if path.is_file()}
    assert not published & {".md5", ".pickle", ".md"}


@pytest.mark.parametrize(
    ("post", "message"),
    [
        ('{{ figure("secnd") }}', "There is no figure 'secnd'. Known figures: first."),
        (
            '{{ fact("first", "one", "steps") }}',
            "There is no run in the figure 'first' called 'one'. Known: sixteen.",
        ),
        (
            '{{ fact("first", "sixteen", "last loss") }}',
            "There is no fact of 'sixteen' in the figure 'first' called 'last loss'. Known: points, optimiser,",
        ),
        ('{{ output("plot_2", "draw") }}', "There is no gallery script called 'plot_2'. Known: plot_1_first."),
        ('{{ output("plot_1_first", "drew") }}', "There is no cell in plot_1_first.py called 'drew'. Known: draw."),
        ("{{ loss }}", "'loss' is undefined. A page can say {{ figure("),
        ('{{ figure("first" }}', "unexpected '}', expected ')'. A page can say {{ figure("),
        ('{{ fact("first") }}', "': fact() missing 2 required positional arguments: 'label' and 'name'. A page can"),
        ('{{ figure("first", width=3) }}', "': figure() got an unexpected keyword argument 'width'. A page can say"),
    ],
)
def test_an_unknown_name_is_an_error_that_lists_the_known_ones(small, monkeypatch, post, message):
    render, sources = renderer(small, monkeypatch)
    with pytest.raises((LookupError, ValueError)) as caught:
        render(f"above\n\nfirst {post} and more\n\nbelow\n", sources)
    assert message in str(caught.value)
    assert str(caught.value.args[0]).startswith(f"in {f'first {post} and more'!r}: ")


def test_an_unknown_name_in_a_post_fails_the_build(copy):
    code, said = changed(copy, {"index.md": '# Home\n\n{{ figure("secnd") }}\n'})
    assert code != 0
    assert "index.md: " in said
    assert "There is no figure 'secnd'. Known figures: first." in said


def test_a_figure_above_the_excerpts_end_fails_the_build(small, monkeypatch):
    render, sources = renderer(small, monkeypatch)
    assert "<!-- figure first -->" in render('text\n<!-- more -->\n{{ figure("first") }}', sources)
    with pytest.raises(LookupError, match="a figure must stand below <!-- more -->"):
        render('{{ figure("first") }}\n<!-- more -->\ntext', sources)


def test_braces_can_be_written(small, monkeypatch):
    render, sources = renderer(small, monkeypatch)
    assert render("`{{ '{{' }}x}}` and {% and {#", sources) == "`{{x}}` and {% and {#"


def test_a_broken_link_and_a_missing_anchor_fail_the_build(copy):
    code, said = changed(copy, {"index.md": "# Home\n\n[nowhere](nowhere.md) and [no anchor](#nothing)\n"})
    assert code != 0
    assert "nowhere.md" in said
    assert "#nothing" in said


def test_scripts_that_cannot_become_pages_are_all_told(tmp_path):
    scripts = {"plot_1_a.py": "'no title'\n", "plot_2_b.py": "1 / 0\n", "plot_3_c.py": '"""\n# T\n\nI.\n"""\nx = = 1\n'}
    scripts |= {"helper.py": "x = 1\n"}
    code, said = made(tmp_path, scripts)
    assert code != 0
    assert "gallery/plot_1_a.py: it must begin with a docstring: a '# Title', an empty line, an introduction" in said
    assert "gallery/plot_2_b.py: it must begin" in said
    assert "gallery/plot_3_c.py, line 6: invalid syntax" in said
    assert "gallery/helper.py: an example is called plot_….py; a module is for a folder in gallery/" in said
    assert "Traceback" not in said


def test_two_examples_of_one_title_are_refused(tmp_path):
    code, said = made(tmp_path, {"plot_1_a.py": FIGURE, "plot_2_b.py": FIGURE})
    assert code != 0
    assert "gallery/plot_2_b.py: its title, “A figure”, is that of gallery/plot_1_a.py" in said


@pytest.mark.audit
@pytest.mark.parametrize(
    ("scripts", "name"),
    [
        (
            {"plot_1_a.py": SAME, "plot_2_b.py": SAME.replace("# A figure", "# Another")},
            "same",
        ),
        ({"plot_1_a.py": FIGURE + '\n# %%\nAnimation({"again": run}, [LossCurve()])\n'}, "a"),
    ],
    ids=["two scripts, one name", "two unnamed figures in one script"],
)
def test_two_figures_of_one_name_fail_the_build(tmp_path, scripts, name):
    code, said = made(tmp_path, scripts)
    assert code != 0
    assert f"name must be unique in the site; plot_{'2_b' if name == 'same' else '1_a'} makes a figure {name!r}" in said


@pytest.mark.audit
def test_a_deleted_example_leaves_nothing_behind(tmp_path):
    second = FIGURE.replace("# A figure", "# A second figure")
    folder = project(tmp_path / "project", {"plot_1_first.py": FIGURE, "plot_2_second.py": second})
    assert build(folder, tmp_path / "site", ADDRESS).returncode == 0
    (folder / "gallery" / "plot_2_second.py").unlink()
    assert build(folder, tmp_path / "site", ADDRESS).returncode == 0
    assert not [path for path in (tmp_path / "site").rglob("*") if "second" in path.name]
    assert "second" not in (tmp_path / "site" / "search" / "search_index.json").read_text()


def test_examples_stand_in_the_order_of_their_numbers(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press.inputs import by_number

    scripts = ["plot_10_a.py", "plot_9_z.py", "plot_b.py", "plot_2_c.py", "plot_2_b.py"]
    ordered = ["plot_b.py", "plot_2_b.py", "plot_2_c.py", "plot_9_z.py", "plot_10_a.py"]
    assert [path.name for path in sorted(map(Path, scripts), key=by_number)] == ordered


@pytest.mark.parametrize(
    ("script", "name"),
    [("plot_3_sgd", "sgd"), ("plot_sgd_2", "sgd-2"), ("plot_6_3d", "3d"), ("plot_10_Two_Words", "two-words")],
)
def test_an_unnamed_figure_is_called_after_its_script(monkeypatch, script, name):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press.figures import script_name

    assert script_name(script) == name


@pytest.mark.parametrize("script", ["plot_6", "plot_6_", "plot_6_Grüße", "plot_6_a.b"])
def test_a_script_that_makes_no_name_is_refused(monkeypatch, script):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press.figures import script_name

    with pytest.raises(ValueError, match=rf"name must be given .*; got {script}\.py"):
        script_name(script)


def test_a_row_of_a_table_is_a_figure_too(tmp_path):
    table = FIGURE.replace("Animation({", "AnimationTable({").replace("import Animation,", "import AnimationTable,")
    post = '# Home\n\n{{ figure("first-sixteen") }}\n\n{{ fact("first-sixteen", "sixteen", "steps") }} steps\n'
    code, said = made(tmp_path, {"plot_1_first.py": table}, {"index.md": post})
    assert code == 0, said
    page = (tmp_path / "site" / "index.html").read_text()
    assert '<sgd-player name="first-sixteen" src="gallery/figures/first.json">' in page
    assert 'data-row="0"' in page
    assert 'src="gallery/figures/first-sixteen.gif"' in page
    assert "3 steps" in page


def test_leaving_python_is_a_failure_of_the_example_and_an_address_is_needed(tmp_path):
    folder = project(tmp_path / "project", {"plot_1_first.py": FIGURE + "\n# %%\nimport sys\nsys.exit(0)\n"})
    done = build(folder, tmp_path / "site", ADDRESS)
    assert done.returncode != 0
    assert "the script called sys.exit(0)" in done.stdout
    assert re.search(r'plot_1_first.py", line 17, in <module>\n +sys.exit\(0\)\n', done.stdout), done.stdout
    assert "gen_single" not in done.stdout
    done = build(folder, tmp_path / "site", "")
    assert done.returncode != 0
    assert "SITE_URL must be where the site is published" in done.stdout


@pytest.mark.parametrize(
    ("given",), audited(zip(("0", "-5", "1.5", "fast", "true", "86401", ""), strict=True), ("0",), ("",))
)
def test_a_time_limit_that_is_none_is_refused_before_anything_runs(tmp_path, given):
    folder = project(tmp_path / "project", {"plot_1_first.py": FIGURE})
    settings = folder / "mkdocs.yml"
    line = f"    seconds_per_example: {given}" if given else ""
    settings.write_text(re.sub(r"^    seconds_per_example:.*$", line, settings.read_text(), flags=re.MULTILINE))
    done = build(folder, tmp_path / "site", ADDRESS)
    assert done.returncode != 0
    assert "seconds_per_example in mkdocs.yml must be from 1 to 86400; got " in done.stdout
    assert "gallery/plot_1_first.py" not in done.stdout


def test_a_post_without_an_excerpt_fails_the_build(copy):
    head = "---\ndate: 2026-01-01\n---\n\n# A post\n\n"
    code, said = changed(copy, {"blog/posts/whole.md": head + "All of it.\n"})
    assert code != 0
    assert "<!-- more -->" in said


def test_an_example_that_fails_says_why(tmp_path):
    done = example(project(tmp_path / "project", {"plot_1_first.py": FIGURE + "\n# %%\n1 / 0\n"}), "plot_1_first")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def example(folder, *names):
    command = [sys.executable, "docs/press/example.py", *names]
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=300)


def test_one_example_is_shown_without_the_others(tmp_path):
    folder = project(tmp_path / "project", {"plot_1_first.py": FIGURE, "plot_2_second.py": "1 / 0\n"})
    done = example(folder, "gallery/plot_1_first.py")  # as a shell completes it
    assert done.returncode == 0, done.stderr
    assert all(re.match(r"\[\d/\d\] |$", line) for line in done.stderr.splitlines()), done.stderr  # progress alone
    page = folder / ".cache" / "example" / "gallery" / "plot_1_first.html"
    assert done.stdout.splitlines()[-1] == page.as_uri()
    assert '<script type="application/json">{"format":' in page.read_text()  # a browser fetches nothing for a file
    (film,) = re.findall(r'src="(\S+\.gif)"', page.read_text())
    assert (page.parent / film).exists()


@pytest.mark.parametrize("names", [(), ("plot_2_second",)], ids=["no name", "an unknown name"])
def test_an_unknown_example_is_refused_and_the_known_ones_listed(tmp_path, names):
    done = example(project(tmp_path / "project", {"plot_1_first.py": FIGURE}), *names)
    assert done.returncode == 2
    assert "with one of: plot_1_first" in done.stderr


@pytest.mark.audit
def test_only_what_has_changed_is_made_again(tmp_path):
    folder = project(tmp_path / "project", {"plot_1_first.py": FIGURE}, library=True)

    def worked():
        done = build(folder, tmp_path / "site", ADDRESS)
        assert done.returncode == 0, done.stdout
        return re.findall(r"^\[\d+/\d+\] ([^\s:]+)", done.stdout, re.MULTILINE)

    assert set(worked()) == {"player", "gallery/plot_1_first.py", "film"}
    assert worked() == []
    (folder / "gallery" / "plot_1_first.py").write_text(FIGURE.replace("steps=3", "steps=4"))
    assert worked() == ["gallery/plot_1_first.py", "film"]
    with (folder / "sgdlib" / "experiment" / "train.py").open("a") as file:
        file.write("\n# an edit that changes no scene\n")
    assert set(worked()) == {"player", "gallery/plot_1_first.py"}
    with (folder / "sgdlib" / "render" / "player.css").open("a") as file:
        file.write("\n.sgd-edited { margin: 0; }\n")
    assert worked() == ["player"]
    assert ".sgd-edited { margin: 0; }" in (tmp_path / "site" / "assets" / "player.css").read_text()
    assert "an edit that changes no scene" in unpacked(tmp_path / "site")["sgdlib/experiment/train.py"].decode()


def unpacked(site):
    (archive,) = site.glob("sgdlib-*.zip")
    with zipfile.ZipFile(archive) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.mark.parametrize(
    ("nonsense", "says"),
    [
        ("batch_size=1000", "must be an integer from 1 to 100; got 1000"),
        pytest.param("lr=-1", "ValueError: lr must be", marks=audit),
        pytest.param('sampler="random"', "ValueError: sampler must be", marks=audit),
    ],
    ids=["batch size", "learning rate", "sampler"],
)
def test_nonsense_in_an_example_fails_the_build_and_names_the_argument(tmp_path, nonsense, says):
    code, said = made(tmp_path, {"plot_1_first.py": FIGURE.replace("batch_size=16", nonsense)})
    assert code != 0
    assert said.count(says) == 1, said


@pytest.mark.audit
def test_another_seed_changes_the_text(tmp_path):
    post = '# Home\n\nIt ends at {{ fact("first", "sixteen", "final loss") }}.\n'
    folder = project(tmp_path / "project", {"plot_1_first.py": FIGURE}, {"index.md": post})
    told = []
    for seed in ("seed=0", "seed=1"):
        (folder / "gallery" / "plot_1_first.py").write_text(FIGURE.replace("steps=3", f"steps=3, {seed}"))
        assert build(folder, tmp_path / "site", ADDRESS).returncode == 0
        told += re.findall(r"It ends at ([\d.]+)\.", (tmp_path / "site" / "index.html").read_text())
    assert len(set(told)) == 2


@pytest.mark.audit
@pytest.mark.parametrize("name", ["two words", "a#b%20c", "Grüße [1] {x} 'q'"], ids=["space", "address", "letters"])
def test_a_project_is_built_wherever_it_lies(tmp_path, name):
    folder = project(tmp_path / name / name, {"plot_1_first.py": FIGURE})
    done = build(folder, folder / "site", ADDRESS)
    assert done.returncode == 0, done.stdout
    assert (folder / "site" / "gallery" / "figures" / "first.gif").exists()


def test_a_script_with_a_space_in_its_name_is_refused(tmp_path):
    code, said = made(tmp_path, {"plot_1_two words.py": FIGURE})
    assert code != 0
    assert "gallery/plot_1_two words.py: an example's name has no spaces" in said


FENCES = r'''"""
# A fence with $\eta$ & "marks" *in it*

He said "print `x`", and then $\eta^2 > 0$ of [home](../index.md).
"""

# %% one
print("```")
print("inside")
print("````")
print("end")

# %% two
text = """
```
"""
'''
POST = """---
date:
  created: 2026-02-03
description: He said "no" & left
slug: post
---

# A "post" with $\\eta < 1$

See [another](../draft.md#end "title"), [one] and `code`; [two][it], [It][], [three](<../draft.md>), [four][home].

[it]: ../draft.md#end
[home]: ../../../index.md

<!-- more -->

{{ output("plot_1_first", "one") }}

{{ output("plot_1_first", "two") }}
"""
DRAFT = "---\ndate: 2026-03-03\ndraft: true\n---\n\n# A draft\n\nWords.\n\n<!-- more -->\n\nMore.\n"


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """A small site with marks in all places, which is built."""
    scripts = {"plot_1_first.py": "\ufeff" + FENCES + "\n# %% draw\n" + FIGURE.split("draw\n")[1]}
    home = "# Home\n\nRead [the *draft*](blog/posts/draft.md), or not.\n"
    folder = project(tmp_path_factory.mktemp("marked") / "project", scripts, {"index.md": home})
    (folder / "docs" / "blog" / "posts" / "folder").mkdir()
    (folder / "docs" / "blog" / "posts" / "folder" / "post.md").write_text(POST)
    (folder / "docs" / "blog" / "posts" / "draft.md").write_text(DRAFT)
    done = build(folder, folder / "site", ADDRESS)
    assert done.returncode == 0, done.stdout
    return folder / "site"


def shown(page):
    """What a reader of a page sees of its code and of what it printed."""
    blocks = re.findall(r"<pre.*?</pre>", page.read_text(), re.DOTALL)
    return [unescape(re.sub(r"<[^>]*>", "", block)).strip() for block in blocks]


@pytest.mark.parametrize("page", ["gallery/plot_1_first", "blog/post"])
def test_nothing_that_is_printed_or_written_ends_its_block(marked, page):
    assert "```\ninside\n````\nend" in shown(marked / page / "index.html")
    assert 'text = """\n```\n"""' in shown(marked / page / "index.html")


class Head(HTMLParser):
    """The title and the description of a page, as a browser reads them."""

    def __init__(self, page):
        super().__init__()
        self.title, self.description, self._in_title = "", "", False
        self.feed(page.read_text())

    def handle_starttag(self, tag, attributes):
        if tag == "title" and not self.title:
            self._in_title = True
        if dict(attributes).get("name") == "description":
            self.description = dict(attributes)["content"]

    def handle_data(self, data):
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag):
        if tag == "title":
            self._in_title = False


def test_titles_and_descriptions_are_plain_words(marked):
    example = Head(marked / "gallery" / "plot_1_first" / "index.html")
    assert example.title == 'A fence with η & "marks" in it - SGD in motion'
    assert example.description == 'He said "print x", and then η2>0 of home.'
    post = Head(marked / "blog" / "post" / "index.html")
    assert post.title == 'A "post" with η<1 - SGD in motion'
    assert post.description == 'He said "no" & left'
    for page in marked.rglob("*.html"):  # in the navigation, in cards, in tables of contents
        seen = re.sub(r"<(script|style|pre|annotation)\b.*?</\1>", "", page.read_text(), flags=re.DOTALL)
        assert not re.search(r"\$\\|\\\(|\\eta", seen), page


def test_the_newest_post_that_is_published_dates_the_site(marked):
    """In a folder, and by ``created``; a draft does not."""
    assert set(re.findall("<lastmod>(.*?)</lastmod>", (marked / "sitemap.xml").read_text())) == {"2026-02-03"}


def test_a_draft_is_left_out_and_links_to_it_are_their_words(marked):
    assert not [path for path in marked.rglob("*") if "draft" in path.name]
    assert "<p>Read the <em>draft</em>, or not.</p>" in (marked / "index.html").read_text()
    post = (marked / "blog" / "post" / "index.html").read_text()
    assert "See another, [one] and <code>code</code>; two, It, three, <a href=" in post
    assert "four</a>." in post


def test_a_table_of_ensembles_tells_how_many_of_them_ended_where(tmp_path):
    table = FIGURE.replace("Animation({", "AnimationTable({").replace("import Animation,", "import AnimationTable,")
    code, said = made(tmp_path, {"plot_1_first.py": table.replace("steps=3", "steps=3, replicas=30")})
    assert code == 0, said
    page = (tmp_path / "site" / "gallery" / "plot_1_first" / "index.html").read_text()
    assert re.search(r"Median final loss of 30 runs [\d.]+, of 80 % from [\d.]+ to [\d.]+\. <", page)
