// An exercise whose answer is a number; a wrong one is told what probably went wrong.

export default {
  render({ model, el }) {
    const question = h("label", { class: "dg-question" }), id = `a${Math.random().toString(36).slice(2)}`;
    question.innerHTML = model.get("question");
    question.htmlFor = id;
    const input = h("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", onkeydown: (event) => { if (event.key === "Enter") judge(); } });
    const verdict = h("div", { class: "dg-verdict", "aria-live": "polite" });
    el.classList.add("dg-widget", "dg-card");
    el.append(h("p", { class: "dg-eyebrow" }, "Check yourself"), question,
      h("div", { class: "dg-buttons" }, input, model.get("unit") ? h("span", {}, model.get("unit")) : null, h("button", { type: "button", class: "dg-main", onclick: judge }, "Check")), verdict,
      ...help("Hint", model.get("hint")), ...help("Solution", model.get("solution")));

    kept(model.get("name"), ({ typed }) => {
      if (!typed || input.value) return;
      input.value = typed;
      judge();
    });

    function help(title, text) {
      if (!text) return [];
      const body = h("div");
      body.innerHTML = text;
      return [h("details", {}, h("summary", {}, title), body)];
    }

    function judge() {
      const typed = input.value.trim().replace(",", ".").replace("−", "-");
      const [top, bottom] = typed.split("/").map(Number), value = bottom === undefined ? top : top / bottom;
      const near = (other) => Math.abs(value - other) <= model.get("tolerance");
      const correct = typed !== "" && near(model.get("right"));
      const slip = model.get("slips").find(([wrong]) => near(wrong));
      verdict.innerHTML = typed === "" || Number.isNaN(value) ? "Write a number: 0.25, or 1/4."
        : correct ? `<b>Right.</b> ${model.get("because")}` : `<b>Not yet.</b> ${slip ? slip[1] : "Look at the hint."}`;
      set(verdict, { class: `dg-verdict shown ${correct ? "good" : "bad"}` });
      if (typed) keep(model.get("name"), { typed: input.value });
      if (correct) el.dispatchEvent(new CustomEvent("deepglass:solved", { detail: model.get("name"), bubbles: true, composed: true }));
    }
  },
};
