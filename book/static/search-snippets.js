// Excerpts in search results come from the article alone, without the page's buttons.
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(".headerlink, script, style").forEach(element => element.remove());
    let section = null;
    try { section = anchor && page.querySelector(`article ${anchor}`); } catch { /* not a selector */ }
    return (section || page.querySelector("article.bd-article") || page.body).textContent.replace(/\s+/g, " ");
  };
});
