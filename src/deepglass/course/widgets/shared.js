// What every widget of the course uses. This file stands in front of each widget's own, so there is no bundler.

const SVG = "http://www.w3.org/2000/svg";

/** An element: h("button", {class: "run", onclick: start}, "Run"). */
function h(tag, attributes = {}, ...children) {
  return dressed(document.createElement(tag), attributes, children);
}

/** An element of a picture: s("circle", {r: 4}). */
function s(tag, attributes = {}, ...children) {
  return dressed(document.createElementNS(SVG, tag), attributes, children);
}

function dressed(node, attributes, children) {
  set(node, attributes);
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

/** Give attributes; functions become listeners, null and false take an attribute away. */
function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.replace(/^on/, ""), value);
    else if (value === null || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : value);
  }
  return node;
}

/** A number as a person writes it: 0.5, −1.25, 12, 0.0062, 3.1e−7. */
function number(x, digits = 2) {
  if (x === null || x === undefined || Number.isNaN(x)) return "–";
  const size = Math.abs(x);
  const text = size !== 0 && (size < 1e-4 || size >= 1e6) ? x.toExponential(1)
    : size < 10 ** -digits ? String(Number(x.toPrecision(2))) : String(Number(x.toFixed(digits)));
  return text.replace(/-/g, "−");
}

const wantsRest = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Call `frame(seconds since the last)` about 60 times a second, while the widget can be seen and nobody asked for rest.
 * Returns a function that ends it.
 */
function whileSeen(element, frame) {
  let seen = false, last = 0, request = 0, ended = false;
  const tick = (now) => {
    request = 0;
    if (ended || !seen) return;
    frame(Math.min(0.1, last ? (now - last) / 1000 : 0));
    last = now;
    request = requestAnimationFrame(tick);
  };
  const observer = new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting;
    last = 0;
    if (seen && !request) request = requestAnimationFrame(tick);
  });
  observer.observe(element);
  return () => { ended = true; observer.disconnect(); cancelAnimationFrame(request); };
}

/** A colour of the page's palette as [r, g, b], for pixels. */
function rgb(element, name) {
  const probe = element.appendChild(h("i", { style: `color: var(${name}); display: none` }));
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  probe.remove();
  return parts.slice(0, 3);
}

/** Call `change` when the page turns from day to night or back. */
function onTheme(change) {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const later = () => setTimeout(change, 60); // after the page has changed its classes
  query.addEventListener("change", later);
  const observer = new MutationObserver(later);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-theme"] });
  return () => { query.removeEventListener("change", later); observer.disconnect(); };
}

/** Random numbers in [0, 1) from a seed (mulberry32), the same on every machine. */
function seeded(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A normal number with mean 0 and deviation 1 (Box and Muller). */
const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

// -- one state, several pictures: a widget tells what it holds under its name, others on the page follow ---------------

const board = (window.deepglassBoard ??= new EventTarget());
board.last ??= {};

function tell(name, state) {
  if (!name) return;
  board.last[name] = state;
  board.dispatchEvent(new CustomEvent(name, { detail: state }));
}

/** Call `listen` with the state of `name` now, if there is one, and at every change; returns a function that ends it. */
function follow(name, listen) {
  if (!name) return () => {};
  const heard = (event) => listen(event.detail);
  board.addEventListener(name, heard);
  if (board.last[name] !== undefined) listen(board.last[name]);
  return () => board.removeEventListener(name, heard);
}

// -- the page's address holds the set-up, so that a teacher can hand it out: …/#moons=<state> --------------------------

function fromAddress(name) {
  try {
    const text = new URLSearchParams(location.hash.slice(1)).get(name);
    return text ? JSON.parse(text) : null;
  } catch {
    return null; // an address that was cut in a mail is no reason to show nothing
  }
}

function toAddress(name, state) {
  const all = new URLSearchParams(location.hash.slice(1));
  all.set(name, JSON.stringify(state));
  history.replaceState(history.state, "", "#" + all.toString());
}

/** A button that toggles play and pause, with `playing()` telling which. */
function playButton(playing, toggle) {
  const button = h("button", { class: "dg-play", type: "button", onclick: () => { toggle(); show(); } });
  const show = () => {
    button.textContent = playing() ? "❚❚ Pause" : "▶ Play";
    button.setAttribute("aria-pressed", String(playing()));
  };
  show();
  button.refresh = show;
  return button;
}

// -- what a reader typed, guessed and solved stays with the reader: the frame around the lesson keeps it ----------------

/** Have something kept under a name of this lesson; nobody does where there is no frame, as in Jupyter. */
function keep(name, what) {
  if (name) document.dispatchEvent(new CustomEvent("deepglass:keep", { detail: { name, what } }));
}

/** Call `use` with what was kept under a name, once it is known; never, if nothing was. */
function kept(name, use) {
  const found = () => { const what = window.deepglassKept?.[name]; if (what) use(what); };
  if (window.deepglassKept) found();
  else document.addEventListener("deepglass:kept", found, { once: true });
}
