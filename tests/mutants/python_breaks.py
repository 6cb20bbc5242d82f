"""What can be broken in Python: comparisons, filters, locks, calls, numbers, arguments, statements."""

import ast
import re

from .breaks import Break, Source

TURNED = {
    ast.Eq: ["!="],
    ast.NotEq: ["=="],
    ast.Lt: ["<=", ">="],
    ast.LtE: ["<", ">"],
    ast.Gt: [">=", "<="],
    ast.GtE: [">", "<"],
    ast.In: ["not in"],
    ast.NotIn: ["in"],
    ast.Is: ["is not"],
    ast.IsNot: ["is"],
}
LOOKUPS = {"__lte": "__lt", "__lt": "__lte", "__gte": "__gt", "__gt": "__gte", "__iexact": ""}
FILTERS = {"filter", "exclude"}
#: Calls whose keywords are conditions or values, each of which must count for something.
WITH_CONDITIONS = {*FILTERS, "get", "Q", "update", "aggregate", "exists", "get_or_create"}
#: Statements without which the product does the same.
HARMLESS = re.compile(r"logger\.|log\.|messages\.(success|warning|info)|super\(\)")
ENUMS = {"Status", "AssociationStatus", "NoticeStatus", "Actor", "ContactRole", "State", "Role"}


class PythonBreaks(ast.NodeVisitor):
    """Collects the breaks of one file in ``found``."""

    def __init__(self, source: Source):
        self.source = source
        self.found: list[Break] = []
        self._members = _list_used_members(source.tree)

    def _break(self, kind: str, node, replacement: str) -> None:
        self.found.append(self.source.replace(kind, node, replacement))

    def visit_Compare(self, node):
        if len(node.ops) == 1:
            start, end = self.source.end(node.left), self.source.start(node.comparators[0])
            between = self.source.bytes[start:end].decode()
            word = re.search(r"[=!<>]+|not\s+in|in|is\s+not|is", between)
            for turned in TURNED[type(node.ops[0])] if word else []:
                at = start + word.start()
                self.found.append(
                    self.source.cut("comparison", at, start + word.end(), turned)
                    if turned != word.group()
                    else self.source.replace("comparison", node, "")
                )
        self.generic_visit(node)

    def visit_BoolOp(self, node):
        first, second = node.values[0], node.values[1]
        start, end = self.source.end(first), self.source.start(second)
        self._break("condition dropped", node, f"({self.source.text(first)})")
        self._break("condition dropped", node, f"({self.source.text(second)})")
        words = self.source.bytes[start:end].decode()
        if len(node.values) == 2 and re.search(r"\b(and|or)\b", words):
            other = "or" if isinstance(node.op, ast.And) else "and"
            replacement = re.sub(r"\b(and|or)\b", other, words, count=1)
            self.found.append(self.source.cut("and/or", start, end, replacement))
        self.generic_visit(node)

    def visit_UnaryOp(self, node):
        if isinstance(node.op, ast.Not):
            self._break("not dropped", node, f"({self.source.text(node.operand)})")
        self.generic_visit(node)

    def visit_If(self, node):
        if self.source.text(node.test) == "TYPE_CHECKING":
            return
        self._break("never", node.test, "False")
        self._break("always", node.test, "True")
        self.generic_visit(node)

    def visit_Return(self, node):
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool):
            self._break("answer turned round", node.value, str(not node.value.value))
        self.generic_visit(node)

    def visit_Raise(self, node):
        self._break("refusal dropped", node, "pass")
        self.generic_visit(node)

    def visit_Expr(self, node):
        if isinstance(node.value, ast.Call) and not HARMLESS.match(self.source.text(node)):
            self._break("call dropped", node, "pass")
        self.generic_visit(node)

    def visit_Assign(self, node):
        is_on_object = isinstance(node.targets[0], ast.Attribute)
        if is_on_object and not self.source.text(node.targets[0]).startswith("self."):
            self._break("assignment dropped", node, "pass")
        self.generic_visit(node)

    def visit_With(self, node):
        item = node.items[0]
        if len(node.items) == 1 and self.source.text(item.context_expr) == "transaction.atomic()":
            start = self.source.start(node)
            end = self.source.end(item.context_expr)
            self.found.append(self.source.cut("transaction dropped", start, end, "if True"))
        self.generic_visit(node)

    def visit_FunctionDef(self, node):
        for each in node.decorator_list:
            if self.source.text(each) == "transaction.atomic":
                start, end = self.source.start(each) - 1, self.source.end(each)
                self.found.append(self.source.cut("transaction dropped", start, end, "#"))
        self.generic_visit(node)

    def visit_Constant(self, node):
        if type(node.value) is int and node.value < 100_000:
            self._break("off by one", node, str(node.value + 1))

    def visit_Attribute(self, node):
        if isinstance(node.value, ast.Name) and node.value.id in ENUMS and node.attr.isupper():
            others = sorted(self._members.get(node.value.id, set()) - {node.attr})
            if others:
                self._break("other member", node, f"{node.value.id}.{others[0]}")
        self.generic_visit(node)

    def visit_Set(self, node):
        self._drop_elements(node)
        self.generic_visit(node)

    def visit_List(self, node):
        self.visit_Set(node)

    def _drop_elements(self, node):
        for number, each in enumerate(node.elts):
            if len(node.elts) > 1:
                start = self.source.start(each)
                following = node.elts[number + 1 :]
                end = self.source.start(following[0]) if following else self.source.end(each)
                self.found.append(self.source.cut("element dropped", start, end, ""))

    def visit_Call(self, node):
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        if name == "select_for_update":
            self._break("lock dropped", node, f"{self.source.text(node.func.value)}.all()")
        if name in FILTERS and isinstance(node.func, ast.Attribute):
            self._break("filter dropped", node, f"{self.source.text(node.func.value)}.all()")
        if name in WITH_CONDITIONS:
            self._drop_conditions(node)
        self._swap_arguments(node)
        self.generic_visit(node)

    def _drop_conditions(self, node):
        for each in node.keywords:
            if each.arg is None:
                continue
            start, end = self.source.start(each), self.source.end(each)
            if len(node.keywords) + len(node.args) > 1:
                comma = re.match(rb"\s*,\s*", self.source.bytes[end:])
                stop = end + (comma.end() if comma else 0)
                self.found.append(self.source.cut("condition dropped", start, stop, ""))
            for lookup, other in LOOKUPS.items():
                if each.arg.endswith(lookup):
                    stop = start + len(each.arg)
                    renamed = each.arg.removesuffix(lookup) + other
                    self.found.append(self.source.cut("lookup", start, stop, renamed))
                    break

    def _swap_arguments(self, node):
        names = [each for each in node.args if isinstance(each, ast.Name | ast.Attribute)]
        if len(node.args) == len(names) == 2:
            first, second = (self.source.text(each) for each in names)
            start, end = self.source.start(names[0]), self.source.end(names[1])
            swapped = self.source.cut("arguments swapped", start, end, f"{second}, {first}")
            self.found.append(swapped)


def _list_used_members(tree) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        is_member = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if is_member and node.value.id in ENUMS and node.attr.isupper():
            members.setdefault(node.value.id, set()).add(node.attr)
    return members
