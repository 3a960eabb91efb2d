// Feature maps, layer after layer: each a button that makes it large; blue is above zero, orange below.

export default {
  render({ model, el }) {
    const layers = model.get("layers").map((one) => ({ ...one, maps: one.bytes.map(unpacked) })), kept = fromAddress(model.get("name")) ?? {};
    let at = Math.min(kept.layer ?? model.get("layer"), layers.length - 1), chosen = kept.chosen ?? model.get("chosen");
    let waits = Boolean(model.get("waits_for")), playing = !wantsRest() && kept.layer === undefined, since = 0;
    const play = playButton(() => playing, () => { playing = !playing; });
    const slider = h("input", { type: "range", min: 0, max: layers.length - 1, "aria-label": "Layer", oninput: () => take(Number(slider.value), 0) });
    const title = h("p", { class: "dg-facts" }), large = h("canvas", { role: "img" }), small = h("div", { class: "dg-maps", role: "group", "aria-label": "Maps of this layer" });
    const words = h("p", { class: "dg-facts", "aria-live": "polite" });
    el.classList.add("dg-widget", "dg-layers");
    el.append(h("div", { class: "dg-buttons" }, play, slider), title, h("div", { class: "dg-looked-at" }, large, small), words);

    function unpacked(text) {
      return Int8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    }
    function take(layer, map) {
      playing = false;
      play.refresh();
      [at, chosen] = [layer, map];
      draw();
      model.set("layer", at);
      model.set("chosen", chosen);
      model.save_changes();
      if (model.get("name")) toAddress(model.get("name"), { layer: at, chosen });
    }
    function paint(canvas, { width, height }, map) {
      const [blue, orange] = [rgb(el, "--c1"), rgb(el, "--c2")];
      Object.assign(canvas, { width, height });
      const image = new ImageData(width, height);
      map.forEach((value, i) => image.data.set([...(value < 0 ? orange : blue), 2 * Math.abs(value)], 4 * i));
      canvas.getContext("2d").putImageData(image, 0, 0);
    }
    /** Where a map is strongest, in words. */
    function said({ width, height, top }, map) {
      let best = 0;
      map.forEach((value, i) => { if (Math.abs(value) > Math.abs(map[best])) best = i; });
      if (!map.some(Boolean)) return "zero everywhere";
      const active = Math.round((100 * map.filter((value) => value !== 0).length) / map.length);
      const place = (i, size) => (i < size / 3 ? 0 : i < (2 * size) / 3 ? 1 : 2);
      const [row, column] = [["upper", "middle", "lower"][place(Math.floor(best / width), height)], ["left", "centre", "right"][place(best % width, width)]];
      return width * height === 1 ? number((map[0] * top) / 127) : `strongest ${number((map[best] * top) / 127)} in the ${row} ${column}, ${active} % not zero`;
    }

    function draw() {
      const layer = layers[at], many = layer.maps.length;
      chosen = Math.min(chosen, many - 1);
      title.replaceChildren(h("b", {}, layer.title), `${layer.count} × ${layer.height} × ${layer.width}${layer.count > many ? `, ${many} shown` : ""}`);
      small.replaceChildren(...(many > 1 ? layer.maps.map((map, i) => {
        const canvas = h("canvas", { "aria-hidden": "true" });
        paint(canvas, layer, map);
        return h("button", { type: "button", "aria-pressed": String(i === chosen), "aria-label": `Map ${i + 1}: ${said(layer, map)}`, onclick: () => { take(at, i); small.children[i].focus(); } }, canvas);
      }) : []));
      paint(large, layer, layer.maps[chosen]);
      words.textContent = `${many > 1 ? `Map ${chosen + 1}: ` : ""}${said(layer, layer.maps[chosen])}`;
      set(large, { "aria-label": `${model.get("label") || "A picture"}, ${layer.title}. ${words.textContent}` });
      slider.value = at;
      set(slider, { "aria-valuetext": layer.title });
      tell(model.get("name"), { layer: at, chosen, title: layer.title });
    }

    draw();
    const repaint = onTheme(draw), unfollow = follow(model.get("waits_for"), ({ committed }) => { waits = waits && !committed; });
    const end = whileSeen(el, (seconds) => {
      since += seconds;
      if (!playing || waits || since < model.get("seconds")) return;
      [since, at, chosen] = [0, (at + 1) % layers.length, 0];
      draw();
    });
    return () => { repaint(); unfollow(); end(); };
  },
};
