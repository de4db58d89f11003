"""Results that are drawn: on the axes that are given, with what they say, and without a change of anyone's style."""

import math
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

from tests.tools.batch_size.test_measured import v100
from trainphys.tools.batch_size.limits import PowerLimit
from trainphys.tools.batch_size.new_run import predicted_steps
from trainphys.tools.batch_size.operating_point import operating_point
from trainphys.tools.time_to_target.forecast import RemainingSteps, time_to_target

HISTORY = 0.5 * 0.9 ** np.arange(40)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def results():
    return {"point": operating_point(v100(), PowerLimit(100.0)), "forecast": time_to_target(HISTORY, 1e-4, every=5)}


def texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("kind", ["point", "forecast"])
def test_a_picture_goes_where_it_is_asked_for(kind):
    before, found = dict(mpl.rcParams), results()[kind]
    ax = plt.figure().add_subplot()
    assert found.plot(ax) is ax
    assert found.plot(ax=ax) is ax
    assert found.plot().figure is not ax.figure
    assert dict(mpl.rcParams) == before
    assert ax.get_xlabel()
    assert ax.get_ylabel()


@pytest.mark.filterwarnings("ignore:The law misses")
def test_a_choice_is_drawn_on_the_sweep_and_its_law():
    sweep, point = v100(), results()["point"]
    ax = point.plot()
    law, measured, star = ax.lines
    assert measured.get_xydata() == pytest.approx(np.array([sweep.batch_sizes, sweep.updates()]).T)
    assert star.get_xydata().tolist() == [[point.batch_size, point.steps.value]]
    guesses = predicted_steps(sweep, law.get_xdata())
    assert law.get_ydata() == pytest.approx([g.value for g in guesses])
    (band,) = [c for c in ax.collections if c.get_label() == "19 new runs of 20"]
    edges = band.get_paths()[0].vertices[:, 1]
    assert edges.max() == pytest.approx(max(g.high for g in guesses))
    assert edges.min() == pytest.approx(min(g.low for g in guesses))
    (bars,) = [c for c in ax.collections if c is not band]
    first = bars.get_segments()[0][:, 1]
    assert np.ptp(first) == pytest.approx(2 * 1.96 * 0.03 * sweep.updates()[0])
    assert f"chosen: {point.batch_size}" in texts(ax)
    assert ax.get_xscale() == ax.get_yscale() == "log"


def test_a_forecast_is_drawn_where_the_loss_meets_the_target():
    found = results()["forecast"]
    curve, target, interval, point = found.plot().lines
    assert curve.get_xydata() == pytest.approx(np.array([5.0 * np.arange(1, 41), HISTORY]).T)
    assert target.get_ydata() == [1e-4, 1e-4]
    assert interval.get_xydata().tolist() == [[200 + found.low, 1e-4], [200 + found.high, 1e-4]]
    assert point.get_xydata().tolist() == [[200 + found.value, 1e-4]]


def test_an_open_interval_and_a_target_that_is_reached():
    found = results()["forecast"]
    endless = RemainingSteps(10.0, 5.0, math.inf, "either", 1.0, 0.0, asked=found.asked)
    drawn = endless.plot()
    assert drawn.lines[2].get_xdata().tolist() == [205.0, 300.0]
    assert "9 runs of 10, no upper end" in texts(drawn)
    reached = time_to_target(HISTORY, 0.4)
    assert texts(reached.plot()) == ["loss so far", "target"]


def test_a_forecast_put_together_by_hand_has_no_picture():
    with pytest.raises(ValueError, match="expected a forecast by time_to_target"):
        RemainingSteps(10.0, 5.0, 20.0, "either", 1.0, 0.0).plot()


def test_without_matplotlib_a_picture_says_what_to_install(monkeypatch):
    found = results()["point"]
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError, match=r"expected matplotlib for plot\(\), .* 'trainphys\[plot\]'"):
        found.plot()
