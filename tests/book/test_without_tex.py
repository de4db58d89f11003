"""Formulas in plain text: what a tooltip, a label and a description show."""

import pytest

from trainphys.book.site.without_tex import without_tex


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"$\gamma_{\max}$", "γ_max"),
        (r"$\Lambda$ and $\lambda$", "Λ and λ"),
        (r"$\varepsilon\le\sqrt{2}$", "ε≤√2"),
        (r"$B_{\text{crit}}\,x^{-2}$", "B_crit x⁻²"),
        (r"$\left(\tfrac{1}{B}\right)$", "(1/B)"),
        ("costs 5 $ a day", "costs 5 $ a day"),
        ("no formula", "no formula"),
    ],
)
def test_a_formula_is_read_without_its_markup(tex, text):
    assert without_tex(tex) == text
