"""The shape of each LibCST node: which label it gets, which fields to walk in source order, which brackets it owns.

A node whose label is None is a wrapper that leaves no trace in the skeleton.  Types with a meaning of their own for names,
operators or choices are absent here; ``walking/`` has a function for each.
"""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst


class Shape(NamedTuple):
    label: str | None
    fields: tuple[tuple[str, str], ...]
    """(field, role of what it holds)"""
    opening: str = ""
    """keyword or bracket the node starts with"""
    closing: str = ""


def _shape(label: str | None, fields: str = "", opening: str = "", closing: str = "") -> Shape:
    pairs = (item.partition(":") for item in fields.split())
    return Shape(label, tuple((name, role or name) for name, _, role in pairs), opening, closing)


SHAPES: dict[type[cst.CSTNode], Shape] = {
    # statements
    cst.SimpleStatementLine: _shape(None, "body:statement"),
    cst.SimpleStatementSuite: _shape("Block", "body:statement"),
    cst.IndentedBlock: _shape("Block", "body:statement"),
    cst.Else: _shape(None, "body:orelse", "else"),
    cst.Finally: _shape(None, "body:finalbody", "finally"),
    cst.Expr: _shape("Expression", "value"),
    cst.Return: _shape("Return", "value", "return"),
    cst.Raise: _shape("Raise", "exc cause", "raise"),
    cst.From: _shape("From", "item:value", "from"),
    cst.Try: _shape("Try", "body handlers:handler orelse finalbody", "try"),
    cst.TryStar: _shape("Try", "body handlers:handler orelse finalbody", "try"),
    cst.Del: _shape("Delete", "target", "del"),
    cst.Pass: _shape("Pass", "", "pass"),
    cst.Break: _shape("Break", "", "break"),
    cst.Continue: _shape("Continue", "", "continue"),
    cst.Match: _shape("Match", "subject cases", "match"),
    cst.MatchValue: _shape(None, "value:pattern"),
    cst.MatchSingleton: _shape(None, "value:pattern"),
    cst.MatchSequenceElement: _shape(None, "value:pattern"),
    cst.MatchList: _shape("MatchSequence", "patterns:pattern", "", ""),
    cst.MatchTuple: _shape("MatchSequence", "patterns:pattern"),
    cst.MatchMappingElement: _shape("MatchEntry", "key pattern"),
    cst.MatchClass: _shape("MatchClass", "cls:func patterns:pattern kwds:keyword"),
    cst.MatchOrElement: _shape(None, "pattern"),
    cst.MatchOr: _shape("MatchOr", "patterns:pattern"),
    # expressions
    cst.SubscriptElement: _shape(None, "slice"),
    cst.Await: _shape("Await", "expression:value", "await"),
    cst.Yield: _shape("Yield", "value", "yield"),
    cst.Tuple: _shape("Tuple", "elements:element"),
    cst.List: _shape("List", "elements:element", "[", "]"),
    cst.Set: _shape("Set", "elements:element", "{", "}"),
    cst.Dict: _shape("Dict", "elements:element", "{", "}"),
    cst.Element: _shape(None, "value:element"),
    cst.StarredElement: _shape("Starred", "value", "*"),
    cst.DictElement: _shape("Entry", "key value"),
    cst.StarredDictElement: _shape("Starred", "value", "**"),
    cst.ConcatenatedString: _shape("Concatenated", "left:element right:element"),
    cst.TypeParameters: _shape(None, "params:type_parameter", "[", "]"),
    cst.TypeParam: _shape(None, "param:type_parameter default"),
}

UNARY = {cst.Minus: ("-", "op:u-"), cst.Plus: ("+", "op:u+"), cst.BitInvert: ("~", "op:~"), cst.Not: ("not", "op:not")}
"""text and label: a sign is another thing than the binary operator"""

BINARY = {
    cst.Add: "+", cst.Subtract: "-", cst.Multiply: "*", cst.Divide: "/", cst.FloorDivide: "//", cst.Modulo: "%",
    cst.Power: "**", cst.MatrixMultiply: "@", cst.BitAnd: "&", cst.BitOr: "|", cst.BitXor: "^", cst.LeftShift: "<<",
    cst.RightShift: ">>", cst.And: "and", cst.Or: "or",
}  # fmt: skip

COMPARISON = {
    cst.LessThan: "<", cst.LessThanEqual: "<=", cst.GreaterThan: ">", cst.GreaterThanEqual: ">=", cst.Equal: "==",
    cst.In: "in", cst.NotIn: "not in", cst.Is: "is", cst.IsNot: "is not",
}  # fmt: skip

AUGMENTED = {
    cst.AddAssign: "+=", cst.SubtractAssign: "-=", cst.MultiplyAssign: "*=", cst.DivideAssign: "/=",
    cst.FloorDivideAssign: "//=", cst.ModuloAssign: "%=", cst.PowerAssign: "**=", cst.MatrixMultiplyAssign: "@=",
    cst.BitAndAssign: "&=", cst.BitOrAssign: "|=", cst.BitXorAssign: "^=", cst.LeftShiftAssign: "<<=",
    cst.RightShiftAssign: ">>=",
}  # fmt: skip
