"""The probe along a run, its pictures and its words."""

import math
import sys
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.functional import mse_loss
from torch.optim import SGD

from tests.tools.test_architectures import CROSS
from trainphys import Estimate, ProbeRecorder, probe
from trainphys.tools.probe.values import Refused, interval

pyplot = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    pyplot.switch_backend("agg")
    before = dict(pyplot.rcParams)
    yield
    assert dict(pyplot.rcParams) == before
    pyplot.close("all")


def setting(rate=0.05):
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    return model, (torch.randn(64, 3), torch.randint(0, 2, (64,))), SGD(model.parameters(), lr=rate)


def train(model, data, optimizer, recorder, updates):
    for _ in range(updates):
        optimizer.zero_grad()
        CROSS(model(data[0]), data[1]).backward()
        optimizer.step()
        recorder.step()


def test_records_are_the_probes_of_the_moment():
    model, data, optimizer = setting()
    recorder = ProbeRecorder(model, CROSS, data, optimizer, every=3, batch_size=4, population=64)
    train(model, data, optimizer, recorder, 3)
    at_three = probe(model, CROSS, data, optimizer, batch_size=4, population=64)
    train(model, data, optimizer, recorder, 5)
    assert [step for step, _ in recorder.records] == [0, 3, 6]
    assert recorder.records[1][1].values() == at_three.values()
    assert recorder.records[2][1].loss < at_three.loss < recorder.records[0][1].loss


def test_the_run_is_drawn_on_three_axes():
    model, data, optimizer = setting()
    recorder = ProbeRecorder(model, CROSS, data, optimizer, every=2, batch_size=4, population=64)
    train(model, data, optimizer, recorder, 6)
    axes = recorder.plot()
    for ax, name in zip(axes, ("margin", "noise_scale", "temperature"), strict=True):
        line = ax.containers[0][0]
        values = [getattr(found, name).value for _, found in recorder.records]
        assert list(line.get_xdata()) == [0, 2, 4, 6]
        assert list(line.get_ydata()) == values
    assert any(line.get_ydata()[0] == 4 for line in axes[1].get_lines()), "the batch size beside the noise scale"
    step, second = recorder.records[1]
    recorder.records[1] = step, replace(second, noise_scale=Refused("few"))
    drawn = recorder.plot()[1].containers[0][0].get_ydata()
    assert [math.isnan(y) for y in drawn] == [False, True, False, False], "a gap"
    given = pyplot.subplots(1, 3)[1]
    assert list(recorder.plot(given)) == list(given)
    column = pyplot.subplots(3, 1, squeeze=False)[1]
    assert recorder.plot(column) is column
    for other, count in ((pyplot.subplots()[1], 1), (pyplot.subplots(2, 2)[1], 4), (pyplot.subplots(1, 2)[1], 2)):
        with pytest.raises(ValueError, match=f"expected three axes, got {count}: give those of"):
            recorder.plot(other)
    recorder.records[:] = recorder.records[:1]
    refused = ProbeRecorder(model, CROSS, data, optimizer)
    assert [text.get_text() for text in refused.plot()[2].texts] == ["refused"]


def test_a_run_that_diverges_is_warned_of_and_goes_on():
    model, data, optimizer = setting()
    recorder = ProbeRecorder(model, CROSS, data, optimizer, every=1)
    model.weight.data.fill_(torch.inf)
    with pytest.warns(UserWarning, match="no probe after 1 updates: expected finite parameters"):
        recorder.step()
    assert len(recorder.records) == 1
    with pytest.raises(ValueError, match="expected finite parameters"):
        ProbeRecorder(model, CROSS, data, optimizer)
    model.weight.data.zero_()
    for settings, message in (
        ({"population": 3}, "a population of at least the 64 samples given"),
        ({"most_products": -1}, "most_products >= 1"),
        ({"batchsize": 4}, r"expected probe\(model, loss, data, optimizer, ...\), got an unexpected keyword argument"),
    ):
        with pytest.raises(ValueError, match=message):
            ProbeRecorder(model, CROSS, data, optimizer, **settings)
    with pytest.raises(ValueError, match="every >= 1"):
        ProbeRecorder(*setting()[:1], CROSS, *setting()[1:], every=0)


@pytest.mark.parametrize("kind", [RuntimeError, torch.OutOfMemoryError, OSError, KeyError])
def test_a_probe_that_fails_in_any_way_is_warned_of_and_the_run_goes_on(kind, monkeypatch):
    model, data, optimizer = setting()
    recorder = ProbeRecorder(model, CROSS, data, optimizer, every=1)

    def failing(*_, **__):
        raise raised

    raised = kind("no room")
    monkeypatch.setattr("trainphys.tools.probe.recorder.probe", failing)
    with pytest.warns(UserWarning, match=f"no probe after 1 updates: {kind.__name__}, '?no room"):
        recorder.step()
    raised = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):  # whoever stops the run means it
        recorder.step()
    monkeypatch.undo()
    recorder.step()
    assert [step for step, _ in recorder.records] == [0, 3]


def test_one_probe_is_drawn_as_ratios_with_their_intervals():
    model, data, optimizer = setting()
    found = probe(model, CROSS, data, optimizer, batch_size=4, relative_error=9.0)
    ax = found.plot()
    learning, batch = (container[0].get_xdata()[0] for container in ax.containers)
    assert learning == pytest.approx(1 / found.margin.value)
    assert batch == pytest.approx(4 / found.noise_scale.value)
    low, high = (segment for segment in ax.containers[0][2][0].get_segments()[0][:, 0])
    assert (1 / high, 1 / low) == pytest.approx(interval(found.margin))
    unknown = probe(model, CROSS, data, optimizer)
    assert [text.get_text() for text in unknown.plot(pyplot.subplots()[1]).texts].count("refused") == 1


def test_without_matplotlib_the_cure_is_said(monkeypatch):
    model, data, optimizer = setting()
    found = probe(model, CROSS, data, optimizer)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError, match=r"expected matplotlib for plot\(\), found none: pip install"):
        found.plot()


def test_the_same_words_in_terminal_and_notebook():
    model, data, optimizer = setting(rate=99.0)
    found = probe(model.train(), lambda z, t: CROSS(z, t), data, optimizer, batch_size=4, population=64)
    text, page = str(found), found._repr_html_()
    for value in found.values().values():
        shown = f"{value.value:.4g}" if isinstance(value, Estimate) else value.why[:20]
        assert shown in text
        assert shown in page
    assert text.startswith("SGD (learning rate 99), batches of 4: 8 parameters, 64 samples\n")
    assert max(map(len, text.splitlines())) <= 80
    assert "times the limit of the exact gradient. A quadratic loss diverges there" in " ".join(text.split())
    assert "<td>refused: &lt;b&gt;</td>" in replace(found, temperature=Refused("<b>"))._repr_html_()
    odd = probe(model, mse_loss, (data[0], torch.zeros(64, 2)), optimizer)
    assert "give batch_size" in str(odd)


@pytest.mark.parametrize(
    ("factor", "words"),
    [(0.5, "It may grow by a factor of 2 ["), (1.0, "It is at the limit"), (2.0, "It is 2 times the limit")],
)
def test_the_learning_rate_below_at_and_above_its_limit(factor, words):
    model, data, optimizer = setting()
    limit = probe(model, CROSS, data, optimizer).largest_learning_rate
    optimizer.param_groups[0]["lr"] = factor * limit.value
    assert probe(model, CROSS, data, optimizer).advice["learning rate"].text.startswith(words)
