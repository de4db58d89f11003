// Filter the ledger's rows, fill a row when it opens, and keep the filter in the address. Without JavaScript the
// controls stay hidden, and each row leads to its chapter.
(() => {
  const form = document.querySelector(".ledger-controls");
  if (!form) return;
  const rows = [...document.querySelectorAll(".ledger-row")];
  const fill = row => {
    const kept = row.querySelector("template");
    if (!kept) return;
    row.querySelector(".ledger-elsewhere")?.remove();
    kept.replaceWith(kept.content);
    if (window.MathJax && MathJax.typesetPromise) MathJax.typesetPromise([row]);
  };
  const texts = rows.map(row => `${row.querySelector("summary").textContent} ${row.querySelector("template").content.textContent}`.toLowerCase());
  const names = ["part", "kind", "verdict", "text"];
  const wanted = name => form.elements[name].value;
  const show = () => {
    const words = wanted("text").toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      const fits = ["part", "kind", "verdict"].every(key => !wanted(key) || row.dataset[key] === wanted(key));
      row.hidden = !(fits && words.every(word => texts[index].includes(word)));
      shown += !row.hidden;
    });
    form.querySelector("output").textContent = `${shown} of ${rows.length} claims`;
  };
  const remember = () => {
    const state = new URLSearchParams(names.filter(wanted).map(name => [name, wanted(name)])).toString();
    history.replaceState(null, "", location.pathname + (state && `?${state}`) + location.hash);
  };
  const open = () => {
    const row = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (row && row.matches(".ledger-row")) { row.hidden = false; fill(row); row.open = true; row.scrollIntoView(); }
  };
  const given = new URLSearchParams(location.search);
  names.forEach(name => { if (given.has(name)) form.elements[name].value = given.get(name); });
  rows.forEach(row => row.addEventListener("toggle", () => row.open && fill(row)));
  addEventListener("beforeprint", () => rows.filter(row => !row.hidden).forEach(row => { fill(row); row.open = true; }));
  form.hidden = false;
  form.addEventListener("input", () => { show(); remember(); });
  form.addEventListener("submit", event => event.preventDefault());
  addEventListener("hashchange", open);
  show();
  open();
})();
