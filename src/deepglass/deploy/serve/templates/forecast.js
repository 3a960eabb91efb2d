// The chart of a forecast: the past that was sent, what follows it, and how sure the model is. Put into index.html.

const SVG = "http://www.w3.org/2000/svg", HEIGHT = 240, LEAST_WIDTH = 260, TICK_WIDTH = 150, LEFT = 62, RIGHT = 14, TOP = 12, BOTTOM = 30;
const PAST_SHARE = 3;                                // horizons of the past that are drawn

function drawn(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// What stands in the text field: {columns: {name: [cell, …]}, times: [text, …] or null}
function pastOf(text, timeColumn) {
  const [head, ...rows] = text.trim().split(/\r?\n/).filter(line => line.trim()).map(cellsOf);
  const columns = Object.fromEntries((head || []).map((name, i) => [name, rows.map(row => row[i] ?? "")]));
  return {columns, times: timeColumn && columns[timeColumn] ? columns[timeColumn] : null};
}

function cellsOf(line) {
  const cells = [];
  let cell = "", isQuoted = false;
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === "," && !isQuoted) { cells.push(cell.trim()); cell = ""; }
    else cell += character;
  }
  return [...cells, cell.trim()];
}

const known = value => typeof value === "number" && Number.isFinite(value);
const numberOf = cell => cell === "" || cell === null ? null : Number(cell);

function forecastFigure(name, answer, past, width) {
  const values = answer.forecast[name], lower = answer.lower?.[name] ?? null, upper = answer.upper?.[name] ?? null;
  const seen = (past.columns[name] || []).map(numberOf).slice(-PAST_SHARE * values.length);
  const times = past.times ? [...past.times.slice(-seen.length || undefined), ...(answer.time || [])] : null;
  const scale = scaleOf([...seen, ...values, ...(lower || []), ...(upper || [])].filter(known), seen.length + values.length, Math.max(LEAST_WIDTH, width));
  const svg = drawn("svg", {viewBox: `0 0 ${scale.width} ${HEIGHT}`, role: "img", "aria-label": described(name, seen, values, lower)});
  svg.append(...valueAxis(scale), ...timeAxis(scale, times, seen.length));
  if (lower && upper) svg.append(drawn("path", {d: bandOf(scale, seen.length, lower, upper), fill: "var(--for)", opacity: .18}));
  for (const part of runsOf(seen)) svg.append(lineOf(scale, part, "var(--soft)"));
  const last = seen.length - 1, joined = last >= 0 && known(seen[last]) ? [[last, seen[last]]] : [];
  svg.append(lineOf(scale, [...joined, ...values.map((v, i) => [seen.length + i, v])], "var(--for)"));
  return make("figure", {}, make("figcaption", {}, name), svg);
}

function scaleOf(values, count, width) {
  const low = Math.min(...values), high = Math.max(...values), room = (high - low || Math.abs(high) || 1) * .06;
  const from = low - room, to = high + room;
  return {from, to, count, width, x: i => LEFT + (width - LEFT - RIGHT) * i / Math.max(1, count - 1), y: v => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (v - from) / (to - from)};
}

function ticksOf(from, to, about) {
  const rough = (to - from) / about, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(n => n * power).find(n => n >= rough);
  const first = Math.ceil(from / step), last = Math.floor(to / step);
  return Array.from({length: Math.max(0, last - first + 1)}, (_, i) => +((first + i) * step).toPrecision(12));
}

function label(x, y, text, anchor) {
  return drawn("text", {x, y, "text-anchor": anchor, fill: "var(--soft)", "font-size": 12}, text);
}

function valueAxis(scale) {
  return ticksOf(scale.from, scale.to, 5).flatMap(value => [
    drawn("line", {x1: LEFT, x2: scale.width - RIGHT, y1: scale.y(value), y2: scale.y(value), stroke: "var(--line)"}),
    label(LEFT - 8, scale.y(value) + 4, value.toLocaleString("en", {maximumSignificantDigits: 6}), "end"),
  ]);
}

// Dates where there are any, else steps counted from the end of the past.
function timeAxis(scale, times, begin) {
  const parts = Math.max(1, Math.min(5, Math.floor(scale.width / TICK_WIDTH)));
  const places = [...new Set(Array.from({length: parts + 1}, (_, i) => Math.round(i * (scale.count - 1) / parts)))];
  const now = scale.x(Math.max(0, begin - .5));
  return [
    drawn("line", {x1: now, x2: now, y1: TOP, y2: HEIGHT - BOTTOM, stroke: "var(--soft)", "stroke-dasharray": "3 4"}),
    ...places.map((place, i) => label(scale.x(place), HEIGHT - 8, times?.[place] !== undefined ? shortTime(times[place]) : stepName(place - begin + 1), i === 0 ? "start" : i === places.length - 1 ? "end" : "middle")),
  ];
}

const shortTime = time => String(time).replace("T", " ").replace(/ 00:00(:00)?$/, "").replace(/(\d\d:\d\d):00$/, "$1");
const stepName = step => step > 0 ? `+${step}` : `${step - 1}`;

function runsOf(values) {
  const runs = [[]];
  values.forEach((value, i) => known(value) ? runs.at(-1).push([i, value]) : runs.push([]));
  return runs.filter(run => run.length);
}

function lineOf(scale, points, stroke) {
  return drawn("polyline", {points: points.map(([i, v]) => `${scale.x(i).toFixed(1)},${scale.y(v).toFixed(1)}`).join(" "), fill: "none", stroke, "stroke-width": 2, "stroke-linejoin": "round", "stroke-linecap": "round"});
}

function bandOf(scale, begin, lower, upper) {
  const there = upper.map((v, i) => `${scale.x(begin + i).toFixed(1)},${scale.y(v).toFixed(1)}`);
  const back = lower.map((v, i) => `${scale.x(begin + i).toFixed(1)},${scale.y(v).toFixed(1)}`).reverse();
  return `M${[...there, ...back].join("L")}Z`;
}

function described(name, seen, values, lower) {
  const range = `${values.length} steps from ${plain(values[0])} to ${plain(values.at(-1))}`;
  return `${name}: after ${seen.length} steps of the past ${range}${lower ? ", with an interval" : ""}`;
}

function keyOfForecast(hasBand) {
  const key = make("div", {className: "key"}, make("span", {}, make("i", {className: "past"}), "the past"), make("span", {}, make("i"), "the forecast"));
  if (hasBand) key.append(make("span", {}, make("i", {className: "band"}), "where the truth is expected"));
  return key;
}
