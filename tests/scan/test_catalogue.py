"""The catalogue is what the rule classes say, and entries are understood as documented."""

from __future__ import annotations

import pytest

from buglab.scan.catalogue import PATH, catalogue, chosen_codes, from_classes
from buglab.scan.errors import CannotScan


def test_catalogue_is_up_to_date() -> None:
    assert PATH.read_text(encoding="utf-8") == from_classes(), "run `python -m buglab.scan.catalogue`"


def test_codes_prefixes_names_and_all() -> None:
    every = {entry.code for entry in catalogue()}
    assert chosen_codes((), ()) == every == chosen_codes(("ALL",), ())
    assert chosen_codes(("BL1", "wrong-negation"), ()) == {"BL000", "BL502"} | {c for c in every if c[:3] == "BL1"}
    assert chosen_codes(("bl201",), ()) == {"BL000", "BL201"}
    assert chosen_codes((), ("BL2",)) == {c for c in every if c[:3] != "BL2"}
    assert "BL000" not in chosen_codes((), ("BL000",))


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ("BL105", "did you mean 'BL103'"),
        ("variable-missuse", "did you mean 'variable-misuse'"),
        ("E501", "`buglab rules` lists"),
    ],
)
def test_unknown_entries_are_refused_with_a_hint(entry: str, hint: str) -> None:
    with pytest.raises(CannotScan, match=hint):
        chosen_codes((entry,), ())
