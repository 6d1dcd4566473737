"use strict";

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; text is always text, never markup. */
function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  return filled(node, attributes, children);
}

/** The same within a drawing. */
function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

/** Set a text or an attribute only where it changes: what stays is not drawn again. */
const write = (node, text) => { if (node.textContent !== text) node.textContent = text; };
const point = (image, source) => { if (image.getAttribute("src") !== source) image.src = source; };

const picture = (base64) => "data:image/webp;base64," + base64;

/** A value in as few digits as tell: 0.0018 is "1.8e-3", 1.234 is "1.23". */
function digits(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size !== 0 && size < 0.01) return value.toExponential(1);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(size < 1 ? 3 : 2);
}

const trackColour = (track) => (track === 0 ? "var(--clip)" : `var(--track${track})`);
