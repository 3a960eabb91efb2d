// Controls of an exported page: every state that Python would make is in files beside the page, read when first wanted.

const dgPage = JSON.parse(document.getElementById("dg-controls").textContent);
const dgPlace = Object.fromEntries(Object.entries(dgPage.controls).map(([name, { at }]) => [name, at]));
const dgFiles = dgPage.groups.map(() => null); // promises of unpacked states
const dgWaiting = {};
const dgBoard = (window.deepglassBoard ??= new EventTarget());
dgBoard.last ??= {};

/** A file of states says who it is; a page on a disk may load scripts, and no data. */
window.deepglassStates = async (number, packed) => {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  dgWaiting[number](JSON.parse(text));
};

function statesOf(number) {
  return (dgFiles[number] ??= new Promise((done, fail) => {
    dgWaiting[number] = done;
    document.head.append(Object.assign(document.createElement("script"), { src: dgPage.groups[number].file, onerror: fail }));
  }));
}

/** A value whose long texts are lists of pieces, whole again. */
function unpacked(value, pieces) {
  if (Array.isArray(value)) return value.map((one) => unpacked(one, pieces));
  if (value === null || typeof value !== "object") return value;
  if (value.$) return value.$.map((i) => pieces[i]).join("");
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, unpacked(one, pieces)]));
}

/** Show what follows from a control; while files are read, only the last wish counts. */
async function follows(name) {
  const wish = JSON.stringify(dgPlace);
  const mine = dgPage.groups.flatMap((group, number) => (group.controls.includes(name) ? [number] : []));
  for (const number of mine.sort((a, b) => dgPage.groups[a].controls.length - dgPage.groups[b].controls.length)) {
    const [pieces, states] = await statesOf(number);
    if (JSON.stringify(dgPlace) !== wish) return;
    const packed = states[dgPage.groups[number].controls.map((one) => dgPlace[one]).join()];
    if (packed) showState(unpacked(packed, pieces));
  }
}

function showState({ cells, changed }) {
  for (const [cell, { html, hosts }] of Object.entries(cells)) {
    const place = document.querySelector(`[data-cell="${cell}"]`);
    place.style.minHeight = `${place.offsetHeight}px`; // no jump while the new pictures come
    place.innerHTML = html;
    window.deepglassHost.wake(place, hosts);
    place.querySelectorAll("[data-control]").forEach(putControl);
    requestAnimationFrame(() => { place.style.minHeight = ""; });
  }
  for (const [host, fields] of Object.entries(changed)) window.deepglassHost.change(host, fields);
}

const fieldsOf = (box) => [...box.querySelectorAll("input, select")];
const positionOf = (field) => (field.type === "checkbox" ? Number(field.checked) : Number(field.value));

/** Bring a control that was drawn anew to where it was, and tell its value. */
function putControl(box) {
  const name = box.dataset.control, at = dgPlace[name], title = dgPage.controls[name].titles[at];
  for (const field of fieldsOf(box)) {
    if (field.type === "checkbox") field.checked = Boolean(at);
    else if (field.type === "radio") field.checked = Number(field.value) === at;
    else field.value = at;
    if (field.type === "range") field.setAttribute("aria-valuetext", title);
  }
  const told = box.querySelector("output");
  if (told) told.textContent = title;
}

document.addEventListener("input", ({ target }) => {
  const box = target.closest("[data-control]");
  if (!box) return;
  dgPlace[box.dataset.control] = positionOf(target);
  document.querySelectorAll(`[data-control="${box.dataset.control}"]`).forEach(putControl);
  follows(box.dataset.control);
});
for (const sign of ["pointerover", "focusin"]) document.addEventListener(sign, ({ target }) => { // ready before the hand moves
  const box = target.closest?.("[data-control]");
  if (box) dgPage.groups.forEach((group, number) => { if (group.controls.includes(box.dataset.control)) statesOf(number); });
});

// A guess is a control too: what was gated by Python comes when it is made.
for (const [name, { board: guess }] of Object.entries(dgPage.controls).filter(([, one]) => one.board)) {
  const heard = ({ committed, chosen }) => {
    if (!committed || dgPlace[name]) return;
    dgPlace[name] = (chosen?.[0] ?? 0) + 1;
    follows(name);
  };
  dgBoard.addEventListener(guess, (event) => heard(event.detail));
  if (dgBoard.last[guess]) heard(dgBoard.last[guess]);
}

// A widget is one as well, as far as its states were counted: what follows from another state says that it is not of it.
const dgWidgets = Object.entries(dgPage.controls).filter(([, one]) => one.host);
const isNear = (a, b) => (typeof a === "number" && typeof b === "number" ? Math.abs(a - b) < 2e-3 : Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((one, i) => isNear(one, b[i])) : a === b);
document.addEventListener("deepglass:set", ({ detail: { host, state } }) => {
  for (const [name, { fields }] of dgWidgets.filter(([, one]) => one.host === host)) {
    const at = fields.findIndex((one) => Object.entries(one).every(([field, value]) => isNear(value, state[field])));
    for (const { cells } of dgPage.groups.filter(({ controls }) => controls.includes(name))) markStale(cells, at < 0);
    if (at < 0 || at === dgPlace[name]) continue;
    dgPlace[name] = at;
    follows(name);
  }
});

function markStale(cells, isStale) {
  for (const cell of cells) {
    const place = document.querySelector(`[data-cell="${cell}"]`);
    if (!isStale) place?.querySelector(":scope > .dg-stale")?.remove();
    else if (place && !place.querySelector(":scope > .dg-stale")) place.prepend(Object.assign(document.createElement("p"), { className: "dg-stale", textContent: "This is of the last prepared state. In the running course (deepglass see) it follows your hand." }));
  }
}
