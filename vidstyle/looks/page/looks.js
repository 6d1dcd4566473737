"use strict";

let data = JSON.parse(document.getElementById("data").textContent);
const title = (place) => (place === null ? "the clip" : data.cells[place].words.join(" · "));
const source = (place, frame) => picture((place === null ? data.clip : data.cells[place].pictures)[frame] ?? data.clip[frame]);
const TELL = "tell=";
/** What is compared: the look that was pressed last, what is beside it (null: the clip), and the frame. */
const chosen = { look: 0, beside: null, frame: 0 };

function copy(text, button) {
  const say = (words) => { button.textContent = words; setTimeout(() => { button.textContent = "Copy"; }, 1500); };
  const byHand = () => {
    const area = el("textarea", { "aria-hidden": "true", style: "position: fixed; opacity: 0" }, text);
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    say(done ? "Copied" : "Select it");
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => say("Copied"), byHand);
  else byHand();
}

function pane() {
  const image = el("img", { width: data.size[0], height: data.size[1], decoding: "sync" });
  const words = el("strong"), foot = el("div.pane-foot", {}, words);
  return { image, words, foot, figure: el("figure", {}, image, foot) };
}

const left = pane(), right = pane();
const keep = el("button", { type: "button", onclick: () => { chosen.beside = chosen.look; show(); } }, "Keep it beside");
const back = el("button", { type: "button", onclick: () => { chosen.beside = null; show(); } }, "Show the clip");
left.foot.append(back);
right.foot.append(keep);
const commands = el("div.commands"), facts = el("p.soft");
const unfinished = el("p.card.warning", {}, "It is still being painted: what there is of each look is shown as it comes.");
const tabs = data.frames.map((name, frame) => el("button", { type: "button", onclick: () => { chosen.frame = frame; show(); } }, name));
const thumbs = data.cells.map((_, place) => {
  const image = el("img", { width: data.size[0], height: data.size[1], alt: "" });
  const button = el("button.look", { type: "button", onclick: () => choose(place) },
    image, el("span", {}, el("b", {}, place + 1), title(place)));
  return { button, image };
});

function choose(place) {
  chosen.look = place;
  show();
  const box = document.getElementById("compare").getBoundingClientRect();
  if (box.bottom < 0 || box.top < 0) document.getElementById("compare").scrollIntoView({ behavior: "smooth" });
}

function command(place) {
  const text = data.cells[place].command;
  const button = el("button", { type: "button", "aria-label": `copy the command of ${title(place)}` }, "Copy");
  button.addEventListener("click", () => copy(text, button));
  return el("div.command", {}, el("code", {}, text), button);
}

function show() {
  for (const [side, place] of [[left, chosen.beside], [right, chosen.look]]) {
    point(side.image, source(place, chosen.frame));
    side.image.alt = title(place);
    write(side.words, title(place));
  }
  back.hidden = chosen.beside === null;
  keep.hidden = chosen.beside === chosen.look || data.cells.length < 2;
  thumbs.forEach(({ button, image }, place) => {
    point(image, source(place, chosen.frame));
    button.classList.toggle("waiting", !data.cells[place].pictures[0]);
    button.setAttribute("aria-pressed", place === chosen.look);
    button.classList.toggle("beside", place === chosen.beside);
  });
  tabs.forEach((tab, frame) => tab.setAttribute("aria-pressed", frame === chosen.frame));
  const shown = [...new Set([chosen.beside, chosen.look])].filter((place) => place !== null);
  if (shown.join() !== commands.dataset.shown) commands.replaceChildren(...shown.map(command));
  commands.dataset.shown = shown.join();
  write(facts, data.facts.join(" · "));
  unfinished.hidden = data.finished;
}

/** While looks are painted the page is written anew. From the disk nothing may be fetched, but a page may show another
 * one, which is the same by now, hidden, and be told by it what it holds. */
function follow() {
  if (data.finished) return;
  if (document.hidden) { setTimeout(follow, 500); return; }
  const other = el("iframe", { src: `${location.pathname}?${TELL}${Date.now()}`, style: "display: none", tabindex: "-1", "aria-hidden": "true" });
  const again = (news) => {
    if (news && news.source !== other.contentWindow) return;
    clearTimeout(late);
    removeEventListener("message", again);
    other.remove();
    if (news) { data = news.data; show(); }
    setTimeout(follow, 1000);
  };
  const late = setTimeout(again, 10000);
  addEventListener("message", again);
  document.body.append(other);
}

document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -data.columns, ArrowDown: data.columns }[event.key];
  if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
  const next = chosen.look + step;
  if (next < 0 || next >= data.cells.length) return;
  event.preventDefault();
  chosen.look = next;
  show();
});

if (location.search.startsWith(`?${TELL}`) && parent !== window) parent.postMessage(data, "*");
else {
  document.getElementById("page").replaceChildren(
    el("header.top", {},
      el("div", {}, el("h1", {}, data.title), facts),
      data.styles.map((style) => el("figure.style", {}, el("img", { src: picture(style.picture), alt: style.name }), el("figcaption", {}, style.name)))),
    unfinished,
    el("section.card", { id: "compare" },
      ...(tabs.length > 1 ? [el("div.frames", {}, tabs)] : []),
      el("div.panes", {}, left.figure, right.figure),
      el("p.soft", {}, "This paints the film so, in its own size:"), commands),
    el("h2", {}, "Looks"),
    el("p.soft", {}, "Press one to see it large. Keep it beside, and press another to compare the two. The arrow keys go from one to the next."),
    el("div.looks", { style: `--columns: ${data.columns}` }, thumbs.map(({ button }) => button)));
  show();
  follow();
}
