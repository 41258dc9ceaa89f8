// Curves with their values under the pointer. The lines are stretched with the window, their texts are not.

const DASHES = ["", "8 4", "2 4", "8 3 2 3"];

// Round numbers that divide a span into about so many parts; on a logarithmic scale, powers of ten.
function ticks(low, high, log, about = 5) {
  const rough = (high - low) / about, power = 10 ** Math.floor(Math.log10(rough));
  const step = log ? Math.max(1, Math.round(rough)) : power * [1, 2, 5, 10].find((n) => n * power >= rough * 0.99);
  const found = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; n++) found.push(n * step);
  return found;
}

function short(value) {
  return Math.abs(value) >= 1e5 || (value && Math.abs(value) < 1e-3) ? value.toExponential(1) : String(+value.toPrecision(4));
}

function power(exponent) {
  return "10" + String(exponent).replace(/[-\d]/g, (letter) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(letter)]);
}

function label(className, style, text) {
  const span = Object.assign(document.createElement("span"), { className, textContent: text });
  Object.assign(span.style, style);
  return span;
}

function drawChart(figure) {
  const chart = JSON.parse(figure.dataset.chart), plot = figure.querySelector(".plot");
  const scale = chart.log ? Math.log10 : (value) => value;
  const series = chart.series.map((one) => ({ ...one, points: one.points.filter(([, y]) => y !== null && (!chart.log || y > 0)) }));
  const points = series.flatMap((one) => one.points);
  if (!points.length) return;
  const xs = points.map(([x]) => x), ys = points.map(([, y]) => scale(y));
  const [left, right] = [Math.min(...xs), Math.max(...xs, Math.min(...xs) + 1)];
  const pad = 0.05 * (Math.max(...ys) - Math.min(...ys)) || 0.5;
  const [low, high] = [Math.min(...ys) - pad, Math.max(...ys) + pad];
  const x = (value) => (value - left) / (right - left), y = (value) => (high - scale(value)) / (high - low);

  const picture = draw("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
  for (const tick of ticks(low, high, chart.log)) {
    const at = (high - tick) / (high - low);
    picture.append(draw("path", { class: "grid", d: `M0 ${at}H1` }));
    plot.append(label("y", { top: `${100 * at}%` }, chart.log ? power(tick) : short(tick)));
  }
  for (const tick of ticks(left, right, false, Math.min(10, plot.clientWidth / 60))) {
    plot.append(label("x", { left: `${100 * x(tick)}%` }, short(tick)));
  }
  const every = Math.ceil(chart.marks.length / (plot.clientWidth / 36));
  chart.marks.forEach(([at, text], n) => {
    picture.append(draw("path", { class: "grid", d: `M${x(at)} 0V1` }));
    if (n % every === 0) plot.append(label("mark", { left: `${100 * x(at)}%` }, text));
  });
  plot.append(label("x", { left: "50%", marginTop: "18px" }, chart.x));
  series.forEach((one) => {
    const look = { stroke: `var(--c${(one.color ?? 0) % 7})`, class: one.thin ? "thin" : "", "stroke-dasharray": DASHES[(one.dash ?? 0) % 4] };
    const places = one.points.map(([px, py]) => `${x(px)} ${y(py)}`);
    picture.append(draw("path", { ...look, d: `M${places.join("L")}` }));
    if (one.dots) picture.append(draw("path", { stroke: look.stroke, class: "dots", d: places.map((at) => `M${at}h0`).join("") }));
    figure.querySelector(".legend").append(legend(one, look));
  });
  const guide = picture.appendChild(draw("path", { class: "guide" }));
  plot.prepend(picture);
  readValues(figure, plot, series, [...new Set(xs)].sort((a, b) => a - b), (at) => {
    guide.setAttribute("d", `M${x(at)} 0V1`);
  }, (fraction) => left + fraction * (right - left), chart.x);
}

function legend(one, look) {
  const item = document.createElement("li");
  const line = draw("path", { ...look, d: "M0 5H34" });
  const dot = one.dots ? [draw("path", { stroke: look.stroke, class: "dots", d: "M17 5h0" })] : [];
  item.append(draw("svg", { "aria-hidden": "true" }, line, ...dot), one.name);
  return item;
}

// The values nearest to the pointer; the arrow keys go from one to the next.
function readValues(figure, plot, series, places, guide, at, unit) {
  const output = figure.querySelector(".values");
  let chosen = places.length - 1;
  const show = (n) => {
    chosen = Math.max(0, Math.min(places.length - 1, n));
    guide(places[chosen]);
    const near = series.filter((one) => one.points.length).map((one) => {
      const [x, y, said] = one.points.reduce((a, b) => (Math.abs(b[0] - places[chosen]) < Math.abs(a[0] - places[chosen]) ? b : a));
      return `${one.name}: ${short(y)} (${said || short(x)})`;
    });
    output.value = `${unit} ${short(places[chosen])}. ${near.join("; ")}`;
  };
  plot.onpointermove = (event) => {
    const box = plot.getBoundingClientRect(), wanted = at((event.clientX - box.left) / box.width);
    show(places.reduce((best, place, n) => (Math.abs(place - wanted) < Math.abs(places[best] - wanted) ? n : best), 0));
  };
  plot.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    show(chosen + step);
    event.preventDefault();
  };
}

document.querySelectorAll(".chart").forEach(drawChart);
