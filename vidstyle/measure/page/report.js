"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const moment = makeMoment(data.film.tracks[0].length ? data.numbers.length : 0);
const name = (track) => el("span.name", { style: `--colour: ${trackColour(track)}` }, data.tracks[track]);

function header() {
  return el("header", {},
    el("div.top", {},
      el("div", {}, el("h1", {}, data.title), el("p.soft", {}, data.facts.join(" · "))),
      data.styles.map((style) => el("figure.style", {}, el("img", { src: picture(style.picture), alt: style.label }), el("figcaption", {}, style.label)))),
    data.warnings.map((sentence) => el("p.card.warning", {}, sentence)));
}

function verdictCards() {
  return data.verdicts.map((verdicts, number) => el("section", { "aria-label": "verdict" },
    data.verdicts.length > 1 ? el("h2", {}, name(number + 1)) : null,
    el("div.verdicts", {}, verdicts.map((verdict) =>
      el(`div.card.verdict.${verdict.grade}`, {},
        el("span.hint", {}, verdict.aspect), el("strong", {}, verdict.word), el("p.soft", {}, verdict.sentence))))));
}

/** The film: all tracks side by side, a slider, a button that plays them. */
function player() {
  const images = data.film.tracks.map((track, number) =>
    el("img", { alt: data.tracks[number], width: data.size[0], height: data.size[1], decoding: "sync" }));
  const slider = el("input", { type: "range", min: 0, max: moment.count - 1, value: 0, "aria-label": "frame", oninput: () => { pause(); moment.go(Number(slider.value)); } });
  const label = el("output", { "aria-live": "off" });
  const button = el("button", { type: "button", onclick: () => (timer ? pause() : play()) });
  const step = (by) => () => { pause(); moment.go(moment.now + by * data.film.step); };
  let timer = null, shown = -1;
  const dress = () => { button.textContent = timer ? "❚❚" : "▶"; button.setAttribute("aria-label", timer ? "pause" : "play"); };
  function play() {
    timer = setInterval(() => moment.go((moment.now + data.film.step) % moment.count), (1000 / data.rate) * data.film.step);
    dress();
  }
  function pause() {
    clearInterval(timer);
    timer = null;
    dress();
  }
  dress();
  moment.listen(() => {
    const place = Math.floor(moment.now / data.film.step);
    const shot = data.shots.findIndex(([, stop]) => moment.now < stop) + 1;
    slider.value = moment.now;
    label.textContent = `frame ${data.numbers[moment.now]}, ${(moment.now / data.rate).toFixed(2)} s` + (data.shots.length > 1 ? `, shot ${shot}` : "");
    if (place !== shown) images.forEach((image, track) => { image.src = picture(data.film.tracks[track][place]); });
    shown = place;
  });
  return el("section.card", { id: "player" },
    el("div.panes", { style: `--panes: ${images.length}` },
      images.map((image, track) => el("figure", {}, image, el("figcaption", {}, name(track))))),
    moment.count === 1 ? null : el("div.transport", {},
      button,
      el("button", { type: "button", "aria-label": "one frame back", onclick: step(-1) }, "‹"),
      el("button", { type: "button", "aria-label": "one frame on", onclick: step(1) }, "›"),
      slider, label),
    data.film.step > 1 ? el("p.soft", {}, `The film holds one frame in ${data.film.step}; the curves hold all.`) : null);
}

/** One scanline over time, of each track: steady things draw smooth lines, flicker draws upright stripes. */
function slices() {
  const words = ["upper", "middle", "lower"];
  const images = data.slices.tracks.map((_, track) => el("img", { alt: `x–t slice of ${data.tracks[track]}` }));
  const buttons = words.map((word, row) => el("button", { type: "button", onclick: () => choose(row) }, word));
  function choose(row) {
    images.forEach((image, track) => { image.src = picture(data.slices.tracks[track][row]); });
    buttons.forEach((button, number) => button.setAttribute("aria-pressed", number === row));
  }
  choose(1);
  const strips = images.map((image, track) => {
    const strip = el("div.timeline", { style: "margin-left: 0" }, image, svg("svg", { height: "100%", width: "100%" }, markers(data, moment, "100%")));
    followPointer(strip, moment);
    return el("div.slice", { style: "margin-left: var(--gutter)" }, el("p.soft", {}, name(track)), strip);
  });
  return el("section", { id: "slices" },
    el("h2", {}, "One line over time"),
    el("p.soft", {}, "A line of pixels across the frame; time runs to the right. What is steady draws threads along the motion, as in the clip; flicker draws upright stripes, blur draws smears."),
    el("div.card", { style: "--slice-height: clamp(110px, 20vw, 210px)" },
      el("div.transport", { style: "margin: 0 0 .6rem" }, el("span.soft", {}, "height in the frame"), buttons), strips));
}

function worstPairs() {
  const captions = (pair) => ({
    before: `frame ${data.numbers[pair.place - 1]}`,
    after: `frame ${data.numbers[pair.place]}`,
    error: "difference, along the motion; yellow is a quarter of the range",
    motion: `motion in the clip; full colour is ${digits(pair.fullMotion)} pixels`,
    kept: `compared: ${Math.round(100 * pair.kept)}% (white)`,
  });
  const sections = data.worst.map((pairs, number) => pairs.map((pair) =>
    el("div.card", {},
      el("h3", {}, data.worst.length > 1 ? [name(number + 1), " "] : null, `Frame ${data.numbers[pair.place]}: warp error ${digits(pair.error)}`),
      el("div.pair", {}, Object.entries(captions(pair)).map(([key, caption]) =>
        el("figure", {}, el("img", { src: picture(pair.pictures[key]), alt: caption, width: data.size[0], height: data.size[1] }), el("figcaption", {}, caption)))),
      showInFilm(pair.place))));
  if (!sections.flat().length) return null;
  return el("section", { id: "worst" }, el("h2", {}, "Worst pairs"), el("p.soft", {}, "Where a frame differs most from the one before it."), sections);
}

/** Where the painting changes though the clip rests: the frame that does so most. */
function boiling() {
  const captions = (most) => ({
    before: `frame ${data.numbers[most.place - 1]}`,
    after: `frame ${data.numbers[most.place]}`,
    boil: `change where the clip rests (${Math.round(100 * most.share)}% of it); yellow is a quarter of the range, blue is not compared`,
  });
  const cards = data.boiling.map((most, number) => most && el("div.card", {},
    el("h3", {}, data.boiling.length > 1 ? [name(number + 1), " "] : null, `Frame ${data.numbers[most.place]}: ${most.level.toFixed(1)} of 255`),
    el("div.pair", {}, Object.entries(captions(most)).map(([key, caption]) =>
      el("figure", {}, el("img", { src: picture(most.pictures[key]), alt: caption }), el("figcaption", {}, caption)))),
    showInFilm(most.place))).filter(Boolean);
  if (!cards.length) return null;
  return el("section", { id: "boiling" }, el("h2", {}, "Boil"), el("p.soft", {}, "Where the painting changes though the clip, held still by the camera's motion and in one light, does not: the frame that does so most."), cards);
}

/** Where the style picture's own subject shows: the frame that has most of it, and which part of the picture it is. */
function borrowed() {
  const captions = (most) => ({
    frame: `frame ${data.numbers[most.place]}`,
    inFrame: "lit where it is like the style picture's subject",
    inPicture: "the style picture, lit where it is found again",
  });
  const cards = data.borrowed.map((most, number) => most && el("div.card", {},
    el("h3", {}, data.borrowed.length > 1 ? [name(number + 1), " "] : null, `Frame ${data.numbers[most.place]}: ${Math.round(100 * most.share)}% of the subject`),
    el("div.pair", {}, Object.entries(captions(most)).map(([key, caption]) =>
      el("figure", {}, el("img", { src: picture(most.pictures[key]), alt: caption }), el("figcaption", {}, caption)))),
    showInFilm(most.place))).filter(Boolean);
  if (!cards.length) return null;
  return el("section", { id: "borrowed" }, el("h2", {}, "Borrowed subject"), el("p.soft", {}, "What the style picture shows, rather than how it is painted, and what nothing in the clip is like: the frame that has most of it."), cards);
}

const showInFilm = (place) => el("button", { type: "button", style: "margin-top: .6rem", onclick: () => { moment.go(place); document.getElementById("player").scrollIntoView({ behavior: "smooth" }); } }, "Show in the film");

function table() {
  const rows = [];
  let group = null;
  for (const [title, label, hint, ...values] of data.table) {
    if (title !== group) rows.push(el("tr.group", {}, el("th", { colspan: 1 + values.length }, title)));
    group = title;
    rows.push(el("tr", {}, el("td", {}, label, " ", hint ? el("span.hint", {}, hint) : null), values.map((value) => el("td.number", {}, value))));
  }
  const head = el("tr", {}, el("th", {}), data.tracks.slice(1).map((_, number) => el("th.number", {}, name(number + 1))));
  return el("section", { id: "figures" }, el("h2", {}, "All figures"), el("div.card.scroll", {}, el("table", {}, el("thead", {}, head), el("tbody", {}, rows))));
}

function shotTables() {
  return data.shotTables.map((shots, number) => el("details.card", {},
    el("summary", {}, "Shot by shot", data.shotTables.length > 1 ? [": ", name(number + 1)] : null),
    el("div.scroll", {}, el("table.shots", {},
      el("thead", {}, el("tr", {}, shots.head.map((text, column) => el(`th${column ? ".number" : ""}`, {}, text.replace("· ", "… "))))),
      el("tbody", {}, shots.rows.map((row) => el("tr", {}, row.map((text, column) => el(`td${column ? ".number" : ""}`, {}, text)))))))));
}

function origins() {
  const list = (entries) => el("dl", {}, entries.flatMap(([key, text]) => [el("dt", {}, key), el("dd", {}, text)]));
  return el("section", { id: "origin" },
    el("h2", {}, "Where this comes from"),
    data.origin.map((entries, number) => el("details.card", entries.length ? { open: "" } : {},
      el("summary", {}, "How ", name(number + 1), " was made"),
      entries.length ? list(entries) : el("p.soft", {}, "Its job folder is not there, so its settings are not known."))),
    el("details.card", { open: "" }, el("summary", {}, "How it was measured"), list(data.method)));
}

document.getElementById("page").replaceChildren(...[
  header(), verdictCards(), player(),
  moment.count === 1 ? null : slices(),
  moment.count === 1 ? null : el("section", { id: "curves" }, el("h2", {}, "Over time"), el("p.soft", {}, "Dotted lines are cuts. Point at a curve for its values; press to go there."), el("div.charts", {}, data.charts.map((chart) => drawChart(chart, data, moment)))),
  worstPairs(), boiling(), borrowed(), table(), shotTables(), origins(),
].flat().filter(Boolean));
