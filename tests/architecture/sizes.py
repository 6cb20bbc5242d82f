"""Small files and small functions (design, section 6)."""

import ast
import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from .modules import Module

FILE_LINES = 300
FUNCTION_LINES = 40
FUNCTION_MEDIAN = 8
FUNCTION_P90 = 25


@dataclass(frozen=True)
class Function:
    place: str
    lines: int


def find_long_files(modules: Iterable[Module]) -> list[str]:
    return [
        f"{module.path}: {lines} lines"
        for module in modules
        if (lines := len(module.source.splitlines())) > FILE_LINES
    ]


def read_functions(modules: Iterable[Module]) -> list[Function]:
    """Return every function, its length with docstring and without decorators."""
    return [
        Function(f"{module.path}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1)
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def find_long_functions(functions: Iterable[Function]) -> list[str]:
    return [f"{one.place}: {one.lines} lines" for one in functions if one.lines > FUNCTION_LINES]


def median_lines(functions: Iterable[Function]) -> float:
    return statistics.median(one.lines for one in functions)


def p90_lines(functions: Iterable[Function]) -> int:
    lengths = sorted(one.lines for one in functions)
    return lengths[math.ceil(len(lengths) * 0.9) - 1]


DRAWERS = {"utils", "util", "common", "helpers", "helper", "misc"}


def find_drawers(modules: Iterable[Module]) -> list[str]:
    """Return modules named after nothing in particular."""
    return [module.path for module in modules if DRAWERS & set(module.name.split("."))]
