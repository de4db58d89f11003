// A table that scrolls takes the focus, so that arrow keys move it; one that fits does not. The theme does this for
// code and frames, not for tables that scroll themselves. One in a fold has no size until it is opened.
(() => {
  const look = ({ target: table }) => {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0; else table.removeAttribute("tabindex");
  };
  addEventListener("DOMContentLoaded", () => {
    const seen = new ResizeObserver(entries => entries.forEach(look));
    document.querySelectorAll(".bd-article table").forEach(table => seen.observe(table));
  });
})();
