"""The glue between sgdlib, mkdocs and mkdocs-gallery. Not published."""

import ast
import sys

if sys.version_info >= (3, 14):  # mkdocs-gallery 0.10.4 reads docstrings by names that were taken away there
    ast.Str = ast.Constant
    ast.Constant.s = property(lambda self: self.value)
