// Pictures drawn in Python, shown one after the other: alive without a kernel, to be held and gone through by hand.

export default {
  render({ model, el }) {
    let at = 0, since = 0, playing = model.get("playing") && !wantsRest();
    const stage = h("div", { class: "dg-stage" }), words = h("p", { class: "dg-facts", "aria-live": "off" });
    const slider = h("input", { type: "range", min: 0, "aria-label": model.get("label") || "Go through the pictures", oninput: () => { touched = true; stop(); show(Number(slider.value)); } });
    const play = playButton(() => playing, () => { playing = !playing; if (playing && !model.get("loops") && at === frames().length - 1) at = 0; });
    const frames = () => model.get("frames");
    let touched = false; // by the reader, who then decides what is shown
    const stop = () => { playing = false; play.refresh(); };
    el.classList.add("dg-widget", "dg-film");
    el.append(stage, h("div", { class: "dg-buttons" }, play, slider), words);

    function show(index) {
      at = Math.max(0, Math.min(index, frames().length - 1));
      stage.innerHTML = frames()[at] ?? "";
      set(slider, { max: frames().length - 1, "aria-valuetext": model.get("captions")[at] ?? `picture ${at + 1} of ${frames().length}` });
      slider.value = at;
      words.textContent = model.get("captions")[at] ?? "";
    }

    function frame(seconds) {
      since += seconds;
      const last = at === frames().length - 1;
      if (last && model.get("is_drawn") === false) return; // more are on their way
      if (!playing || since < model.get("seconds") * (last ? 3 : 1)) return; // the last picture stays a while
      since = 0;
      if (!last) show(at + 1);
      else if (model.get("loops")) show(0);
      else stop();
    }

    /** Whoever wants rest sees the last picture, as soon as there is one. */
    function settle() {
      el.setAttribute("aria-busy", String(model.get("is_drawn") === false));
      show(!wantsRest() || touched ? at : frames().length - 1);
    }

    model.on("change:frames", settle);
    model.on("change:is_drawn", settle);
    settle();
    return whileSeen(el, frame);
  },
};
