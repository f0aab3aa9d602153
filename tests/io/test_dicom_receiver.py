"""The Storage SCP with the program's own sender and with storescu as the modality."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.domain.study import Patient
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.io.dicom_receiver import DicomReceiver, ReceiverSettings
from lvp_workstation.io.dicom_send import Destination, Sender, send_objects
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, mr_images, write_series
from tests.io.intake import RememberingIntake

WHO = StudyToWrite("receiver", Patient("P1", name="PHANTOM^A", birth_date="19600101"), synthetic=True)
SETTINGS = ReceiverSettings(port=0)


def volume(size: int = 16) -> Volume:
    """Return three sagittal slices."""
    axes = ((-1, 0, 0), (0, 0, -1), (0, 1, 0))
    geometry = VolumeGeometry.from_axes((4.0, -9.0, 9.0), axes, (4.0, 1.0, 1.5), (3, size, 12), "2.25.2")
    return Volume(np.arange(3 * size * 12, dtype=np.uint16).reshape(geometry.shape), geometry)


def objects(**extra: Any) -> list[Any]:
    """Return the objects of a series."""
    return list(mr_images(WHO, MrProtocol("SAG T2", extra=extra), volume()))


@pytest.fixture
def intake() -> RememberingIntake:
    return RememberingIntake()


@pytest.fixture
def receiver(intake: RememberingIntake) -> Iterator[DicomReceiver]:
    made = DicomReceiver(intake, SETTINGS)
    yield made
    made.stop()


def node(receiver: DicomReceiver, **changes: Any) -> Destination:
    return replace(Destination("127.0.0.1", receiver.port, "LVP", "SCANNER"), **changes)


def test_slices_arrive_one_by_one_with_what_planning_needs(
    receiver: DicomReceiver, intake: RememberingIntake
) -> None:
    sent = objects(ImagesInAcquisition=3, InPlanePhaseEncodingDirection="ROW")
    with Sender(node(receiver), [sent[0].SOPClassUID]) as link:
        link.send(sent[1])
        intake.wait(slices=1)
        assert not intake.closed
        one = intake.slices[0]
        link.send(sent[0])
        link.send(sent[2])
    intake.wait(slices=3, closed=1)
    source = volume()
    assert (one.pixels == source.array[1]).all()
    np.testing.assert_allclose(one.position, source.geometry.index_to_world((1, 0, 0)))
    assert one.pixel_mm == (1.0, 1.5)
    assert (one.expected, one.number, one.description) == (3, 2, "SAG T2")
    assert (one.patient.patient_id, one.patient.birth_date) == ("P1", "19600101")
    assert one.attributes["EchoTime"] == 100.0
    assert one.attributes["InPlanePhaseEncodingDirection"] == "ROW"
    assert one.synthetic
    assert intake.keys[0] == f"dicom:{sent[0].StudyInstanceUID}"
    assert intake.closed == [(intake.keys[0], (sent[0].SeriesInstanceUID,), False)]


@pytest.mark.skipif(shutil.which("storescu") is None, reason="dcmtk is not installed")
def test_storescu_is_understood(receiver: DicomReceiver, intake: RememberingIntake, tmp_path: Path) -> None:
    files = write_series(tmp_path, WHO, MrProtocol("SAG T2"), volume())
    command = ["storescu", "-aec", "LVP", "127.0.0.1", str(receiver.port), *map(str, files)]
    subprocess.run(command, check=True, timeout=60)
    intake.wait(slices=3, closed=1)
    assert sorted(one.number for one in intake.slices) == [1, 2, 3]


def test_a_sender_that_aborts_is_told_as_gone(receiver: DicomReceiver, intake: RememberingIntake) -> None:
    sent = objects()
    link = Sender(node(receiver), [sent[0].SOPClassUID])
    link.send(sent[0])
    link.abort()
    intake.wait(slices=1, closed=1)
    assert intake.closed[0][2] is True


@pytest.mark.parametrize(
    "damage",
    [
        {"PixelData": b"\0" * 10},
        {"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]},
        {"SeriesInstanceUID": ""},
        {"BitsAllocated": 32},
    ],
    ids=lambda damage: next(iter(damage)),
)
def test_a_damaged_image_is_refused_and_the_next_one_taken(
    receiver: DicomReceiver, intake: RememberingIntake, damage: dict[str, Any]
) -> None:
    bad, good, _ = objects()
    for keyword, value in damage.items():
        setattr(bad, keyword, value)
    with Sender(node(receiver), [good.SOPClassUID]) as link:
        with pytest.raises(OutputProblem, match="C000"):
            link.send(bad)
        link.send(good)
    intake.wait(slices=1)
    assert len(intake.slices) == 1


def test_what_the_examination_refuses_is_out_of_resources(
    receiver: DicomReceiver, intake: RememberingIntake
) -> None:
    intake.refuse = "full"
    with pytest.raises(OutputProblem, match="A700"):
        send_objects(node(receiver), objects()[:1])


@pytest.mark.parametrize(
    "settings",
    [
        replace(SETTINGS, titles=("OTHER",)),
        replace(SETTINGS, hosts=("192.0.2.1",)),
        replace(SETTINGS, object_bytes=100),
    ],
    ids=["title", "host", "size"],
)
def test_who_or_what_is_not_on_the_list_is_not_taken(
    intake: RememberingIntake, settings: ReceiverSettings
) -> None:
    made = DicomReceiver(intake, settings)
    try:
        with pytest.raises(OutputProblem):
            send_objects(node(made), objects())
        assert not intake.slices
    finally:
        made.stop()


def test_a_sender_above_the_rate_waits_for_its_answers(intake: RememberingIntake) -> None:
    made = DicomReceiver(intake, replace(SETTINGS, bytes_per_second=4000.0))
    try:
        began = time.monotonic()
        send_objects(node(made), objects())
        assert time.monotonic() - began > 0.2
    finally:
        made.stop()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_tls_protects_the_way_and_plain_senders_are_turned_away(
    intake: RememberingIntake, tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    secure = DicomReceiver(intake, replace(SETTINGS, certificate=certificate, key=key))
    try:
        send_objects(node(secure, authority=certificate), objects())
        intake.wait(slices=3)
        with pytest.raises(OutputProblem):
            send_objects(node(secure), objects())
    finally:
        secure.stop()


def test_an_occupied_port_is_said_in_words(receiver: DicomReceiver, intake: RememberingIntake) -> None:
    with pytest.raises(OutputProblem, match="cannot be opened"):
        DicomReceiver(intake, replace(SETTINGS, port=receiver.port))
