"""Hands the plugin to MkDocs, which by itself finds those of installed packages alone; the library's brings none."""

import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from press.plugin import Press


def on_config(config: MkDocsConfig) -> None:
    """Add the plugin, with the options that stand below extra: press, before its own ``on_config``."""
    plugin = Press()
    errors, warnings = plugin.load_config(config.extra.get("press") or {}, config.config_file_path)
    if errors or warnings:
        raise PluginError("\n".join(f"extra: press: {name} in mkdocs.yml {why}" for name, why in [*errors, *warnings]))
    config.plugins["press"] = plugin
