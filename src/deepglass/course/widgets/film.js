// Pictures drawn in Python, shown one after the other: alive without a kernel, to be held and gone through by hand.

export default {
  render({ model, el }) {
    let at = 0, since = 0, playing = model.get("playing") && !wantsRest();
    const stage = h("div", { class: "dg-stage" }), words = h("p", { class: "dg-facts", "aria-live": "off" });
    const slider = h("input", { type: "range", min: 0, "aria-label": model.get("label") || "Go through the pictures", oninput: () => { touched = true; stop(); show(Number(slider.value)); } });
    const play = playButton(() => playing, () => { playing = !playing; if (playing && !model.get("loops") && at === frames().length - 1) at = 0; });
    let guessed = !model.get("waits_for");
    const frames = () => (guessed ? model.get("frames") : model.get("frames").slice(0, model.get("held")));
    const isDrawn = () => model.get("is_drawn") !== false || (!guessed && frames().length === model.get("held"));
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
      if (last && !isDrawn()) return; // more are on their way
      if (!playing || since < model.get("seconds") * (last ? 3 : 1)) return; // the last picture stays a while
      since = 0;
      if (!last) show(at + 1);
      else if (model.get("loops")) show(0);
      else stop();
    }

    /** Whoever wants rest sees the last picture, as soon as there is one. */
    function settle() {
      el.setAttribute("aria-busy", String(!isDrawn()));
      show(!wantsRest() || touched ? at : frames().length - 1);
    }

    model.on("change:frames", settle);
    model.on("change:is_drawn", settle);
    settle();
    const unfollow = follow(model.get("waits_for"), ({ committed }) => { guessed ||= committed; settle(); });
    const end = whileSeen(el, frame);
    return () => { unfollow(); end(); };
  },
};
