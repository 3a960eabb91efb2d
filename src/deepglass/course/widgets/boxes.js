// A picture with boxes and masks: what was found (whole lines) beside what is there (broken lines), from a confidence on.

export default {
  render({ model, el }) {
    const [wide, high] = model.get("size"), truth = model.get("truth"), masks = model.get("masks");
    const kept = fromAddress(model.get("name")), thick = Math.max(wide, high) / 130;
    if (kept !== null) model.set("confidence", kept);
    const layer = s("g"), picture = s("svg", { viewBox: `0 0 ${wide} ${high}`, class: "dg-boxes", role: "img" },
      s("image", { href: model.get("image"), width: wide, height: high, style: "image-rendering: pixelated" }), layer);
    const slider = h("input", { type: "range", min: 0, max: 1, step: 0.05, "aria-label": "Least confidence that is shown", oninput: () => change(Number(slider.value)) });
    const level = h("output"), list = h("ul", { class: "dg-found", "aria-label": "Found boxes" }), words = h("p", { class: "dg-facts", "aria-live": "polite" });
    const covers = masks.map(([title, source, share], i) => {
      const box = h("input", { type: "checkbox", checked: true, onchange: draw });
      const cover = s("g", { style: `--mask: var(--c${[3, 4, 5, 6][i % 4]})` }, mask(source, i));
      return { box, cover, line: h("label", { class: "dg-switch" }, box, `${title}, ${number(100 * share)} % of the picture`) };
    });
    el.classList.add("dg-widget");
    el.append(picture, model.get("found").length ? h("div", { class: "dg-buttons" }, slider, level) : null, ...covers.map(({ line }) => line), list, words);

    function mask(source, i) {
      const id = `dg-mask-${Math.random().toString(36).slice(2)}-${i}`;
      return [s("mask", { id, "mask-type": "alpha", style: "mask-type: alpha" }, s("image", { href: source, width: wide, height: high, style: "image-rendering: pixelated" })),
        s("rect", { width: wide, height: high, mask: `url(#${id})`, class: "dg-mask" })];
    }
    /** What two boxes share, of what they cover together. */
    function overlap([a, b, c, d], [e, f, g, i]) {
      const shared = Math.max(0, Math.min(c, g) - Math.max(a, e)) * Math.max(0, Math.min(d, i) - Math.max(b, f));
      return shared / ((c - a) * (d - b) + (g - e) * (i - f) - shared || 1);
    }
    function change(value) {
      model.set("confidence", value);
      model.save_changes();
      if (model.get("name")) toAddress(model.get("name"), value);
      draw();
    }
    const drawn = ([x1, y1, x2, y2], kind, score, look) => [
      s("rect", { x: x1, y: y1, width: x2 - x1, height: y2 - y1, class: look, "stroke-width": thick, "stroke-dasharray": score === null ? `${3 * thick} ${2 * thick}` : null }),
      s("text", { x: x1, y: score === null ? y2 + 4.6 * thick : y1 - 1.5 * thick, style: `font-size: ${4.6 * thick}px; stroke-width: ${thick}px`, class: look }, score === null ? kind : `${kind} ${number(score)}`)];

    function draw() {
      const least = model.get("confidence"), shown = model.get("found").filter(([, , score]) => score >= least).sort((a, b) => b[2] - a[2]);
      const best = shown.map(([box, kind]) => Math.max(0, ...truth.filter(([, other]) => other === kind).map(([other]) => overlap(box, other))));
      const right = best.filter((value) => value >= 0.5).length;
      layer.replaceChildren(...covers.filter(({ box }) => box.checked).map(({ cover }) => cover), ...truth.flatMap(([box, kind]) => drawn(box, kind, null, "truth")), ...shown.flatMap(([box, kind, score]) => drawn(box, kind, score, "found")));
      list.replaceChildren(...shown.map(([, kind, score], i) => h("li", {}, `${kind}, confidence ${number(score)}${truth.length ? `, overlap ${number(best[i])}` : ""}`)));
      slider.value = least;
      level.textContent = number(least);
      set(slider, { "aria-valuetext": number(least) });
      words.textContent = [model.get("found").length ? `${shown.length} of ${model.get("found").length} boxes shown` : "", truth.length && model.get("found").length ? `${right} of them cover a true one of their kind by half or more; ${truth.length} are there` : truth.length ? `${truth.length} are there` : ""].filter(Boolean).join("; ");
      set(picture, { "aria-label": `${model.get("label") || "A picture"}. ${words.textContent}` });
    }

    model.on("change:confidence", draw);
    draw();
  },
};
