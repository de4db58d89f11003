// Filter the ledger's rows. Without JavaScript the controls stay hidden and every row is there.
(() => {
  const form = document.querySelector(".ledger-controls");
  if (!form) return;
  const rows = [...document.querySelectorAll(".ledger-row")];
  const texts = rows.map(row => row.textContent.toLowerCase());
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
  const open = () => {
    const row = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (row && row.matches(".ledger-row")) { row.open = true; row.scrollIntoView(); }
  };
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", event => event.preventDefault());
  addEventListener("hashchange", open);
  show();
  open();
})();
