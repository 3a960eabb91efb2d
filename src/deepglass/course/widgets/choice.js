// A question with options: a guess that is kept until the reader commits to it, or an exercise that is judged at once.

export default {
  render({ model, el }) {
    const several = model.get("several"), isGuess = model.get("kind") === "guess", group = `q${Math.random().toString(36).slice(2)}`;
    const inputs = model.get("options").map((_, i) => h("input", { type: several ? "checkbox" : "radio", name: group, value: i, onchange: () => { commit.disabled = false; if (!isGuess) clear(); } }));
    const labels = model.get("options").map((option, i) => {
      const text = h("span", { class: "dg-option" });
      text.innerHTML = option;
      return h("label", {}, inputs[i], text);
    });
    const commit = h("button", { type: "button", class: "dg-main", disabled: true, onclick: decide }, isGuess ? "That is my guess" : "Check");
    const verdict = h("div", { class: "dg-verdict", "aria-live": "polite" });
    const question = h("legend");
    question.innerHTML = model.get("question");
    el.classList.add("dg-widget", "dg-card", isGuess ? "dg-guess" : "dg-choice");
    el.append(h("p", { class: "dg-eyebrow" }, isGuess ? "Guess first" : "Check yourself"),
      h("fieldset", {}, question, h("div", { class: model.get("options").some((o) => o.includes("<svg")) ? "dg-options pictures" : "dg-options" }, labels)), commit, verdict);

    const chosen = () => inputs.flatMap((input, i) => (input.checked ? [i] : []));
    const clear = () => { verdict.replaceChildren(); labels.forEach((label) => set(label, { class: "" })); };

    function decide() {
      keep(model.get("name"), { chosen: chosen() });
      settle(chosen());
    }

    function settle(mine) {
      model.set("chosen", mine);
      model.set("committed", true);
      model.save_changes();
      isGuess ? reveal() : judge();
    }

    function reveal() {
      inputs.forEach((input, i) => { input.checked = model.get("chosen").includes(i); input.disabled = true; });
      labels.forEach((label, i) => set(label, { class: model.get("chosen").includes(i) ? "mine" : "" }));
      commit.hidden = true;
      verdict.innerHTML = model.get("reveal");
      verdict.classList.add("shown");
      tell(model.get("name"), { committed: true, chosen: model.get("chosen") });
      document.documentElement.classList.add("dg-guessed"); // what waited for the guess is uncovered
    }

    function judge() {
      const right = model.get("right"), mine = chosen(), correct = right.length === mine.length && mine.every((i) => right.includes(i));
      clear();
      mine.forEach((i) => set(labels[i], { class: right.includes(i) ? "good" : "bad" }));
      const missing = correct || mine.some((i) => !right.includes(i)) ? "" : " Something is missing still.";
      const reasons = mine.map((i) => model.get("because")[i]).filter(Boolean);
      verdict.innerHTML = `<b>${correct ? "Right." : "Not yet."}</b> ${reasons.join(" ")}${missing}`;
      set(verdict, { class: `dg-verdict shown ${correct ? "good" : "bad"}` });
      if (correct) el.dispatchEvent(new CustomEvent("deepglass:solved", { detail: model.get("name"), bubbles: true, composed: true }));
    }

    if (isGuess && model.get("committed")) reveal();
    kept(model.get("name"), ({ chosen: before }) => {
      if (!Array.isArray(before) || model.get("committed") || chosen().length || before.some((i) => !inputs[i])) return;
      before.forEach((i) => { inputs[i].checked = true; });
      commit.disabled = false;
      settle(before);
    });
  },
};
