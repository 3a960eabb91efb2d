// A few lines of Python to write, checked at once by a test in Python that says what is wrong.

const WORDS = /(#.*$)|("""[\s\S]*?"""|'[^'\n]*'|"[^"\n]*")|\b(def|return|if|elif|else|for|in|while|not|and|or|is|None|True|False|lambda|import|from|as|pass|with|class|raise|assert|yield|break|continue)\b|\b(\d+(?:\.\d*)?(?:e[+-]?\d+)?)\b/gm;

const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

export default {
  render({ model, el }) {
    const under = h("pre", { class: "dg-under-code", "aria-hidden": "true" });
    const editor = h("textarea", { spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-label": `Your code for ${model.get("name")}. Control and Enter checks it; Escape, then Tab leaves the field.` });
    const verdict = h("div", { class: "dg-verdict", "aria-live": "polite" });
    const check = h("button", { type: "button", class: "dg-main", onclick: ask }, "Check");
    const task = h("div", { class: "dg-question" });
    task.innerHTML = model.get("task");
    let free = false, waiting = 0, keeping = 0;
    el.classList.add("dg-widget", "dg-card");
    el.append(h("p", { class: "dg-eyebrow" }, "Check yourself"), task, h("div", { class: "dg-editor" }, under, editor),
      h("p", { class: "dg-given" }, "There already: ", ...model.get("given").flatMap((name, i) => [i ? ", " : "", h("code", {}, name)]), ". Whatever else you need, import."),
      h("div", { class: "dg-buttons" }, check, h("button", { type: "button", class: "dg-quiet", onclick: () => { write(model.get("stub")); } }, "Start over")), verdict,
      help("Hint", model.get("hint")), solution());

    function help(title, text) {
      if (!text) return null;
      const body = h("div");
      body.innerHTML = text;
      return h("details", {}, h("summary", {}, title), body);
    }
    function solution() {
      const code = h("pre", { class: "dg-solution" });
      code.innerHTML = colored(model.get("solution"));
      return h("details", {}, h("summary", {}, "Solution"), code, h("button", { type: "button", onclick: () => write(model.get("solution")) }, "Put it into the field"));
    }

    function colored(code) {
      let html = "", end = 0;
      for (const found of code.matchAll(WORDS)) {
        const kind = ["c", "s", "k", "m"][found.slice(1).findIndex((group) => group !== undefined)];
        html += plain(code.slice(end, found.index)) + `<span class="${kind}">${plain(found[0])}</span>`;
        end = found.index + found[0].length;
      }
      return html + plain(code.slice(end)) + "\n";
    }
    function show() {
      under.innerHTML = colored(editor.value);
      editor.style.height = `${Math.max(4, editor.value.split("\n").length + 1) * 1.55}em`;
    }
    function write(code) { editor.value = code; typed(); editor.focus(); }
    function typed() {
      show();
      clearTimeout(keeping);
      keeping = setTimeout(() => keep(model.get("name"), { code: editor.value }), 700);
    }

    function pressed(event) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { ask(); event.preventDefault(); }
      else if (event.key === "Escape") free = true;
      else if (event.key === "Tab" && !free && !event.shiftKey) { insert("    "); event.preventDefault(); }
      else if (event.key === "Enter") {
        const line = editor.value.slice(0, editor.selectionStart).split("\n").pop();
        insert("\n" + line.match(/^ */)[0] + (line.trimEnd().endsWith(":") ? "    " : ""));
        event.preventDefault();
      } else free = false;
    }
    function insert(text) { editor.setRangeText(text, editor.selectionStart, editor.selectionEnd, "end"); typed(); }

    function ask() {
      if (model.get("asleep")) return say("", "The Python of this exported page sleeps: <code>deepglass see</code> opens the lesson with a test that answers. The solution is below.");
      check.disabled = true;
      say("", "Checking …");
      waiting = setTimeout(() => { check.disabled = false; say("", "No answer yet: has the course been stopped? Reload the page; your code is kept."); }, 120000);
      clearTimeout(keeping);
      keep(model.get("name"), { code: editor.value });
      model.set("code", editor.value);
      model.set("asked", model.get("asked") + 1);
      model.save_changes();
    }
    function say(kind, html) { verdict.innerHTML = html; set(verdict, { class: `dg-verdict shown ${kind}` }); }
    function answered() {
      const { passed, message, printed } = model.get("verdict");
      if (message === undefined) return;
      clearTimeout(waiting);
      check.disabled = false;
      const words = `<b>${passed ? "Right." : "Not yet."}</b> ${plain(message).replace(/`([^`]+)`/g, "<code>$1</code>").replace(/\n/g, "<br>")}`;
      say(passed ? "good" : "bad", words + (printed ? `<pre class="dg-printed" aria-label="What your code printed">${plain(printed)}</pre>` : ""));
      if (passed) el.dispatchEvent(new CustomEvent("deepglass:solved", { detail: model.get("name"), bubbles: true, composed: true }));
    }

    set(editor, { oninput: typed, onkeydown: pressed, onblur: () => { free = false; }, onscroll: () => { under.scrollLeft = editor.scrollLeft; } });
    editor.value = model.get("code") || model.get("stub");
    show();
    model.on("change:verdict", answered);
    const begun = editor.value;
    kept(model.get("name"), ({ code, solved }) => {
      if (code && editor.value === begun) { editor.value = code; show(); }
      if (solved && !verdict.textContent) say("good", "<b>Solved</b> before.");
    });
  },
};
