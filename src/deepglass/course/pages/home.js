// The home page: search while typing, and marks on what was opened and done.

const exported = "exported" in document.body.dataset;
const field = document.getElementById("find"), found = document.getElementById("found"), nothing = document.getElementById("nothing");
const cards = [...document.querySelectorAll("[data-slug]")];

/** Each typed word must occur somewhere in what a lesson says about itself. */
function search() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const card of cards) {
    const fits = words.every((word) => card.dataset.words.includes(word));
    card.hidden = !fits;
    count += fits;
  }
  for (const part of document.querySelectorAll("main section")) part.hidden = !part.querySelector("[data-slug]:not([hidden])");
  nothing.hidden = count > 0;
  found.textContent = words.length ? `${count} of ${cards.length}` : "";
}

async function progress() {
  if (exported) return JSON.parse(localStorage.getItem("deepglass-progress") ?? "{}");
  const answer = await fetch("api/progress");
  return answer.ok ? answer.json() : {};
}

async function mark() {
  const all = await progress();
  for (const card of cards) {
    const { done, opened } = all[card.dataset.slug] ?? {};
    const text = done ? "done" : opened ? "begun" : "";
    card.querySelector(".mark").textContent = text ? ` · ${text}` : "";
    card.classList.toggle("done", Boolean(done));
  }
}

field.addEventListener("input", search);
field.addEventListener("keydown", (event) => {
  const open = cards.filter((card) => !card.hidden);
  if (event.key === "Enter" && open.length) open[0].querySelector("a").click();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== field) { field.focus(); event.preventDefault(); }
});
addEventListener("pageshow", mark); // also when the reader comes back by the browser's own button
