// A table that scrolls takes the focus, so that arrow keys move it; one that fits does not. The theme does this for
// code and frames, not for tables that scroll themselves. One in a fold has no size until it is opened, and formulas
// widen the rows of a table that keeps its own size.
(() => {
  const look = ({ target }) => {
    const table = target.closest("table");
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0; else table.removeAttribute("tabindex");
  };
  addEventListener("DOMContentLoaded", () => {
    const seen = new ResizeObserver(entries => entries.forEach(look));
    const tables = document.querySelectorAll(".bd-article table");
    tables.forEach(table => [table, ...table.rows].forEach(part => seen.observe(part)));
  });
})();
