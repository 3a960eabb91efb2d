// The frame around a lesson: the way home, to the one before and the one after, and what is done. No lesson writes it.

const here = location.pathname.replace(/index\.html$/, "");
const slug = here.split("/").filter(Boolean).pop();
const told = window.deepglassLesson; // an exported page carries what it needs
const page = told ? "index.html" : "";

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child != null));
  return node;
}

/** Keep what was done: in the reader's file, or for an exported page in the browser. */
async function note(news) {
  if (told) {
    const all = JSON.parse(localStorage.getItem("deepglass-progress") ?? "{}"), today = new Date().toISOString().slice(0, 10);
    const entry = { opened: today, done: null, solved: [], kept: {}, ...all[slug] };
    for (const [name, what] of Object.entries(news.kept ?? {})) entry.kept[name] = { ...entry.kept[name], ...what };
    if ("done" in news) entry.done = news.done ? today : null;
    if (news.solved && !entry.solved.includes(news.solved)) entry.solved.push(news.solved);
    all[slug] = entry;
    localStorage.setItem("deepglass-progress", JSON.stringify(all));
    return entry;
  }
  const answer = await fetch("/api/progress", { method: "POST", keepalive: true, headers: { "content-type": "application/json" }, body: JSON.stringify({ slug, ...news }) });
  return answer.ok ? answer.json() : {};
}

/** A word with its arrow; on a telephone the arrow is enough. */
function arrowed(text) {
  const word = element("span", { class: "word" }, text);
  return text === "Next" ? [word, " →"] : ["← ", word];
}

async function build() {
  const lesson = told ?? (await (await fetch(`/api/lessons/${slug}`)).json());
  const link = (other, text, side) => other && element("a", { href: `../${other.slug}/${page}`, class: side, title: other.title, "aria-label": `${text}: ${other.title}` }, ...arrowed(text));
  const done = element("button", { type: "button", class: "done", "aria-pressed": "false" });
  const bar = element("nav", { class: "dg-frame", "aria-label": "Course" },
    element("a", { href: `../../${page}`, class: "home" }, "Deepglass"),
    element("span", { class: "where" }, `${lesson.number} · ${lesson.title}`),
    element("span", { class: "ways" }, link(lesson.previous, "Previous", "previous"), link(lesson.next, "Next", "next"), done));
  document.body.prepend(bar);

  const show = ({ done: date, solved = [] }) => {
    done.textContent = date ? "Done ✓" : "Mark as done";
    done.setAttribute("aria-pressed", String(Boolean(date)));
    done.title = solved.length ? `Solved: ${solved.join(", ")}` : "";
  };
  done.addEventListener("click", async () => show(await note({ done: done.getAttribute("aria-pressed") !== "true" })));
  document.addEventListener("deepglass:solved", async (event) => show(await note({ solved: event.detail })));
  document.addEventListener("deepglass:keep", ({ detail: { name, what } }) => {
    if (window.deepglassKept) window.deepglassKept[name] = { ...window.deepglassKept[name], ...what }; // for a widget that comes later
    note({ kept: { [name]: what } });
  });
  document.addEventListener("click", (event) => { // what waits for a guess can be seen without one
    if (!event.target.closest?.(".dg-uncover")) return;
    document.documentElement.classList.add("dg-guessed");
    window.deepglassBoard?.dispatchEvent(new CustomEvent("guess", { detail: { committed: true, chosen: [] } }));
  });
  const entry = await note({});
  show(entry);
  giveBack(entry);
}

/** Widgets get back what was typed, guessed and solved in them. */
function giveBack({ kept = {}, solved = [] }) {
  window.deepglassKept = { ...kept };
  for (const name of solved) window.deepglassKept[name] = { ...window.deepglassKept[name], solved: true };
  document.dispatchEvent(new CustomEvent("deepglass:kept"));
}

if (slug) build();
