"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const jpeg = (base64) => "data:image/jpeg;base64," + base64;
const told = el("p.soft"), list = el("div");
const cards = [];
let latest = null, refreshes = 0;

/** As many nodes in a parent as there are values, made and removed at its end. */
function fit(parent, nodes, count, make) {
  while (nodes.length < count) { const made = make(nodes.length); nodes.push(made); parent.append(made.root); }
  while (nodes.length > count) nodes.pop().root.remove();
}

function makeJob() {
  const title = el("h2"), state = el("span.state"), count = el("span.soft"), left = el("strong.left"), link = el("a");
  const bar = el("div.bar", { role: "img" }), panels = el("div"), strip = makeStrip(), rows = el("tbody");
  const root = el("section.card.job", {}, el("div.line", {}, title, left), el("div.line", {}, el("span", {}, state, " ", count), link), bar, panels, strip.root, el("table", {}, rows));
  const segments = [], works = [], lines = [];
  return { root, show(job) {
    root.className = `card job is-${job.state}`;
    write(title, job.clip === job.name ? job.name : `${job.clip} → ${job.name}`);
    write(state, job.state === "running" && job.note ? job.note : job.state === "running" ? "painting" : job.state);
    write(count, job.total ? `${job.done} of ${job.total} frames` : "");
    write(left, job.left ? `${job.left} left` : "");
    write(link, job.link ? "open it" : "");
    if (job.link) link.href = job.link;
    bar.hidden = !job.total;
    bar.setAttribute("aria-label", `${job.done} of ${job.total} frames`);
    const shots = job.shots.length ? job.shots : [[job.state, job.done, job.total || 1]];
    fit(bar, segments, shots.length, () => { const inner = el("div"), root = el("div", {}, inner); return { root, inner }; });
    shots.forEach(([state, done, total], place) => {
      segments[place].root.style.flex = `${total} 1 0`;
      segments[place].root.className = `is-${state === "waiting" ? "running" : state}`;
      segments[place].inner.style.width = `${(100 * done) / total}%`;
    });
    // Between two frames nothing is at work: the page would jump up and down.
    if (job.panels.length || job.state !== "running" || job.note) fit(panels, works, job.panels.length, makePanel);
    job.panels.forEach((panel, place) => works[place].show(panel));
    strip.show(job.strip);
    const told = job.rows.length > 1 || job.rows.some((row) => row[3]) ? job.rows : [];
    fit(rows, lines, told.length, () => { const cells = [el("td"), el("td"), el("td"), el("td")]; return { root: el("tr", {}, cells), cells }; });
    told.forEach((row, place) => row.forEach((text, column) => write(lines[place].cells[column], text)));
  } };
}

/** The frame at work beside the clip's, and its loss. */
function makePanel() {
  const beside = el("img", { alt: "the clip", decoding: "sync" }), painting = el("img", { alt: "the frame at work", decoding: "sync" });
  const title = el("strong"), size = el("span"), losses = el("span"), path = svg("path");
  const spark = svg("svg", { class: "spark", viewBox: "0 0 100 20", preserveAspectRatio: "none", role: "img", "aria-label": "the loss so far" }, path);
  const root = el("div.at-work", {}, el("div.panes", {}, el("figure", {}, beside), el("figure", {}, painting)), el("div.under", {}, el("span", {}, title, " ", size), spark, losses));
  return { root, show(panel) {
    point(beside, jpeg(panel.beside));
    point(painting, jpeg(panel.painting));
    write(title, panel.title);
    write(size, `at ${panel.size}, ${Math.round(100 * panel.share)}%`);
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
  const image = el("img", { alt: "the newest finished frames", decoding: "sync" }), name = el("span"), count = el("span"), title = el("strong");
  const button = el("button", { type: "button", onclick: () => { playing = !playing; dress(); } });
  const root = el("div.strip", {}, el("div.under", {}, title, count), image, el("div.transport", {}, button, name));
  let playing = true, place = 0, shown = { names: [], pictures: [] };
  const dress = () => { button.textContent = playing ? "❚❚" : "▶"; button.setAttribute("aria-label", playing ? "pause" : "play"); };
  dress();
  setInterval(() => {
    if (!playing || shown.pictures.length < 2 || document.hidden) return;
    place = (place + 1) % shown.pictures.length;
    draw();
  }, 110);
  const draw = () => { point(image, jpeg(shown.pictures[place])); write(name, shown.names[place]); };
  return { root, show(strip) {
    const at = shown.names[place];
    shown = strip;
    root.hidden = !strip.pictures.length;
    if (root.hidden) return;
    write(title, strip.beside ? "Newest frames, the clip at their left" : "Newest frames");
    place = Math.max(0, strip.names.indexOf(at));
    write(count, strip.pictures.length > 1 ? `${strip.names[0]} to ${strip.names.at(-1)}` : "");
    button.hidden = strip.pictures.length < 2;
    draw();
  } };
}

/** Called by the script beside the page with all that there is to show. */
function take(scene) {
  latest = scene;
  refreshes += 1;
  fit(list, cards, scene.jobs.length, makeJob);
  scene.jobs.forEach((job, place) => cards[place].show(job));
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

document.getElementById("page").replaceChildren(el("header", {}, el("h1", {}, data.scene.title), told), list);
take(data.scene);
poll();
