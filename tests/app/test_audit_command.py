"""``lvp audit`` exports what the program recorded and finds what was changed in the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lvp_workstation.app.cli import main


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of one's own."""
    folder = tmp_path / "data"
    monkeypatch.setenv("LVP_DATA", str(folder))
    return folder


def test_an_exported_trail_checks_and_a_changed_one_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "audit.jsonl"
    assert main(["audit", "--out", str(out)]) == 0
    assert main(["audit", "--out", str(out)]) == 0
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["chain_begins", "audit_export", "audit_export"]
    assert main(["audit", "--check", str(out)]) == 0
    assert "whole=yes" in capsys.readouterr().out
    second = ["--records", "2", "--head", lines[1]["mac"]]
    assert main(["audit", "--check", str(out), *second]) == 0
    assert main(["audit", "--check", str(out), "--records", "2", "--head", lines[2]["mac"]]) == 1
    out.write_bytes(out.read_bytes().replace(b"unnamed", b"another"))
    assert main(["audit", "--check", str(out)]) == 1
    assert "Record 2 was changed" in capsys.readouterr().out


def test_as_dicom_each_record_is_a_message(tmp_path: Path) -> None:
    out = tmp_path / "messages"
    assert main(["audit", "--out", str(out), "--format", "dicom"]) == 0
    assert [path.name for path in sorted(out.iterdir())] == ["0000001.xml", "0000002.xml"]
    assert b"<AuditMessage>" in (out / "0000001.xml").read_bytes()


def test_what_cannot_be_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit"]) == 2
    assert main(["audit", "--check", str(tmp_path / "nothing")]) == 3
    assert main(["audit", "--check", str(tmp_path / "nothing"), "--head", "00"]) == 2
    assert "belong together" in capsys.readouterr().err
