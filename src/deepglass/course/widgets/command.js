// Commands with their real output: what they said on this machine the last time, and a button to run them again.

export default {
  render({ model, el }) {
    const output = h("pre", { class: "dg-output", tabindex: 0, role: "region", "aria-label": "Output" }), state = h("p", { class: "dg-facts", "aria-live": "polite" });
    const run = h("button", { type: "button", class: "dg-main", onclick: () => { model.set("asked", model.get("asked") + 1); model.save_changes(); run.disabled = true; state.textContent = "Starting …"; } }, "Run it here");
    el.classList.add("dg-widget", "dg-card", "dg-command");
    el.append(h("p", { class: "dg-eyebrow" }, "Run"), ...model.get("commands").map((command) => h("div", { class: "dg-line" }, h("code", {}, command),
      h("button", { type: "button", class: "dg-quiet", "aria-label": `Copy: ${command}`, onclick: copy(command) }, "Copy"))), run, output, state);

    function copy(command) {
      return async (event) => {
        const button = event.currentTarget;
        await navigator.clipboard?.writeText(command).catch(() => {});
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      };
    }

    function show() {
      const { text, seconds, when, running, code } = model.get("record");
      output.hidden = !text;
      output.textContent = text ?? "";
      if (running) output.scrollTop = output.scrollHeight;
      run.hidden = Boolean(model.get("asleep"));
      run.disabled = Boolean(running);
      run.textContent = text && !running ? "Run it again" : "Run it here";
      state.textContent = running ? `Running, ${number(seconds, 0)} s so far …`
        : text ? `${code ? `Ended with exit code ${code} after` : "Took"} ${number(seconds, 1)} s on ${model.get("machine")}, ${when}.`
        : model.get("asleep") ? "Type it where Deepglass is installed." : "";
    }
    model.on("change:record", show);
    show();
  },
};
