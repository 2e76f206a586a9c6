"""Words: all that readers of figures see, in one table a language. Nothing decides by them.

Another language is one more ``Language`` here, and its name in ``LANGUAGE``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """How figures speak.

    Args:
        tag: of the language, as HTML has it.
        plural: which of its plural forms goes with a count.
        within: how a title reads within a sentence.
        table: by id, a template with named fields; or one for each plural form, with the field ``count``.
    """

    tag: str
    plural: Callable[[int], str]
    within: Callable[[str], str]
    table: Mapping[str, str | Mapping[str, str]]


ENGLISH = Language(
    "en",
    lambda count: "one" if count == 1 else "other",
    str.lower,
    {
        # numbers and lists
        "number.point": ".",
        "number.minus": "−",
        "number.infinite": "not finite",
        "number.ten": "10{exponent}",
        "number.power": "{mantissa} × {ten}",
        "number.error": "{value} ± {error}",
        "number.none": "none",
        "list.comma": ", ",
        "list.and": " and ",
        "list.semicolon": "; ",
        "list.sentence": " ",
        "list.vector": ", ",
        "vector": "({values})",
        "vector.long": "({values}, …)",
        "steps": {"one": "{count} step", "other": "{count} steps"},
        "runs": {"one": "{count} run", "other": "{count} runs"},
        "share": "{part} of {total}",
        # what was run
        "parameter.slope": "slope",
        "parameter.intercept": "intercept",
        "place.value": "{name} {value}",
        "setting.nesterov": "Nesterov’s step",
        "setting.lr_decay": "learning rate decay",
        "setting.step": "a step of its own",
        "changed.value": "{name} {value}",
        "changed.off": "no {name}",
        "optimiser.descent": "gradient descent",
        "optimiser.changed": "{name} with {settings}",
        "method.batches": "{optimiser}, batch size {size}",
        "method.rows": "{optimiser} on all rows",
        "batch_size.later": "{size} from step {step}",
        "lr.at": "{lr} at step {step}",
        "lr.highest": "up to {lr}",
        "lr.lowest": "down to {lr}",
        "lr.schedule": "{rates} (by {schedule})",
        "lr.changes": "{rates} (by {schedule}, which changes {settings} too)",
        "sampler.fresh": "each batch drawn without replacement",
        "sampler.replacement": "each row drawn with replacement",
        "sampler.epochs": "all rows reshuffled for each epoch",
        "sampler.cyclic": "all rows read in order, again and again",
        "sampler.none": "all rows in every step",
        # how it ended
        "outcome.finished": "finished",
        "outcome.diverged": "diverged at step {step}",
        "arrival.step": "step {step}",
        "arrival.never": "never",
        "end.loss": "with loss {loss}",
        "end.place": "at {place}, with loss {loss}",
        "end.diverged": "{end}; it diverged at step {step}",
        "end.replicas": "with a median loss of {median}, and 80 % of runs from {low} to {high}",
        "end.share": "{end}; {share} diverged",
        # titles and captions
        "title.run": "{method}, learning rate {lr}",
        "title.replicas": "{method}, learning rate {lr}, {runs}",
        "title.table": "{first} to {last}",
        "title.row": "{title}: {label}",
        "fact.learning rate": "learning rate {value}",
        "fact.batch size": "batch size {value}",
        "fact.start": "from {value}",
        "fact.seed": "seed {value}",
        "fact.data seed": "data seed {value}",
        "caption.one": "It ends {end}.",
        "caption.many": "They end {end}.",
        "caption.run": "{label} ends {end}.",
        "caption": "{settings}. {ends}",
        # in a table of a page
        "cell.loss": "Final loss {loss}",
        "cell.diverged": "{end}, diverged at step {step}",
        "cell.distance": "{end}. Distance from the minimiser over the last fifth of the run: {distance}",
        "cell.replicas": "Median final loss of {runs} {median}, of 80 % from {low} to {high}",
        # for someone who does not see it
        "alt": "{title}. Animation over {steps} of {panels}. {ends}.",
        "alt.run": "{label} goes from loss {loss} at {start} and ends {end}",
        "alt.replicas": "{label}, {runs}, goes from loss {loss} at {start} and ends {end}",
        "alt.settling": "{text} Within a tenth of the first distance from the minimiser: {runs}.",
        "settling.run": "{label}, {parameters}",
        "settling.from": "{name} from step {step} on",
        "settling.never": "{name} never",
        # read-outs
        "readout.step": "step",
        "step.at": "step {step}",
        "readout.loss": "loss",
        "readout.median": "median loss",
        "readout.low": "10 % below",
        "readout.high": "90 % below",
        # panels and their marks
        "axis.step": "step",
        "axis.loss": "loss",
        "axis.scaled": "{label} (× {ten})",
        "panel.fit": "The data and the line",
        "panel.loss": "The loss",
        "panel.plane": "The two parameters",
        "panel.near": "Close to the minimiser",
        "mark.truth": "true line",
        "mark.minimiser": "minimiser",
        "mark.start": "start",
        "mark.lowest": "lowest possible, {loss}",
        "mark.expected": "expected",
        "mark.floor": "noise floor",
        "lost.below": "below the picture ↓",
        "lost.above": "above the picture ↑",
        "lost.line": "off the picture",
        "lost.place": "off the picture {arrow}",
        "lost.infinite": "no longer finite",
        "lost.runs": "{runs} {where}",
        # charts
        "points": {"one": "{count} point", "other": "{count} points"},
        "scatter.title": {"one": "{count} data point", "other": "{count} data points"},
        "scatter.alt": "Scatter plot of {points}: x from {x0} to {x1}, y from {y0} to {y1}.",
        "ruler.mark": "{label}, {value}",
        "ruler.alt": "Number line of {label}: {marks}.",
        "ruler.at": "{label} at {value}",
        "heatmap.alt": "Heat map of {title} from {low} to {high}: {x} from {x0} to {x1}, {y} from {y0} to {y1}.",
        "heatmap.marked": "{alt} Marked: {marks}.",
        "heatmap.at": "{label} at {x}, {y}",
        "heatmap.cell": "{x}, {y}",
        "curves.axes": "{y} against {x}.",
        "curves.alt": "{title}: {axes}",
        "curves.sentence": "{title} {axes}",
        "curves.curve": "{label} goes from {y0} at {x0} to {y1} at {x1}.",
        "curves.level": "{label} is at {value}.",
        # the player
        "player.play": "Play",
        "player.pause": "Pause",
        "player.restart": "Restart",
        "player.back": "One step back",
        "player.forward": "One step forward",
        "player.speed": "Speed",
        "player.slider": "Step",
        "player.slider.row": "Step, {row}",
        "player.bar": "Playback: {title}",
        "player.step": "step {step}",
        "player.playing": "playing",
        "player.picture": "Only a picture of this figure: {why}.",
        "player.nothing": "This figure cannot be shown: {why}.",
        "player.damaged": "its data are damaged or could not be read",
        "player.file": "a page that is opened from a file may not read its data",
        "player.fetch": "its data could not be fetched",
        "player.missing": "its data are missing ({status})",
        "player.format": "its data are of the format “{given}”, not “{allowed}”",
        "player.early": "no scene yet: wait for the event “load”",
        "player.column": "there is no column “{name}”; there are: {names}",
        "player.length": "the length of column “{name}” is {given}, not {allowed}",
        "player.style": "its style sheet is missing, or is not what sgdlib.web.stylesheet() returns",
        "player.readout": "{label} {value}",
    },
)

LANGUAGE = ENGLISH  # of all figures


def phrase(id: str, **fields: object) -> str:
    """The words of an id, with its fields filled in.

    Examples:
        >>> phrase("outcome.diverged", step=37)
        'diverged at step 37'
    """
    template = LANGUAGE.table[id]
    assert isinstance(template, str), f"{id} has plural forms: counted() takes the one that fits"
    return template.format(**fields)


def counted(id: str, count: int) -> str:
    """The words of an id that has plural forms.

    Examples:
        >>> counted("steps", 1), counted("steps", 100)
        ('1 step', '100 steps')
    """
    forms = LANGUAGE.table[id]
    assert not isinstance(forms, str), f"{id} has no plural forms"
    return forms[LANGUAGE.plural(count)].format(count=count)


def term(kind: str, name: str) -> str:
    """What readers call something that the code has a name for; its name, where the table has no word.

    Examples:
        >>> term("setting", "nesterov"), term("setting", "momentum")
        ('Nesterov’s step', 'momentum')
    """
    return phrase(f"{kind}.{name}") if f"{kind}.{name}" in LANGUAGE.table else name


def joined(separator: str, parts: Iterable[object]) -> str:
    """Parts as a list: by "comma", "and", "semicolon" or as "sentence" after sentence."""
    return phrase(f"list.{separator}").join(map(str, parts))


def within(title: str) -> str:
    """A title as it reads within a sentence."""
    return LANGUAGE.within(title)


def sentence(words: str) -> str:
    """Words of the table with a large first letter."""
    return words[:1].upper() + words[1:]
