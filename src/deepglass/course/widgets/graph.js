// A computational graph that plays: values run forward one operation at a time, then gradients run back.

const BOX = { wide: 112, high: 62, gapX: 30, gapY: 14 };

export default {
  render({ model, el }) {
    let at = 0, since = 0, playing = !wantsRest(), asked = -1;
    const picture = s("svg", { role: "group", class: "dg-graph", "aria-label": model.get("label") || "A computational graph" });
    const stage = h("div", { class: "dg-scroll", tabindex: 0, role: "region", "aria-label": "The graph; scrolls sideways" }, picture);
    const words = h("p", { class: "dg-facts", "aria-live": "polite" });
    const slider = h("input", { type: "range", min: 0, "aria-label": "Step of the computation", oninput: () => { stop(); show(Number(slider.value)); } });
    const play = playButton(() => playing, () => { playing = !playing; });
    const stop = () => { playing = false; play.refresh(); };
    el.classList.add("dg-widget");
    el.append(stage, h("div", { class: "dg-buttons" }, play,
      h("button", { type: "button", onclick: () => { stop(); show(at - 1); } }, "Back"),
      h("button", { type: "button", onclick: () => { stop(); show(at + 1); } }, "Step"), slider), words);
    let nodes = [], boxes = [], arrows = [];

    /** An operation stands right of all its inputs, an input just before its first use. */
    function columns() {
      const column = [];
      nodes.forEach((node, i) => { column[i] = Math.max(-1, ...node.inputs.map((j) => column[j])) + 1; });
      nodes.forEach((node, i) => {
        const users = nodes.flatMap((other, k) => (other.inputs.includes(i) ? [column[k]] : []));
        if (!node.inputs.length && users.length) column[i] = Math.min(...users) - 1;
      });
      return column;
    }

    function build() {
      nodes = model.get("nodes");
      const column = columns(), count = Math.max(0, ...column) + 1;
      const rows = Array.from({ length: count }, (_, c) => nodes.map((_, i) => i).filter((i) => column[i] === c));
      const most = Math.max(1, ...rows.map((row) => row.length)), high = most * (BOX.high + BOX.gapY);
      const places = [];
      rows.forEach((row, c) => row.forEach((i, r) => { places[i] = [8 + c * (BOX.wide + BOX.gapX), (high * (r + 0.5)) / row.length - BOX.high / 2 + 4]; }));
      const wide = 16 + count * (BOX.wide + BOX.gapX) - BOX.gapX;
      set(picture, { viewBox: `0 0 ${wide} ${high + 8}`, style: `min-width: ${Math.min(wide, Math.max(300, wide * 0.72))}px; max-width: ${wide * 1.15}px` });
      arrows = nodes.flatMap((node, k) => node.inputs.map((j) => {
        const [x1, y1] = [places[j][0] + BOX.wide, places[j][1] + BOX.high / 2], [x2, y2] = [places[k][0], places[k][1] + BOX.high / 2], middle = (x1 + x2) / 2;
        return { from: j, to: k, path: s("path", { d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`, class: "dg-arrow" }) };
      }));
      boxes = nodes.map((node, i) => {
        const [x, y] = places[i], value = s("text", { x: x + 10, y: y + 37, class: "value" }), gradient = s("text", { x: x + 10, y: y + 54, class: "gradient" });
        const show = () => { asked = i; tellOf(i); }, hide = () => { asked = -1; tellStep(); };
        const group = s("g", { tabindex: 0, role: "img", class: "dg-part", onpointerenter: show, onpointerleave: hide, onfocus: show, onblur: hide },
          s("rect", { x, y, width: BOX.wide, height: BOX.high, rx: 10 }), s("text", { x: x + 10, y: y + 19, class: "title" }, node.title), value, gradient);
        return { group, value, gradient, x };
      });
      picture.replaceChildren(...arrows.map((arrow) => arrow.path), ...boxes.map((box) => box.group));
      slider.max = 2 * nodes.length;
      show(Math.min(at, 2 * nodes.length));
    }

    /** The first half of the steps computes values, the second hands gradients back. */
    function show(step) {
      const count = nodes.length;
      at = Math.max(0, Math.min(step, 2 * count));
      slider.value = at;
      const active = at === 0 ? -1 : at <= count ? at - 1 : 2 * count - at;
      boxes.forEach(({ group, value, gradient }, i) => {
        const known = i < at, blamed = at > count && i >= 2 * count - at;
        value.textContent = known ? `= ${nodes[i].value}` : "";
        gradient.textContent = blamed && nodes[i].gradient !== null ? `∂ ${nodes[i].gradient}` : "";
        set(group, { "aria-label": [nodes[i].title, value.textContent, gradient.textContent].filter(Boolean).join(" "), class: `dg-part${nodes[i].inputs.length ? "" : " leaf"}${known ? " known" : ""}${blamed ? " blamed" : ""}${i === active ? " active" : ""}` });
      });
      arrows.forEach(({ from, to, path }) => set(path, { class: `dg-arrow${to < at ? " known" : ""}${at > count && to >= 2 * count - at ? " blamed" : ""}` }));
      if (active >= 0 && stage.scrollWidth > stage.clientWidth + 4)
        stage.scrollTo({ left: (boxes[active].x / Number(picture.viewBox.baseVal.width)) * stage.scrollWidth - stage.clientWidth / 2, behavior: wantsRest() ? "auto" : "smooth" });
      if (asked < 0) tellStep();
      tell(model.get("name"), { at, active, backward: at > count });
    }

    const title = (i) => nodes[i].title;
    function tellOf(i) {
      const { inputs, value, gradient, shape } = nodes[i];
      words.textContent = `${title(i)}${shape.length ? ` (${shape.join("×")})` : ""} = ${value}` + (inputs.length ? `, from ${inputs.map(title).join(" and ")}` : "") + (gradient !== null && at > nodes.length ? `; ∂ = ${gradient}` : "");
    }
    function tellStep() {
      const count = nodes.length;
      if (at === 0) words.textContent = "Forward: values first.";
      else if (at <= count) words.textContent = `Forward ${at} of ${count}: ${title(at - 1)} = ${nodes[at - 1].value}`;
      else {
        const i = 2 * count - at, users = nodes.flatMap((node, k) => (node.inputs.includes(i) ? [title(k)] : []));
        words.textContent = `Backward ${at - count} of ${count}: ${title(i)} receives ${nodes[i].gradient ?? "nothing"}` + (users.length ? ` from ${users.join(" and ")}` : ", the beginning of all blame");
      }
    }

    function frame(seconds) {
      since += seconds;
      if (!playing || since < model.get("seconds") * (at === 2 * nodes.length ? 4 : 1)) return;
      since = 0;
      show(at === 2 * nodes.length ? 0 : at + 1);
    }

    model.on("change:nodes", build);
    at = wantsRest() ? Infinity : 1;
    build();
    return whileSeen(el, frame);
  },
};
