// The pages of runs and data: ask, show, follow. Every question carries the key of the page, which no other page knows.

const { kind, path, folder } = document.body.dataset;
const key = document.querySelector('meta[name="deepglass-key"]').content;
const at = (id) => document.getElementById(id);
const BUSY = ["preparing", "learning", "judging"];

async function ask(name, what) {
  const answer = await fetch(`/see/ask/${name}`, { method: "POST", headers: { "content-type": "application/json", "x-deepglass-key": key }, body: JSON.stringify(what) });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.error), { status: answer.status });
  return told;
}

function trouble(error) {
  const line = at("trouble");
  line.hidden = !error;
  line.textContent = !error ? "" : error instanceof TypeError ? "The course does not answer: start `deepglass see` again." : error.message;
}

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child != null));
  return node;
}

const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`);
const fields = (form) => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));

// -- choose ------------------------------------------------------------------------------------------------------

async function list(where) {
  const found = await ask("folder", { path: where });
  if (found.kind !== "folder") { location.href = found.address; return; }
  at("path").value = found.path;
  const link = (name, target, word) => {
    const a = element("a", { href: target.kind === "folder" ? "#" : `/see/at${target.path.split("/").map(encodeURIComponent).join("/")}` }, name, word && element("span", { class: "kind" }, word));
    if (target.kind === "folder") a.addEventListener("click", (event) => { event.preventDefault(); show(target.path); });
    return element("li", {}, a);
  };
  const words = { folder: "folder", run: "run", data: "" };
  const rows = found.entries.map((entry) => link(entry.name, entry, words[entry.kind]));
  if (found.up) rows.unshift(link("..", { kind: "folder", path: found.up }, "up"));
  if (found.entries.length) rows.push(element("li", {}, element("a", { href: `/see/at${found.path.split("/").map(encodeURIComponent).join("/")}` }, "This folder as data", element("span", { class: "kind" }, "pictures, texts, boxes"))));
  if (found.left) rows.push(element("li", { class: "soft" }, `and ${found.left} more: type the path`));
  at("entries").replaceChildren(...rows);
}

const show = (where) => list(where).then(() => trouble(), trouble);

function choose() {
  at("open").addEventListener("submit", (event) => { event.preventDefault(); show(at("path").value); });
  show(folder);
}

// -- data --------------------------------------------------------------------------------------------------------

async function look() {
  const form = at("train");
  const command = () => {
    const words = Object.entries(fields(form)).filter(([, value]) => value).map(([name, value]) => `--${name} ${quoted(value)}`);
    at("command").textContent = ["deepglass train", quoted(path), ...words].join(" ");
  };
  form.addEventListener("input", command);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try { location.href = (await ask("train", { path, ...fields(form) })).address; } catch (error) { trouble(error); button.disabled = false; }
  });
  try {
    const found = await ask("data", { path });
    const size = Object.entries(found.size).map(([what, count]) => `${count.toLocaleString("en")} ${what.replaceAll("_", " ")}`).join(", ");
    at("looking").textContent = [found.kind, size, found.task && `task: ${found.task}`].filter(Boolean).join(" · ");
    for (const name of found.targets) form.elements.target.append(element("option", { value: name }, name));
    const notes = (title, lines, kind) => (lines.length ? element("section", {}, element("h2", {}, title), element("ul", { class: `notes ${kind}` }, ...lines.map((line) => element("li", {}, line)))) : null);
    const body = element("div", {});
    body.innerHTML = found.html; // made and escaped by the course
    at("found").replaceChildren(...[notes("What to look at", found.warnings, "warnings"), notes("Guessed", found.guesses, "guesses"), body].filter(Boolean));
    at("training").hidden = false;
    command();
  } catch (error) {
    at("looking").textContent = "It cannot be read.";
    trouble(error);
  }
}

// -- a run -------------------------------------------------------------------------------------------------------

async function open(section) {
  const shown = section.querySelector(".shown"), form = section.querySelector(".asks");
  const asked = (section.asked = (section.asked ?? 0) + 1);
  shown.setAttribute("aria-busy", "true");
  if (form && !shown.textContent) shown.textContent = "Computing …";
  try {
    const found = await ask("panel", { path, name: section.dataset.name, ...(form ? fields(form) : {}) });
    if (asked === section.asked) shown.innerHTML = found.html; // made and escaped by the course
  } catch (error) {
    if (asked === section.asked) shown.replaceChildren(element("p", { class: "dg-none" }, error.message));
  }
  if (asked === section.asked) shown.removeAttribute("aria-busy");
}

const time = (seconds) => (seconds == null ? "" : seconds < 60 ? `${seconds.toFixed(seconds < 10 ? 1 : 0)} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s` : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`);

function tell(now) {
  const number = (value, digits = 4) => (value == null ? "" : Number(value.toPrecision(digits)).toLocaleString("en", { maximumSignificantDigits: digits }));
  at("stage").setAttribute("aria-busy", String(BUSY.includes(now.name)));
  const said = now.sentence ? `: ${now.sentence}` : "";
  const words = `It ${now.words}${BUSY.includes(now.name) ? "" : said}`;
  if (at("words").textContent !== words) at("words").textContent = words;
  if (now.about) at("about").textContent = now.about;
  at("progress").hidden = !now.total_steps;
  if (now.total_steps) at("progress").value = Math.min(1, now.step / now.total_steps);
  const facts = { epoch: now.epoch || "", step: now.total_steps ? `${now.step.toLocaleString("en")} of ${now.total_steps.toLocaleString("en")}` : "", loss: number(now.loss), pace: now.examples_per_second ? `${number(now.examples_per_second, 3)} examples/s` : "", learnt: now.seconds ? `for ${time(now.seconds)}` : "", left: now.name === "learning" && now.seconds_left != null ? `about ${time(now.seconds_left)}` : "" };
  at("numbers").replaceChildren(...Object.entries(facts).filter(([, value]) => value !== "").map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, String(value)))));
  at("stop").hidden = !now.can_stop;
  at("resume").hidden = !now.can_resume;
  at("told").hidden = !now.told;
  at("told").textContent = now.told ?? "";
  const command = now.can_resume ? now.resume : now.command;
  at("same").hidden = !command;
  at("command").textContent = command;
}

async function follow() {
  let stamp = null, pause = 1000;
  for (;;) {
    try {
      const now = await ask("stage", { path });
      trouble();
      tell(now);
      if (stamp !== now.stamp) for (const section of document.querySelectorAll("[data-quick]")) open(section);
      stamp = now.stamp;
      pause = BUSY.includes(now.name) ? 1000 : 4000;
    } catch (error) {
      trouble(error);
      at("words").textContent = error.status === 404 ? "It is not there." : "…";
      for (const id of ["stop", "resume", "progress"]) at(id).hidden = true;
      pause = 4000;
    }
    await new Promise((done) => setTimeout(done, pause));
    if (document.hidden) await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
  }
}

function watch() {
  for (const name of ["stop", "resume"]) {
    at(name).addEventListener("click", async () => {
      at(name).disabled = true;
      try { at("words").textContent = (await ask(name, { path })).said; } catch (error) { trouble(error); }
      at(name).disabled = false;
      at(name).hidden = true;
    });
  }
  for (const section of document.querySelectorAll(".panel")) {
    section.querySelector(".asks")?.addEventListener("submit", (event) => { event.preventDefault(); open(section); });
    for (const button of section.querySelectorAll("button.code")) {
      button.addEventListener("click", async () => {
        const behind = section.querySelector(".behind"), is_open = button.getAttribute("aria-expanded") === "true";
        for (const other of section.querySelectorAll("button.code")) other.setAttribute("aria-expanded", "false");
        behind.hidden = is_open;
        if (is_open) return;
        button.setAttribute("aria-expanded", "true");
        try { behind.innerHTML = (await ask("code", { topic: button.dataset.topic })).html; } catch (error) { behind.textContent = error.message; }
      });
    }
  }
  follow();
}

({ choose, data: look, run: watch })[kind]?.();
