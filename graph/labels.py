"""The closed vocabularies of node labels, roles and rules, and the hash that stands for the whole schema.

They are written out, in the order of their ids: what a model has learnt about label 17 must not depend on the order in which
some table is filled.  A test holds them against what the walker makes.
"""

from __future__ import annotations

import hashlib

from ..rewrites.registry import own_rules, rules
from .schema import ARRAYS, BUCKETS, SUBTOKENS, Field, Relation

# fmt: off
LABELS: tuple[str, ...] = (
    "", "Module", "Function", "Class", "FunctionStub", "ClassStub", "Owner", "UnitName", "DefinitionName", "Parameter",
    "StarParameter", "KeywordParameter", "ParameterName", "Name", "StoredName", "True", "False", "None", "Attribute",
    "AttributeName", "StoredAttribute", "Integer", "Float", "Ellipsis", "String", "FormattedString", "StringText",
    "BinaryChain", "BooleanChain", "Comparison", "slot:", "slot:not", "Call", "Keyword", "KeywordName", "Starred",
    "Conditional", "Lambda", "ListComp", "SetComp", "DictComp", "GeneratorExp", "Generator", "Walrus", "If", "While",
    "Assert", "For", "With", "WithItem", "Handler", "Assignment", "AnnotatedAssignment", "Import", "ImportedName",
    "Declaration", "Case", "MatchAs", "TypeAlias", "Capture", "Formal", "Swap", "Symbol:parameter", "Symbol:receiver",
    "Symbol:variable", "Symbol:enclosing", "Symbol:definition", "Symbol:import", "Symbol:global", "Symbol:builtin",
    "Symbol:attribute", "Block", "Expression", "Return", "Raise", "From", "Delete", "Pass", "Break", "Continue", "Match",
    "MatchSequence", "MatchMapping", "MatchEntry", "MatchClass", "MatchOr", "Subscript", "Slice", "Unary", "Await", "Yield",
    "Tuple", "List", "Set", "Dict", "Entry", "Concatenated", "Try", "op:u-", "op:u+", "op:~", "op:not", "op:=", "op:!=",
    "op:<>", "op:+", "op:-", "op:*", "op:/", "op://", "op:%", "op:**", "op:@", "op:&", "op:|", "op:^", "op:<<", "op:>>",
    "op:and", "op:or", "op:<", "op:<=", "op:>", "op:>=", "op:==", "op:in", "op:not in", "op:is", "op:is not", "op:+=",
    "op:-=", "op:*=", "op:/=", "op://=", "op:%=", "op:**=", "op:@=", "op:&=", "op:|=", "op:^=", "op:<<=", "op:>>=",
    "slot:-", "slot:+", "Bound", "Callee", "Member", "Value",
)
ROLES: tuple[str, ...] = (
    "root", "owner", "name", "parameter", "annotation", "default", "decorator", "type_parameter", "base", "statement",
    "body", "orelse", "finalbody", "test", "negation", "operand", "operator", "target", "value", "attr", "func", "arg0",
    "arg1", "arg2", "arg3", "arg4", "arg5", "arg6", "arg7", "keyword", "star", "element", "key", "index", "slice", "lower",
    "upper", "step", "iter", "generator", "item", "handler", "pattern", "exc", "cause", "module", "subject", "cases", "rest",
    "param", "capture", "formal", "symbol", "sign", "offset", "callee", "member",
)
# fmt: on
RULES: tuple[str, ...] = tuple(rule.code for rule in rules())
"""Codes in order of id: our own first, then those of other distributions."""

VOCABULARIES: dict[str, tuple[str, ...]] = {
    "labels": LABELS,
    "roles": ROLES,
    "rules": RULES,
    "relations": tuple(relation.name for relation in Relation),
}
"""What the rows of a network's tables stand for; checkpoints keep it, so that weights can be carried over when it grows."""

LABEL_ID = {label: i for i, label in enumerate(LABELS)}
ROLE_ID = {role: i for i, role in enumerate(ROLES)}
RULE_ID = {code: i for i, code in enumerate(RULES)}


def _hash(codes: tuple[str, ...]) -> str:
    meaning = (LABELS, ROLES, codes, list(Relation), list(Field), ARRAYS, SUBTOKENS, BUCKETS)
    return hashlib.sha256(repr(meaning).encode()).hexdigest()[:16]


SCHEMA_HASH = _hash(RULES)
"""Equal exactly where arrays mean the same: what shards and checkpoints are held against."""

OWN_HASH = _hash(tuple(rule.code for rule in own_rules()))
"""The same without rules of other distributions: what an exported model is held against, for it names the rules it knows."""
