"""What the hotline is built on: pinned with hashes, licensed, audited and never said to be clean unseen."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hotline.config import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
PINS = [  # a name may have several, each for other versions of Python
    Requirement(line.rstrip("\\ ")) for line in LOCK.splitlines() if re.match(r"[A-Za-z]", line)
]
WANTED = [
    Requirement(line)
    for line in (ROOT / "requirements.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("wanted", WANTED, ids=lambda wanted: wanted.name)
def test_what_production_needs_is_pinned_within_its_range(wanted: Requirement) -> None:
    pins = [pin for pin in PINS if canonicalize_name(pin.name) == canonicalize_name(wanted.name)]
    versions = [next(iter(pin.specifier)).version for pin in pins]
    assert versions
    assert all(wanted.specifier.contains(version) for version in versions)


def test_every_pin_is_exact_and_has_hashes() -> None:
    blocks = re.split(r"\n(?=[A-Za-z])", LOCK.split("\n", 2)[2])
    assert len(blocks) == len(PINS)
    for block in blocks:
        assert re.match(r"\S+==\S+ ", block), block
        assert HASH.search(block), block


def test_lock_names_no_address_and_no_folder() -> None:
    assert "://" not in LOCK
    assert "/" not in LOCK.split("\n", 2)[1].replace("make lock", "")
    assert not re.search(r"^--(index|extra-index|find-links|trusted)", LOCK, re.MULTILINE)


def test_every_pinned_package_is_listed_with_its_licence() -> None:
    page = (ROOT / "docs" / "licences.md").read_text()
    rows = re.findall(r"^\| (\S+) +\| (\S.*?) +\| ", page, re.MULTILINE)
    listed = {canonicalize_name(name): licence for name, licence in rows if name != "Name"}
    here = {canonicalize_name(pin.name) for pin in PINS if pin.marker is None or pin.marker.evaluate()}
    assert listed.keys() == here
    assert {name for name, licence in listed.items() if licence == "UNKNOWN"} == {"espeakng-loader"}


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("exit 0", 0, "audited: no known hole"),
        ("echo 'flask 1.0 PYSEC-2018-66'; exit 1", 1, "flask 1.0 PYSEC-2018-66"),
        ("echo 'ERROR: the service does not answer' >&2; exit 1", 2, "not audited"),
    ],
)
def test_audit_says_clean_only_where_somebody_answered(
    tmp_path: Path, script: str, code: int, said: str
) -> None:
    """make itself ends with 2 wherever the audit was not clean; what it prints tells which."""
    auditor = tmp_path / "pip-audit"
    auditor.write_text(f"#!/bin/sh\n{script}\n")
    auditor.chmod(0o755)
    made = subprocess.run(
        ["make", "--assume-old=.venv/development", "audit", f"BIN={tmp_path}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert made.returncode == (2 if code else 0)
    assert said in made.stdout
    assert ("no known hole" in made.stdout) == (code == 0)
