"""The glue between sgdlib, mkdocs and mkdocs-gallery. Not published."""
