"use strict";
// The piano roll. Each bar is a small picture of its own, so the rows break where the window, or the paper, ends.

const QUARTER = 40, SEMITONE = 8, HEAD = 18, GAP = 10, AXIS = 36; // pixels; GAP is that between two rows, as in the style
const SVG = "http://www.w3.org/2000/svg";

function draw(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// Where each bar begins and ends, in quarter notes; an upbeat comes first and has no number.
function barsOf(melody) {
  const bars = [], first = melody.upbeat ? 0 : 1;
  let start = 0, stop = melody.upbeat || melody.bar;
  while (start < melody.length || !bars.length) {
    bars.push({ number: first + bars.length, start, stop: Math.min(stop, Math.max(melody.length, 1)) });
    start = stop;
    stop += melody.bar;
  }
  return bars;
}

function drawRoll(place, melody, number) {
  const pitches = melody.events.map((event) => event.pitch).filter((pitch) => pitch !== null);
  const low = Math.min(...melody.names.map(([pitch]) => pitch), ...pitches);
  const high = Math.max(...melody.names.map(([pitch]) => pitch), ...pitches);
  const y = (pitch) => HEAD + (high - pitch) * SEMITONE, height = y(low) + SEMITONE;
  const bars = barsOf(melody);
  for (const bar of bars) {
    bar.picture = draw("svg", { width: (bar.stop - bar.start) * QUARTER, height });
    drawGrid(bar, melody, y, height);
    for (const event of melody.events) drawEvent(bar, event, melody, y, height);
    place.append(bar.picture);
  }
  bars.at(-1).picture.append(draw("line", { class: "barline", x1: "100%", x2: "100%", y1: HEAD, y2: height }));
  place.append(axis(melody, y, height, `axis-${number}`));
  return bars;
}

function drawGrid(bar, melody, y, height) {
  const { picture, start, stop } = bar, width = (stop - start) * QUARTER;
  const pitches = melody.names.map(([pitch]) => `M0 ${y(pitch) + SEMITONE / 2}H${width}`);
  const beats = [], first = bar.number ? 0 : melody.upbeat % melody.beat; // in an upbeat counted back from the bar line
  for (let beat = first || melody.beat; beat < stop - start; beat += melody.beat) beats.push(`M${beat * QUARTER} ${HEAD}V${height}`);
  picture.append(draw("path", { class: "beat", d: pitches.concat(beats).join("") }));
  picture.append(draw("path", { class: "barline", d: `M0 ${HEAD}V${height}` }));
  if (bar.number) picture.append(draw("text", { x: 2, y: 13 }, String(bar.number)));
}

// A note is dark in its first step and light while it is held, as its tokens are; a gap parts it from the next.
function drawEvent(bar, event, melody, y, height) {
  const start = Math.max(event.onset, bar.start), stop = Math.min(event.onset + event.quarters, bar.stop);
  if (stop <= start) return;
  const ends = event.onset + event.quarters <= bar.stop;
  const width = (stop - start) * QUARTER, gap = ends ? Math.min(2, width / 2) : 0;
  const box = { x: (start - bar.start) * QUARTER, width: width - gap, y: HEAD, height: height - HEAD };
  const given = event.given ? " given" : "";
  if (event.pitch === null) {
    bar.picture.append(draw("rect", { ...box, class: "rest" }, draw("title", {}, "rest")));
    return;
  }
  Object.assign(box, { y: y(event.pitch), height: SEMITONE });
  const title = draw("title", {}, `${event.name}, ${event.steps} steps`);
  bar.picture.append(draw("rect", { ...box, class: `held${given}` }, title));
  if (event.onset >= bar.start) {
    const first = Math.min(box.width, melody.step * QUARTER);
    bar.picture.append(draw("rect", { ...box, width: first, class: `onset${given}` }));
  }
}

// The names of the pitches at the left of every row: a pattern as high as a row. Names that would collide are left out.
function axis(melody, y, height, id) {
  const pattern = draw("pattern", { id, width: AXIS, height: height + GAP, patternUnits: "userSpaceOnUse" });
  let below = Infinity;
  for (const [pitch, name] of melody.names) {
    const base = y(pitch) + SEMITONE / 2 + 4;
    if (below - base < 12) continue;
    pattern.append(draw("text", { x: AXIS - 5, y: base, "text-anchor": "end" }, name));
    below = base;
  }
  const rows = draw("rect", { width: AXIS, height: "100%", fill: `url(#${id})` });
  return draw("svg", { class: "axis", width: AXIS, "aria-hidden": "true" }, pattern, rows);
}
