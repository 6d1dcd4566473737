"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const jpeg = (base64) => "data:image/jpeg;base64," + base64;
const told = el("p.soft"), list = el("div"), panels = el("div"), strips = el("div"), rows = el("tbody");
// Whatever is at work is shown in one place, which has room for it from the beginning: were it shown within the films'
// cards, these would jump up and down as one ends and the next begins.
const stage = el("section.card.stage", {}, panels, strips), shots = el("section.card.shots", {}, el("table", {}, rows));
const cards = [], works = [], films = [], lines = [];
let latest = null, refreshes = 0;

/** As many nodes in a parent as there are values, made and removed at its end. */
function fit(parent, nodes, count, make) {
  while (nodes.length < count) { const made = make(nodes.length); nodes.push(made); parent.append(made.root); }
  while (nodes.length > count) nodes.pop().root.remove();
}

/** How far a film is: all of it has its place, whatever it says. */
function makeJob() {
  const title = el("h2"), state = el("span.state"), count = el("span.soft"), left = el("strong.left"), link = el("a");
  const bar = el("div.bar", { role: "img" });
  const root = el("section.card.job", {}, title, el("div.line", {}, state, count, left, link), bar);
  const segments = [];
  return { root, show(job) {
    root.className = `card job is-${job.state}`;
    write(title, job.clip === job.name ? job.name : `${job.clip} → ${job.name}`);
    write(state, job.state === "running" && job.note ? job.note : job.state === "running" ? "painting" : job.state);
    write(count, job.total ? `${job.done} of ${job.total} frames` : "");
    write(left, job.left ? `${job.left} left` : "");
    write(link, job.link ? "open it" : "");
    if (job.link) link.href = job.link;
    bar.style.visibility = job.total ? "" : "hidden";
    bar.setAttribute("aria-label", `${job.done} of ${job.total} frames`);
    const shots = job.shots.length ? job.shots : [[job.state, job.done, job.total || 1]];
    fit(bar, segments, shots.length, () => { const inner = el("div"), root = el("div", {}, inner); return { root, inner }; });
    shots.forEach(([state, done, total], place) => {
      segments[place].root.style.flex = `${total} 1 0`;
      segments[place].root.className = `is-${state === "waiting" ? "running" : state}`;
      segments[place].inner.style.width = `${(100 * done) / total}%`;
    });
  } };
}

/** What is at work, and the newest finished frames; what is there stays until there is something newer. */
function showStage(scene) {
  const tallest = Math.max(...scene.jobs.map((job) => (job.size ? job.size[1] / job.size[0] : 0)));
  stage.classList.toggle("alone", scene.jobs.length === 1);
  stage.style.setProperty("--tall", Math.min(Math.max(tallest || 9 / 16, 0.3), 4 / 3));
  const several = scene.jobs.length > 1;
  const at = scene.jobs.flatMap((job) => job.panels.map((panel) => ({ ...panel, of: several ? job.clip : "" })));
  if (at.length || (scene.live && !works.length)) fit(panels, works, Math.max(at.length, works.length, 1), makePanel);
  at.forEach((panel, place) => works[place].show(panel));
  // Of several processes one has ended; between two frames none is at work for a moment.
  if (at.length) works.forEach(({ root }, place) => root.classList.toggle("idle", place >= at.length));
  const filmed = scene.jobs.filter((job) => job.strip.pictures.length), running = filmed.filter((job) => job.state === "running");
  const shown = running.length || films.some((film) => film.has()) ? running : filmed.slice(-1);
  if (shown.length || (scene.live && !films.length)) fit(strips, films, Math.max(shown.length, 1), makeStrip);
  shown.forEach((job, place) => films[place].show(job.strip, several ? job.clip : ""));
  stage.hidden = !(works.length || films.length) || !(several || tallest);
}

/** A moment as the reader's own clock shows it. */
const moment = (iso) => new Date(iso).toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit" });

/** Who is at which shot of which film, or was. */
function showShots(scene) {
  const several = scene.jobs.length > 1;
  const told = scene.jobs.flatMap((job) => (job.rows.length > 1 || job.rows.some((row) => row[3]) ? job.rows : []).map((row) => [several ? job.clip : "", ...row]));
  fit(rows, lines, told.length, () => { const cells = ["film", "shot", "state", "count", "who"].map((name) => el(`td.${name}`)); return { root: el("tr", {}, cells), cells }; });
  told.forEach((row, place) => {
    lines[place].root.className = `is-${row[2]}`;
    row.forEach((text, column) => write(lines[place].cells[column], column === 4 ? text.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, moment) : text));
  });
  shots.hidden = !told.length;
}

/** The frame at work beside the clip's, and its loss. */
function makePanel() {
  const beside = el("img", { alt: "the clip", decoding: "sync", hidden: "" }), painting = el("img", { alt: "the frame at work", decoding: "sync", hidden: "" });
  const of = el("p.of"), title = el("strong"), losses = el("p.losses"), path = svg("path");
  const spark = svg("svg", { class: "spark", viewBox: "0 0 100 20", preserveAspectRatio: "none", role: "img", "aria-label": "the loss so far" }, path);
  const root = el("div.at-work", {}, of, el("div.panes", {}, el("div.pane", {}, beside), el("div.pane", {}, painting)), el("div.under", {}, title, spark, losses));
  return { root, show(panel) {
    for (const [image, source] of [[beside, panel.beside], [painting, panel.painting]]) { point(image, jpeg(source)); image.hidden = false; }
    write(of, panel.of);
    write(title, `${panel.title} at ${panel.size}, ${Math.round(100 * panel.share)}%`);
    const total = panel.losses.reduce((sum, [, value]) => sum + value, 0);
    write(losses, panel.losses.length ? `loss ${digits(total)}: ${panel.losses.map(([name, value]) => `${name} ${digits(value)}`).join(", ")}` : "");
    spark.style.visibility = panel.history.length > 1 ? "" : "hidden";
    path.setAttribute("d", curve(panel.history));
  } };
}

/** A loss over its evaluations, on a logarithmic scale. */
function curve(values) {
  const logs = values.map((value) => Math.log(Math.max(value, 1e-12)));
  const low = Math.min(...logs), high = Math.max(...logs);
  const y = (value) => (high > low ? 19 - (18 * (value - low)) / (high - low) : 10);
  return logs.map((value, place) => `${place ? "L" : "M"}${((100 * place) / Math.max(logs.length - 1, 1)).toFixed(1)} ${y(value).toFixed(1)}`).join("");
}

/** The newest finished frames, played round and round. */
function makeStrip() {
  const image = el("img", { alt: "the newest finished frames", decoding: "sync", hidden: "" }), name = el("span"), of = el("p.of"), title = el("p.title", {}, "No frame is finished yet");
  const button = el("button", { type: "button", onclick: () => { playing = !playing; dress(); } });
  const root = el("div.strip", {}, of, title, el("div.pane", {}, image), el("div.transport", {}, button, name));
  let playing = true, place = 0, shown = { names: [], pictures: [] };
  const dress = () => { button.textContent = playing ? "❚❚" : "▶"; button.setAttribute("aria-label", playing ? "pause" : "play"); };
  dress();
  button.style.visibility = "hidden";
  setInterval(() => {
    if (!playing || shown.pictures.length < 2 || document.hidden) return;
    place = (place + 1) % shown.pictures.length;
    draw();
  }, 110);
  const draw = () => { point(image, jpeg(shown.pictures[place])); image.hidden = false; write(name, shown.names[place]); };
  return { root, has: () => shown.pictures.length > 0, show(strip, film) {
    const at = shown.names[place];
    shown = strip;
    write(of, film);
    const what = strip.beside ? "Newest frames, the clip at their left" : "Newest frames";
    write(title, strip.pictures.length > 1 ? `${what}: ${strip.names[0]} to ${strip.names.at(-1)}` : what);
    place = Math.max(0, strip.names.indexOf(at));
    button.style.visibility = strip.pictures.length < 2 ? "hidden" : "";
    draw();
  } };
}

/** Called by the script beside the page with all that there is to show. */
function take(scene) {
  latest = scene;
  refreshes += 1;
  fit(list, cards, scene.jobs.length, makeJob);
  scene.jobs.forEach((job, place) => cards[place].show(job));
  showStage(scene);
  showShots(scene);
  tell();
}

function tell() {
  // Of what nobody has looked at yet, nobody knows how long it is.
  const total = latest.jobs.every((job) => job.total) ? latest.jobs.reduce((sum, job) => sum + job.total, 0) : 0;
  const done = latest.jobs.reduce((sum, job) => sum + job.done, 0);
  const ended = latest.jobs.filter((job) => job.state === "done").length;
  const when = new Date(1000 * latest.time).toLocaleTimeString();
  const late = latest.live && Date.now() / 1000 - latest.time > 15 * latest.every;
  const parts = [total ? `${Math.floor((100 * done) / total)}%` : "", latest.jobs.length > 1 ? `${ended} of ${latest.jobs.length} done` : "", latest.live && latest.left ? `${latest.left} left for all` : "", latest.live ? (late ? `nothing was heard since ${when}` : `as of ${when}`) : `as it was at ${when}`];
  write(told, parts.filter(Boolean).join(" · "));
  const title = total && latest.live ? `${parts[0]} ${latest.title}` : latest.title;
  if (document.title !== title) document.title = title;
}

/** Read the script anew: a page from the disk may fetch nothing, but a new name is a new script. */
function poll() {
  if (!latest.live) return;
  if (document.hidden) { setTimeout(poll, 500); return; }
  const script = el("script", { src: `${data.script}?${Date.now()}` });
  const again = () => { script.remove(); tell(); setTimeout(poll, 1000 * latest.every); };
  script.onload = again;
  script.onerror = again;
  document.head.append(script);
}

document.getElementById("page").replaceChildren(el("header", {}, el("h1", {}, data.scene.title), told), ...(data.scene.jobs.length > 1 ? [stage, list] : [list, stage]), shots);
take(data.scene);
poll();
