"""Under which licence code stands, as cheaply as it can be told: metadata, SPDX lines, the beginning of a licence file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import Message

UNKNOWN = "unknown"
_SPDX = re.compile(r"SPDX-License-Identifier:\s*\(?([\w.+-]+(?:\s+(?:OR|AND|WITH)\s+[\w.+()-]+)*)")
_SPDX_CHARACTERS = 3_000
LICENCE_FILE = re.compile(r"(?:LICEN[CS]E|COPYING)(?:[._-][\w.-]*)?", re.IGNORECASE)
_TEXTS = (
    ("Apache-2.0", r"Apache License,?\s+Version 2\.0"),
    ("AGPL-3.0", r"GNU AFFERO GENERAL PUBLIC LICENSE"),
    ("LGPL", r"GNU (?:LESSER|LIBRARY) GENERAL PUBLIC LICENSE"),
    ("GPL-3.0", r"GNU GENERAL PUBLIC LICENSE\s+Version 3"),
    ("GPL-2.0", r"GNU GENERAL PUBLIC LICENSE\s+Version 2"),
    ("MPL-2.0", r"Mozilla Public License,?\s+(?:Version|v\.) 2\.0"),
    ("PSF-2.0", r"PYTHON SOFTWARE FOUNDATION LICENSE"),
    ("MIT", r"Permission is hereby granted, free of charge"),
    ("ISC", r"Permission to use, copy, modify, and/?o?r? distribute this software"),
    ("BSD-3-Clause", r"Redistribution and use in source and binary forms[\s\S]*(?:Neither the name|names? of)"),
    ("BSD-2-Clause", r"Redistribution and use in source and binary forms"),
    ("Unlicense", r"This is free and unencumbered software"),
)
_KNOWN = tuple((name, re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE)) for name, pattern in _TEXTS)
_COMMON = {
    "apache software license": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "apache2": "Apache-2.0",
    "mit license": "MIT",
    "the mit license": "MIT",
    "the mit license (mit)": "MIT",
    "bsd license": "BSD",
    "bsd-3": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "3-clause bsd": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "python software foundation license": "PSF-2.0",
    "isc license (iscl)": "ISC",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
}


def of_file(text: str) -> str:
    """The SPDX expression that a source file states near its beginning, or nothing."""
    found = _SPDX.search(text, 0, _SPDX_CHARACTERS)
    return " ".join(found[1].split()) if found else ""


def of_text(text: str) -> str:
    """The licence whose text this is, or nothing."""
    return next((name for name, pattern in _KNOWN if pattern.search(text)), "")


def of_metadata(meta: Message, files: Mapping[str, str] | None = None) -> str:
    """What core metadata say: expression, classifiers, free text; else the licence ``files`` (name -> text) beside them."""
    if stated := str(meta["License-Expression"] or ""):
        return stated
    classified = [str(line).rpartition(" :: ")[2] for line in meta.get_all("Classifier") or [] if "License ::" in str(line)]
    written = str(meta["License"] or "").strip()
    names = [_common(name) for name in classified if name != "OSI Approved"]
    found = " / ".join(names) or of_text(written) or _common(written.partition("\n")[0][:80])
    return found or of_files(files or {})


def of_files(files: Mapping[str, str]) -> str:
    """The first of the licence files that is recognised."""
    return next((name for _, text in sorted(files.items()) if (name := of_text(text))), UNKNOWN)


def _common(name: str) -> str:
    return _COMMON.get(name.strip().lower().rstrip("."), name.strip())
