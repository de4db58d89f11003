// Batch size against time and energy: the document's curve and the corrected one, with sliders. No dependency, no request.
const explorerLaws = {
  claimedTime: (alpha, limit) => Math.max(alpha ** -0.5, Math.exp(alpha / limit - 1)),
  correctedTime: alpha => (1 + 1 / alpha) / 2, // over that at alpha = 1, sharpness 1
  power: (alpha, share) => share + (1 - share) * alpha, // over that at alpha = 1
  fastestClaimed: limit => { // where the two branches cross, by bisection
    let low = 1e-9, high = Math.E ** 2;
    for (let i = 0; i < 200; i++) {
      const middle = (low + high) / 2;
      if (middle ** -0.5 > Math.exp(middle / limit - 1)) low = middle; else high = middle;
    }
    return low;
  },
  cheapest: share => Math.sqrt(share / (1 - share)),
};
if (typeof module !== "undefined") module.exports = explorerLaws;

(() => {
  if (typeof document === "undefined") return;
  const laws = explorerLaws, W = 460, H = 300, M = { l: 52, r: 12, t: 14, b: 44 };
  const X0 = 1 / 16, X1 = 64, Y0 = 0.25, Y1 = 16;
  const make = (name, attributes, parent, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  };
  const clip = y => Math.min(Math.max(y, Y0), Y1);
  const X = x => M.l + Math.log(x / X0) / Math.log(X1 / X0) * (W - M.l - M.r);
  const Y = y => H - M.b - Math.log(clip(y) / Y0) / Math.log(Y1 / Y0) * (H - M.t - M.b);
  const say = value => value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
  const xs = Array.from({ length: 161 }, (_, i) => X0 * (X1 / X0) ** (i / 160));
  const path = f => "M" + xs.filter(x => f(x) <= Y1).map(x => `${X(x).toFixed(1)},${Y(f(x)).toFixed(1)}`).join("L");

  const start = root => {
    const svg = make("svg", { viewBox: `0 0 ${W} ${H}`, role: "img" }, root.querySelector(".explorer-plot"));
    for (const x of [0.1, 1, 10]) {
      make("line", { x1: X(x), x2: X(x), y1: M.t, y2: H - M.b, class: "explorer-grid" }, svg);
      make("text", { x: X(x), y: H - M.b + 17, "text-anchor": "middle" }, svg, x);
    }
    for (const y of [0.5, 1, 2, 5, 10]) {
      make("line", { x1: M.l, x2: W - M.r, y1: Y(y), y2: Y(y), class: "explorer-grid" }, svg);
      make("text", { x: M.l - 6, y: Y(y) + 4, "text-anchor": "end" }, svg, y);
    }
    make("text", { x: (M.l + W) / 2, y: H - 6, "text-anchor": "middle" }, svg, "batch size α");
    make("text", { x: 14, y: H / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${H / 2})` }, svg, "time over time at α = 1");
    const stated = make("path", { class: "explorer-stated" }, svg);
    const corrected = make("path", { class: "explorer-corrected" }, svg);
    const cheapest = make("path", { class: "explorer-cheapest" }, svg);
    const marks = ["stated", "corrected"].map(role => make("circle", { r: 6, class: `explorer-mark-${role}` }, svg));
    const inputs = [...root.querySelectorAll("input")], cells = [...root.querySelectorAll("td[data-value]")];
    const value = name => {
      const x = +inputs.find(i => i.name === name).value;
      return name === "share" ? x / 100 : 2 ** x;
    };
    const draw = () => {
      const alpha = value("alpha"), limit = value("limit"), share = value("share");
      const times = [laws.claimedTime(alpha, limit), laws.correctedTime(alpha)], draw = laws.power(alpha, share);
      stated.setAttribute("d", path(x => laws.claimedTime(x, limit)));
      corrected.setAttribute("d", path(laws.correctedTime));
      const least = laws.cheapest(share), inside = Math.max(Math.min(least, X1), X0);
      cheapest.setAttribute("d", `M${X(inside)},${H - M.b}l-6,10h12z`);
      marks.forEach((mark, i) => { mark.setAttribute("cx", X(alpha)); mark.setAttribute("cy", Y(times[i])); });
      const shown = {
        "time-stated": times[0], "time-corrected": times[1], "power-stated": draw, "power-corrected": draw,
        "energy-stated": times[0] * draw, "energy-corrected": times[1] * draw,
        "fastest-stated": laws.fastestClaimed(limit), "cheapest-corrected": least,
      };
      for (const cell of cells) cell.textContent = say(shown[cell.dataset.value]);
      for (const input of inputs) {
        const words = input.name === "share" ? `${input.value} %` : say(value(input.name));
        input.setAttribute("aria-valuetext", words);
        root.querySelector(`output[for="${input.id}"]`).textContent = words;
      }
      svg.setAttribute("aria-label", `Time against batch size. At α = ${say(alpha)} the document says ${say(times[0])}, the corrected law ${say(times[1])}. Least energy is at α = ${say(least)}.`);
    };
    for (const input of inputs) input.addEventListener("input", draw);
    root.querySelector(".explorer-controls").hidden = false;
    draw();
  };
  document.querySelectorAll(".explorer").forEach(start);
})();
