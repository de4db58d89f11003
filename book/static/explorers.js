// Things to drag. Each explorer is a picture with sliders: the laws stand in `explorerLaws`, which the tests compare with the
// package; what is dragged stands in the page's address, which opens there. No dependency, no request; without JavaScript a sentence stays.
const explorerLaws = {
  // A3: largest stable learning rate times curvature, d equal curvatures, batches of Gaussian inputs
  stableStep: (momentum, batch, d) => {
    const load = (1 + momentum) / (1 - momentum) * (d + 1);
    return 2 * (1 + momentum) * batch / (batch + load);
  },
  // A7: updates to a target against the batch size
  updates: (batch, fewest, critical, sharpness) => fewest * (1 + (critical / batch) ** sharpness) ** (1 / sharpness),
  // A8: over their values at the critical batch
  claimedTime: (alpha, limit) => Math.max(alpha ** -0.5, Math.exp(alpha / limit - 1)),
  correctedTime: alpha => (1 + 1 / alpha) / 2,
  power: (alpha, share) => share + (1 - share) * alpha,
  cheapest: share => Math.sqrt(share / (1 - share)),
  // B7: probability of ending within epsilon of the minimum of a quadratic loss at equilibrium; x is beta times epsilon
  success: (d, x) => {
    const a = d / 2;
    let term = Math.exp(a * Math.log(x) - x - lnGamma(a + 1)), sum = term;
    for (let n = 1; n < 2000 && term > sum * 1e-15; n++) { term *= x / (a + n); sum += term; }
    return Math.min(sum, 1);
  },
  promisedSuccess: x => 1 - Math.exp(-x),
  // B4: one quadratic well of curvature one at mobility one under temperatures T(t); exact for constant T in each short step
  cooled: (temperatures, duration) => {
    const dt = duration / temperatures.length;
    let variance = temperatures[0], entropy = 0;
    for (const T of temperatures) {
      const before = variance;
      variance = T + (before - T) * Math.exp(-2 * dt);
      entropy += (before - variance) / (2 * T) + Math.log(variance / before) / 2;
    }
    return { loss: variance / 2, entropy };
  },
  // C5: the last half of a loss curve at equal distances as a geometric tail and as a power law: steps left until a target
  stepsLeft: (losses, target) => {
    const n = losses.length, tail = losses.map((loss, i) => [i + 1, Math.log(loss)]).slice(Math.floor(n / 2));
    const slope = at => {
      const mean = k => tail.reduce((sum, row) => sum + (k ? row[1] : at(row[0])), 0) / tail.length, x = mean(0), y = mean(1);
      const b = tail.reduce((sum, row) => sum + (at(row[0]) - x) * (row[1] - y), 0) / tail.reduce((sum, row) => sum + (at(row[0]) - x) ** 2, 0);
      return [b, y + b * (at(n) - x)]; // and the level at the last step
    };
    const [rate, flat] = slope(t => t), [power, bent] = slope(Math.log), goal = Math.log(target);
    return { rate: -rate, power: -power, geometric: (flat - goal) / -rate, algebraic: n * (Math.exp((bent - goal) / -power) - 1) };
  },
  // C3: one epoch of full-batch descent on |w1 x1 + w2 x2 + b| over the four points of XOR
  epoch: ([w1, w2, b], rate) => {
    let g = [0, 0, 0];
    for (const [x1, x2] of [[-1, -1], [-1, 1], [1, -1], [1, 1]]) {
      const u = w1 * x1 + w2 * x2 + b, error = Math.abs(u) - (x1 === x2 ? 0 : 1), slope = 2 * error * Math.sign(u) / 4;
      g = [g[0] + slope * x1, g[1] + slope * x2, g[2] + slope];
    }
    return [w1 - rate * g[0], w2 - rate * g[1], b - rate * g[2]];
  },
};
function lnGamma(x) { // Lanczos
  const c = [76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155, 1.208650973866179e-3, -5.395239384953e-6];
  const t = x + 5.5 - (x + 0.5) * Math.log(x + 5.5);
  return -t + Math.log(2.5066282746310005 * c.reduce((sum, value, i) => sum + value / (x + 1 + i), 1.000000000190015) / x);
}
// Constants of the law of updates that miss the logarithms of a sweep least: a fine grid, since a sweep has few points.
explorerLaws.fit = sweep => {
  let best = { miss: Infinity };
  const smallest = Math.min(...sweep.map(row => row[0])), largest = Math.max(...sweep.map(row => row[0]));
  for (let sharpness = 1; sharpness <= 2.01; sharpness += 0.1) {
    for (let i = 0; i <= 200; i++) {
      const critical = smallest / 4 * (largest * 16 / smallest) ** (i / 200);
      const logs = sweep.map(([batch, updates]) => Math.log(updates / explorerLaws.updates(batch, 1, critical, sharpness)));
      const mean = logs.reduce((a, b) => a + b) / logs.length;
      const miss = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      if (miss < best.miss) best = { miss, critical, sharpness, fewest: Math.exp(mean) };
    }
  }
  return best;
};
if (typeof module !== "undefined") module.exports = explorerLaws;

const explorerSpecs = (laws => {
  const say = v => !isFinite(v) ? "∞" : Math.abs(v) >= 100 ? v.toFixed(0) : Math.abs(v) >= 10 ? v.toFixed(1) : v.toFixed(2);
  const percent = p => p > 0 && p < 5e-4 ? "less than 0.1%" : p < 1 && p > 1 - 5e-4 ? "more than 99.9%" : `${(100 * p).toFixed(1)}%`;
  const grid = (low, high, n, log) => Array.from({ length: n + 1 }, (_, i) => log ? low * (high / low) ** (i / n) : low + (high - low) * i / n);
  const two = x => 2 ** x;
  return {
    stability: {
      x: { range: [1, 1024], log: true, label: "batch size B", ticks: [1, 4, 16, 64, 256, 1024] },
      y: { range: [0, 4], label: "largest stable ηλ", ticks: [0, 1, 2, 3, 4] },
      sliders: [
        { name: "momentum", label: "momentum β", min: 0, max: 0.95, step: 0.05, value: 0.9 },
        { name: "directions", label: "equal curvatures", min: 0, max: 10, step: 1, value: 4, of: two },
        { name: "batch", label: "batch size B", min: 0, max: 10, step: 0.25, value: 4, of: two }],
      draw: (s, p) => {
        const edge = laws.stableStep(s.momentum, s.batch, s.directions);
        p.line([[1, 2 * (1 + s.momentum)], [1024, 2 * (1 + s.momentum)]], "other");
        p.line(grid(1, 1024, 120, true).map(b => [b, laws.stableStep(s.momentum, b, s.directions)]), "ours");
        p.dot(s.batch, edge, "ours");
        return `With momentum ${say(s.momentum)} and batches of ${+s.batch.toFixed(0)}, training is stable up to ηλ = ${say(edge)}; with the exact gradient (grey) up to ${say(2 * (1 + s.momentum))}.`;
      },
    },
    "critical-batch": {
      x: { range: [1, 4096], log: true, label: "batch size B", ticks: [1, 4, 16, 64, 256, 1024, 4096] },
      y: { range: [0.7, 1000], log: true, label: "updates over the fewest", ticks: [1, 10, 100, 1000] },
      text: { name: "sweep", label: "your sweep: a line with batch size and updates to the target for each run", value: "4 5200\n8 2650\n16 1380\n32 760\n64 450\n128 300\n256 235\n512 200" },
      sliders: [],
      draw: (s, p) => {
        const sweep = s.sweep.split("\n").map(line => line.trim().split(/[\s,;]+/).map(Number)).filter(row => row.length >= 2 && row[0] > 0 && row[1] > 0);
        if (sweep.length < 4 || new Set(sweep.map(row => row[0])).size < 4) return "Give at least 4 batch sizes, each with the updates that it needed.";
        const found = laws.fit(sweep), without = sweep.map((_, i) => laws.fit(sweep.filter((_, j) => j !== i)).critical);
        p.line(grid(1, 4096, 160, true).map(b => [b, laws.updates(b, 1, found.critical, found.sharpness)]), "ours");
        sweep.forEach(([b, updates]) => p.dot(b, updates / found.fewest, "measured"));
        const low = Math.min(...without), high = Math.max(...without), sizes = sweep.map(row => row[0]);
        const outside = found.critical < Math.min(...sizes) || found.critical > Math.max(...sizes);
        return `The critical batch size is ${say(found.critical)} (${say(low)} to ${say(high)} when one of the sizes is left out). Large batches need ${say(found.fewest)} updates. The bend of the curve has the sharpness ${say(found.sharpness)}.` + (outside ? " The critical batch size lies outside the sizes tried: do not trust it." : "");
      },
    },
    "operating-point": {
      x: { range: [1 / 16, 64], log: true, label: "batch size α (critical batch sizes)", ticks: [0.1, 1, 10] },
      y: { range: [0.25, 1000], log: true, label: "time over time at α = 1", ticks: [1, 10, 100, 1000] },
      sliders: [
        { name: "alpha", label: "batch size α (critical batch sizes)", min: -4, max: 6, step: 0.1, value: 2, of: two },
        { name: "limit", label: "stability limit (critical batch sizes)", min: 0, max: 8, step: 0.1, value: 3, of: two },
        { name: "share", label: "share of power drawn at rest", min: 0, max: 0.95, step: 0.01, value: 0.5 }],
      draw: (s, p) => {
        const times = [laws.claimedTime(s.alpha, s.limit), laws.correctedTime(s.alpha)], power = laws.power(s.alpha, s.share), least = laws.cheapest(s.share);
        p.line(grid(1 / 16, 64, 160, true).map(a => [a, laws.claimedTime(a, s.limit)]), "stated");
        p.line(grid(1 / 16, 64, 160, true).map(a => [a, laws.correctedTime(a)]), "ours");
        p.dot(s.alpha, times[0], "stated"); p.dot(s.alpha, times[1], "ours");
        return `At α = ${say(s.alpha)} a run takes ${say(times[0])} of the time at α = 1 by the document (dashed) and ${say(times[1])} by our law. It draws ${say(power)} times the power and takes ${say(times[1] * power)} times the energy by our law. ` + (s.share > 0 ? `The least energy is at α = ${say(least)}.` : "With no power at rest the smallest batch takes the least energy.");
      },
    },
    "loss-curve": {
      x: { range: [0, 4], label: "steps over the steps so far", ticks: [0, 1, 2, 3, 4] },
      y: { range: [0.01, 1], log: true, label: "loss over the first loss", ticks: [0.01, 0.1, 1] },
      text: { name: "losses", label: "your losses from the first step on, at equal distances in steps, less the floor if you know it", value: "2.30 1.61 1.25 1.03 0.88 0.77 0.68 0.61 0.55 0.50 0.46 0.425 0.393 0.365 0.340 0.318 0.298 0.280 0.264 0.249" },
      sliders: [{ name: "target", label: "target over the last loss", min: -1.5, max: -0.02, step: 0.01, value: -0.6, of: x => 10 ** x }],
      draw: (s, p) => {
        const losses = s.losses.trim().split(/[\s,;]+/).map(Number), n = losses.length, last = losses[n - 1];
        if (n < 20 || losses.some(loss => !(loss > 0))) return "Give at least 20 losses, each above zero.";
        const found = laws.stepsLeft(losses, s.target * last), beyond = grid(1, 4, 90), tall = losses[0];
        losses.forEach((loss, i) => p.dot((i + 1) / n, loss / tall, "measured"));
        if (!(found.rate > 0)) return "The loss does not fall over the last half: no forecast.";
        p.line(beyond.map(u => [u, last / tall * Math.exp(-found.rate * n * (u - 1))]), "ours");
        p.line(beyond.map(u => [u, last / tall * u ** -found.power]), "stated");
        p.line([[0, s.target * last / tall], [4, s.target * last / tall]], "other");
        const apart = found.algebraic > 2 * found.geometric ? " They differ by more than a factor of two: the losses so far do not tell." : "";
        return `The loss reaches the target ${say(s.target * last)} after ${say(found.geometric)} more losses if it goes on falling by the same factor from one to the next (solid), and after ${say(found.algebraic)} more if it falls as a power of the time (dashed).${apart}`;
      },
    },
    cooling: {
      x: { range: [0, 1], label: "time over the time given", ticks: [0, 0.5, 1] },
      y: { range: [0.01, 1], log: true, label: "temperature", ticks: [0.01, 0.1, 1] },
      sliders: [
        { name: "time", label: "time given (relaxation times)", min: -1, max: 6, step: 0.5, value: 2, of: two },
        ...[1, 2, 3, 4].map(i => ({ name: `T${i}`, label: `temperature at ${i}/5 of the time`, min: -2, max: 0, step: 0.05, value: -0.4 * i, of: x => 10 ** x }))],
      draw: (s, p) => {
        const knots = [1, s.T1, s.T2, s.T3, s.T4, 0.01], n = 2000;
        const at = (list, u) => { const k = Math.min(Math.floor(u * 5), 4); return list[k] * (list[k + 1] / list[k]) ** (u * 5 - k); };
        const run = list => laws.cooled(grid(0, 1, n).map(u => at(list, u)), s.time);
        const yours = run(knots), exponential = run([0, 1, 2, 3, 4, 5].map(i => 10 ** (-0.4 * i)));
        p.line([[0, 1], [1, 0.01]], "other");
        p.line(grid(0, 1, 100).map(u => [u, at(knots, u)]), "ours");
        return `In one quadratic well your schedule ends at a mean loss of ${yours.loss.toPrecision(2)} and produces ${say(yours.entropy)} nats of entropy. The exponential between the same ends (grey) ends at ${exponential.loss.toPrecision(2)} and produces ${say(exponential.entropy)}.`;
      },
    },
    success: {
      x: { range: [0.1, 100], log: true, label: "tolerance over temperature, βε", ticks: [0.1, 1, 10, 100] },
      y: { range: [0, 1], label: "probability of success", ticks: [0, 0.5, 1] },
      sliders: [
        { name: "parameters", label: "parameters d", min: 0, max: 8, step: 1, value: 5, of: two },
        { name: "tolerance", label: "tolerance over temperature βε", min: -1, max: 2, step: 0.05, value: 1, of: x => 10 ** x }],
      draw: (s, p) => {
        p.line(grid(0.1, 100, 160, true).map(x => [x, laws.promisedSuccess(x)]), "stated");
        p.line(grid(0.1, 100, 160, true).map(x => [x, laws.success(s.parameters, x)]), "ours");
        const right = laws.success(s.parameters, s.tolerance);
        p.dot(s.tolerance, laws.promisedSuccess(s.tolerance), "stated"); p.dot(s.tolerance, right, "ours");
        return `At βε = ${say(s.tolerance)} the document promises success with a probability of ${percent(laws.promisedSuccess(s.tolerance))}. With ${s.parameters} parameter${s.parameters > 1 ? "s" : ""} at equilibrium it is ${percent(right)}.`;
      },
    },
    landscape: {
      x: { range: [-2, 2], label: "w₁ − w₂", ticks: [-2, -1, 0, 1, 2] },
      y: { range: [-2, 2], label: "bias b", ticks: [-2, -1, 0, 1, 2] },
      sliders: [
        { name: "p", label: "w₁ − w₂ at the start", min: -2, max: 2, step: 0.05, value: 0.4 },
        { name: "b", label: "bias at the start", min: -2, max: 2, step: 0.05, value: 0.9 }],
      point: ["p", "b"],
      draw: (s, p) => {
        let at = [s.p / 2, -s.p / 2, s.b], path = [[s.p, s.b]];
        for (let i = 0; i < 300; i++) { at = laws.epoch(at, 0.1); path.push([at[0] - at[1], at[2]]); }
        p.line([[-2, -2], [2, 2]], "other"); p.line([[-2, 2], [2, -2]], "other");
        p.line(path, "ours"); p.dot(1, 0, "measured"); p.dot(-1, 0, "measured"); p.dot(s.p, s.b, "ours");
        const solved = Math.abs(Math.abs(path[300][0]) - 1) < 1e-3 && Math.abs(path[300][1]) < 1e-3;
        return solved ? "This start arrives at a solution: it lies beside the lines |w₁ − w₂| = |b|." : "This start runs into a local minimum: it lies above or below the lines |w₁ − w₂| = |b|.";
      },
    },
  };
})(explorerLaws);

(() => {
  if (typeof document === "undefined") return;
  const W = 460, H = 300, M = { l: 56, r: 22, t: 14, b: 44 };
  const make = (name, attributes, parent, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  };
  const scale = ({ range: [low, high], log }, from, to) => v =>
    from + (log ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low)) * (to - from);
  const inverse = ({ range: [low, high], log }, from, to) => px => {
    const u = (px - from) / (to - from);
    return log ? low * (high / low) ** u : low + u * (high - low);
  };

  const signed = number => `${number}`.replace("-", "−");

  const start = (root, number) => {
    const name = root.dataset.explorer, spec = explorerSpecs[name], given = new URLSearchParams(location.search);
    if (!spec) return;
    const X = scale(spec.x, M.l, W - M.r), Y = scale(spec.y, H - M.b, M.t), clip = `explorer-clip-${number}`;
    const svg = make("svg", { viewBox: `0 0 ${W} ${H}`, role: "img" }, root);
    make("rect", { x: M.l, y: M.t - 8, width: W - M.l - M.r + 8, height: H - M.t - M.b + 10 }, make("clipPath", { id: clip }, svg));
    for (const x of spec.x.ticks) {
      make("line", { x1: X(x), x2: X(x), y1: M.t, y2: H - M.b, class: "explorer-grid" }, svg);
      make("text", { x: X(x), y: H - M.b + 17, "text-anchor": "middle" }, svg, signed(x));
    }
    for (const y of spec.y.ticks) {
      make("line", { x1: M.l, x2: W - M.r, y1: Y(y), y2: Y(y), class: "explorer-grid" }, svg);
      make("text", { x: M.l - 6, y: Y(y) + 4, "text-anchor": "end" }, svg, signed(y));
    }
    make("text", { x: (M.l + W) / 2, y: H - 6, "text-anchor": "middle" }, svg, spec.x.label);
    make("text", { x: 14, y: H / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${H / 2})` }, svg, spec.y.label);
    const drawing = make("g", { "clip-path": `url(#${clip})` }, svg);
    const pen = {
      line: (points, role) => make("path", { d: "M" + points.map(([x, y]) => `${X(x).toFixed(1)},${Y(y).toFixed(1)}`).join("L"), class: `explorer-line explorer-${role}` }, drawing),
      dot: (x, y, role) => make("circle", { cx: X(x), cy: Y(y), r: 5.5, class: `explorer-dot explorer-${role}` }, drawing),
    };
    const words = document.createElement("output");
    words.className = "explorer-words"; words.setAttribute("aria-live", "polite");
    const controls = document.createElement("div");
    controls.className = "explorer-controls";
    const inputs = {}, shown = {};
    for (const slider of spec.sliders) {
      const id = `explorer-${name}-${slider.name}`, label = document.createElement("label"), input = document.createElement("input"), value = document.createElement("output");
      label.htmlFor = id; label.textContent = slider.label;
      Object.assign(input, { type: "range", id, min: slider.min, max: slider.max, step: slider.step, value: given.get(`${name}.${slider.name}`) ?? slider.value });
      controls.append(label, input, value);
      inputs[slider.name] = input; shown[slider.name] = value;
    }
    root.append(controls, words);
    if (spec.text) {
      const label = document.createElement("label"), area = document.createElement("textarea");
      label.textContent = spec.text.label; area.rows = 6; area.value = given.get(`${name}.${spec.text.name}`) ?? spec.text.value;
      label.append(area); label.className = "explorer-text"; root.append(label);
      inputs[spec.text.name] = area;
    }
    const hint = document.createElement("p");
    hint.className = "explorer-hint";
    hint.textContent = `${spec.point ? "Drag the start in the picture, or move the sliders. " : ""}The address of this page keeps what you set.`;
    root.append(hint);
    const draw = () => {
      const state = {};
      for (const slider of spec.sliders) {
        const raw = +inputs[slider.name].value, value = slider.of ? slider.of(raw) : raw;
        state[slider.name] = value;
        const text = signed(Math.abs(value) >= 100 ? value.toFixed(0) : +value.toPrecision(3));
        shown[slider.name].textContent = text; inputs[slider.name].setAttribute("aria-valuetext", text);
      }
      if (spec.text) state[spec.text.name] = inputs[spec.text.name].value;
      drawing.replaceChildren();
      words.textContent = spec.draw(state, pen);
      svg.setAttribute("aria-label", words.textContent);
    };
    const remember = () => {
      const query = new URLSearchParams(location.search);
      for (const key in inputs) query.set(`${name}.${key}`, inputs[key].value);
      history.replaceState(null, "", `${location.pathname}?${query}#${root.id}`);
    };
    for (const key in inputs) { inputs[key].addEventListener("input", draw); inputs[key].addEventListener("change", remember); }
    if (spec.point) {
      const place = event => {
        const box = svg.getBoundingClientRect(), at = { x: (event.clientX - box.left) / box.width * W, y: (event.clientY - box.top) / box.height * H };
        inputs[spec.point[0]].value = inverse(spec.x, M.l, W - M.r)(at.x);
        inputs[spec.point[1]].value = inverse(spec.y, H - M.b, M.t)(at.y);
        draw();
      };
      svg.style.touchAction = "none"; svg.style.cursor = "crosshair";
      svg.addEventListener("pointerdown", event => { svg.setPointerCapture(event.pointerId); place(event); });
      svg.addEventListener("pointermove", event => { if (event.buttons) place(event); });
      svg.addEventListener("pointerup", remember);
    }
    draw();
  };
  document.querySelectorAll("[data-explorer]").forEach(start);
})();
