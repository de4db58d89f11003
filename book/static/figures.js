// A figure opens large over the page. It is a link to its picture, which serves where there is no JavaScript; a picture
// keeps at least the size it was drawn for, so that its labels can be read on a phone, and then scrolls in its frame.
(() => {
  if (!window.HTMLDialogElement) return;
  const page = document.createElement("dialog");
  page.className = "figure-large";
  page.setAttribute("aria-label", "Figure, enlarged");
  page.innerHTML = '<button type="button">Close</button><div class="figure-frame" role="region"><img alt=""></div>';
  const frame = page.lastChild, picture = frame.firstChild;
  let opener = null;
  const fit = () => {
    const width = picture.naturalWidth || 640, height = picture.naturalHeight || 480;
    const whole = width * Math.min(frame.clientWidth / width, frame.clientHeight / height);
    const wide = Math.min(frame.clientWidth, 1.6 * width); // a tall one scrolls
    picture.style.width = `${Math.floor(Math.max(width, wide, whole))}px`;
    const scrolls = frame.scrollWidth > frame.clientWidth || frame.scrollHeight > frame.clientHeight;
    if (scrolls) frame.tabIndex = 0; else frame.removeAttribute("tabindex");
  };
  const open = link => {
    if (!page.isConnected) document.body.append(page);
    const shown = link.querySelector("img");
    opener = link;
    picture.alt = shown.alt;
    frame.setAttribute("aria-label", shown.alt);
    picture.onload = fit;
    picture.src = link.href;
    page.showModal();
    fit();
  };
  page.addEventListener("click", event => event.target !== picture && page.close()); // the button, or beside the picture
  page.addEventListener("close", () => {
    if (page.open) return; // another was opened before this was heard of
    picture.removeAttribute("src");
    opener?.focus({ preventScroll: true });
  });
  addEventListener("resize", () => page.open && fit());
  document.addEventListener("click", event => {
    const link = event.target.closest("figure a.image-reference");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link);
  });
})();
