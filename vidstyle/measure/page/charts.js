"use strict";

const CHART_HEIGHT = 132;

/**
 * The frame that all of the page shows, and the one that the pointer is at; whoever draws one of them listens.
 * `moment.now` and `moment.hover` are positions among the measured frames, from 0; `hover` may be null.
 */
function makeMoment(count) {
  const listeners = [];
  const moment = {
    now: 0,
    hover: null,
    count,
    listen(listener) { listeners.push(listener); listener(moment); },
    go(place) {
      moment.now = Math.min(Math.max(Math.round(place), 0), count - 1);
      for (const listener of listeners) listener(moment);
    },
    point(place) {
      moment.hover = place;
      for (const listener of listeners) listener(moment);
    },
  };
  return moment;
}

/** Let a strip, as wide as time is long, set the moment: hovering points, pressing and dragging goes there. */
function followPointer(strip, moment) {
  const place = (event) => {
    const box = strip.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return Math.min(Math.max(Math.floor(share * moment.count), 0), moment.count - 1);
  };
  strip.addEventListener("pointermove", (event) => {
    moment.point(place(event));
    if (event.buttons) moment.go(place(event));
  });
  strip.addEventListener("pointerleave", () => moment.point(null));
  strip.addEventListener("pointerdown", (event) => moment.go(place(event)));
}

/** Lines across a strip, in per cent of its width: the cuts, the frame shown, the frame pointed at. */
function markers(data, moment, height) {
  const at = (place) => `${(100 * (place + 0.5)) / moment.count}%`;
  const line = (kind, x) => svg("line", { class: kind, x1: x, x2: x, y1: 0, y2: height });
  const group = svg("g");
  for (const [start] of data.shots.slice(1)) {
    const cut = line("cut", `${(100 * start) / moment.count}%`);
    cut.append(svg("title", {}, `cut before frame ${data.numbers[start]}`));
    group.append(cut);
  }
  const now = line("now", "0"), hover = line("hover", "0");
  group.append(hover, now);
  moment.listen(() => {
    for (const [mark, place] of [[now, moment.now], [hover, moment.hover]]) {
      mark.style.display = place === null ? "none" : "";
      if (place !== null) { mark.setAttribute("x1", at(place)); mark.setAttribute("x2", at(place)); }
    }
  });
  return group;
}

/** The least and the greatest of values, of which a long clip has more than a call takes arguments. */
function extent(values) {
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

/** Where values lie between the bottom (0) and the top (1) of a chart, and the values to write beside it. */
function makeScale(kind, values) {
  let [low, high] = extent(values);
  if (kind === "share") [low, high] = [0, 1];
  if (kind === "zero") [low, high] = [0, high * 1.08 || 1];
  if (kind === "about") {
    const room = Math.max((high - low) * 0.1, 0.5);
    [low, high] = [low - room, high + room];
  }
  if (kind === "log" && low > 0) {
    const [bottom, top] = [Math.log10(low / 1.25), Math.log10(high * 1.25)];
    const ticks = [];
    for (let power = Math.floor(bottom); power <= Math.ceil(top); power++) {
      for (const step of top - bottom > 2.5 ? [1] : top - bottom > 0.9 ? [1, 3] : [1, 1.5, 2, 3, 5, 7]) {
        const tick = step * 10 ** power;
        if (Math.log10(tick) >= bottom && Math.log10(tick) <= top) ticks.push(tick);
      }
    }
    return { at: (value) => (Math.log10(Math.max(value, low / 2)) - bottom) / (top - bottom), ticks };
  }
  const rough = (high - low) / 3, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((digit) => digit * power >= rough) * power;
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step / 1e6; tick += step) ticks.push(Math.abs(tick) < step / 1e6 ? 0 : tick);
  return { at: (value) => (value - low) / (high - low), ticks };
}

/** Pieces of a curve: it ends at each cut, and joins what was measured over frames that were not. */
function curvePath(values, data, x, y) {
  const starts = new Set(data.shots.map(([start]) => start));
  let path = "", down = true;
  values.forEach((value, place) => {
    if (starts.has(place)) down = true;
    if (value === null) return;
    path += `${down ? "M" : "L"}${x(place)} ${y(value)}`;
    down = false;
  });
  return path;
}

/** One diagram with its title, its legend, which shows the values of the frame at hand, and its curves. */
function drawChart(chart, data, moment) {
  const known = chart.curves.flatMap((curve) => curve.values.filter((value) => value !== null));
  const scale = makeScale(chart.scale, known);
  const y = (value) => CHART_HEIGHT * (1 - scale.at(value));
  const legend = el("div.legend"), readings = [];
  const drawing = svg("svg", { height: CHART_HEIGHT + 18, role: "img", "aria-label": `${chart.title} over time` });
  for (const tick of scale.ticks) {
    drawing.append(
      svg("line", { class: "grid-line", x1: 0, x2: "100%", y1: y(tick), y2: y(tick) }),
      svg("text", { class: "axis-text", x: -8, y: y(tick) + 4, "text-anchor": "end" }, tickText(tick)),
    );
  }
  // Frames stretch with the page; the strokes must not.
  const curves = svg("svg", { viewBox: `0 0 ${moment.count} ${CHART_HEIGHT}`, preserveAspectRatio: "none", width: "100%", height: CHART_HEIGHT });
  for (const curve of chart.curves) {
    const style = `--colour: ${trackColour(curve.track)}`;
    const path = curvePath(curve.values, data, (place) => place + 0.5, (value) => y(value).toFixed(2));
    curves.append(svg("path", { class: `curve ${curve.role}`, style, d: path, "vector-effect": "non-scaling-stroke" }));
    const reading = el("b");
    readings.push(reading);
    legend.append(el("span", {}, el(`span.name${curve.role === "carried" ? ".dashed" : ""}`, { style }, curve.label), reading));
  }
  drawing.append(
    curves,
    markers(data, moment, CHART_HEIGHT),
    svg("text", { class: "axis-text", x: 0, y: CHART_HEIGHT + 14 }, `frame ${data.numbers[0]}`),
    svg("text", { class: "axis-text", x: "100%", y: CHART_HEIGHT + 14, "text-anchor": "end" }, String(data.numbers.at(-1))),
  );
  const tip = el("div.tip", { hidden: "" });
  const strip = el("div.timeline", {}, drawing, tip);
  followPointer(strip, moment);
  moment.listen(() => {
    const place = moment.hover ?? moment.now;
    const texts = chart.curves.map((curve) => digits(nearest(curve.values, place, data)));
    readings.forEach((reading, number) => { reading.textContent = texts[number]; });
    tip.hidden = !strip.matches(":hover") || moment.hover === null;
    if (!tip.hidden) {
      tip.replaceChildren(el("div.soft", {}, `frame ${data.numbers[place]}`), ...chart.curves.map((curve, number) =>
        el("div", {}, el("span.name", { style: `--colour: ${trackColour(curve.track)}` }, texts[number]))));
      const share = (place + 0.5) / moment.count;
      tip.style.top = "4px";
      tip.style.left = share < 0.5 ? `calc(${100 * share}% + 12px)` : "";
      tip.style.right = share < 0.5 ? "" : `calc(${100 * (1 - share)}% + 12px)`;
    }
  });
  return el("section.card", {}, el("h3", {}, chart.title), el("p.soft", {}, chart.note), legend, strip);
}

/** The value at a place, or the last one measured before it in the same shot. */
function nearest(values, place, data) {
  const [, start] = extent(data.shots.map(([start]) => start).filter((start) => start <= place));
  while (place > start && values[place] === null) place--;
  return values[place];
}

function tickText(tick) {
  const size = Math.abs(tick);
  return size !== 0 && (size < 0.01 || size >= 10000) ? tick.toExponential(0) : String(Number(tick.toPrecision(3)));
}
