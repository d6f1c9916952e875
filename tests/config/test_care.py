"""[care]: what is folded, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from modtui.config import ConfigError
from tests.config.desk import read


def test_without_care_the_gravest_reasons_are_folded(tmp_path: Path) -> None:
    desk = read(tmp_path, "").desk
    assert desk.fold_reasons == ("self-harm", "minors", "gore", "violence")
    assert not desk.fold_media


def test_a_team_chooses_what_is_folded(tmp_path: Path) -> None:
    desk = read(tmp_path, '[care]\nfold_reasons = ["gore"]\nfold_media = true\n').desk
    assert (desk.fold_reasons, desk.fold_media) == (("gore",), True)
    assert read(tmp_path, "[care]\nfold_reasons = []\nfold_media = false\n").desk.fold_reasons == ()


def test_each_mistake_has_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(
            tmp_path, '[care]\nfold_media = "yes"\nfold_reason = ["gore"]\nfold_reasons = "gore"\n'
        )
    lines = str(caught.value).splitlines()
    assert ':2: care.fold_media: "yes" is not true or false' in lines[0]
    assert ":3: care.fold_reason" in lines[1]
    assert "fold_reasons" in lines[1]
    assert ':4: care.fold_reasons: "gore" is not a list of texts' in lines[2]
