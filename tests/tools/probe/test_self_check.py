"""The self-diagnostic: right here, and red where something is wrong."""

import pytest
import torch

from trainphys import probe
from trainphys.__main__ import main
from trainphys.tools.probe import probe as probe_module
from trainphys.tools.probe import self_check as own
from trainphys.tools.probe.self_check import self_check


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_is_right_here(dtype, capsys):
    assert main(["check", "--dtype", dtype]) == 0
    printed = capsys.readouterr().out
    assert printed.count("  ok") == 36
    assert printed.endswith(f"36 checks on cpu in {dtype}: all right\n")


@pytest.mark.parametrize(
    ("name", "wrong", "failed"),
    [
        ("temperature", lambda right: lambda *given: 1.01 * right(*given), 8),
        ("scale", lambda right: lambda *given: (1.01 * (found := right(*given))[0], found[1]), 4),
    ],
)
def test_an_error_of_one_per_cent_turns_it_red(name, wrong, failed, monkeypatch, capsys):
    monkeypatch.setattr(probe_module, name, wrong(getattr(probe_module, name)))
    assert main(["check"]) == 1
    assert capsys.readouterr().out.endswith(f"36 checks on cpu in float32: {failed} FAILED\n")


def test_random_states_are_left_as_they_were():
    before = torch.get_rng_state()
    self_check()
    assert torch.equal(torch.get_rng_state(), before)


def test_print_shows_a_table_that_fits_a_terminal():
    checks = self_check()
    head, *lines = str(checks).splitlines()
    assert (len(checks), len(lines)) == (36, 36)
    assert max(map(len, lines)) <= 80
    assert head.split() == ["case", "quantity", "value", "truth"]
    first = checks[0]
    assert lines[0].split() == [first.case, first.quantity, first.value, first.truth, "ok"]
    ends = {len(line.removesuffix("ok").rstrip()) for line in lines}
    assert ends == {len(head)}  # columns stand below their heads


def test_a_limit_that_is_off_turns_it_red(monkeypatch):
    right = probe_module.Curvature.margin
    monkeypatch.setattr(probe_module.Curvature, "margin", lambda *given: 1.05 * right(*given))
    checks = self_check()
    assert {check.quantity for check in checks if not check.passed} == {"margin", "descent at 0.98"}


def test_a_refusal_is_a_failure(monkeypatch):
    monkeypatch.setattr(own, "probe", lambda *given, batch_size, **settings: probe(*given, **settings))
    failed = [check for check in self_check() if not check.passed]
    told = "shuffled loader"  # has a batch size of its own, and so another temperature
    assert {check.value for check in failed if check.case != told} == {"refused"}
    assert {check.quantity for check in failed} == {"temperature", "excess_loss"}


def test_other_precisions_are_refused():
    with pytest.raises(ValueError, match="expected float32 or float64, got float16"):
        self_check(dtype="float16")
    assert self_check("cpu", torch.float64) == self_check(torch.device("cpu"), "float64")
    with pytest.raises(SystemExit):
        main([])


@pytest.mark.parametrize("device", ["cuda:99", "tpu", "mps", "", 3.5])
def test_a_device_that_is_not_there_is_refused_in_a_line(device):
    with pytest.raises(ValueError, match=rf"^expected a device that torch has here, got {device!r} \(.*\): take cpu$"):
        self_check(device)
