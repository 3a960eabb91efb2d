// Who looks at whom: one row of the table after the other is lit, with what it looks at and what it says comes next.

const FIELD = 30, ROOM = 96; // a field of the table, and names left of it

export default {
  render({ model, el }) {
    const rows = model.get("rows"), columns = model.get("columns"), tables = model.get("tables"), following = model.get("following");
    const titles = Object.keys(tables), kept = fromAddress(model.get("name")) ?? {};
    let head = titles.includes(kept.head) ? kept.head : model.get("head"), at = Math.min(kept.at ?? model.get("at"), rows.length - 1);
    let waits = Boolean(model.get("waits_for")), playing = !wantsRest() && kept.at === undefined, since = 0;
    const play = playButton(() => playing, () => { playing = !playing; });
    const slider = h("input", { type: "range", min: 0, max: rows.length - 1, "aria-label": "The token that looks", oninput: () => take(Number(slider.value)) });
    const choose = h("select", { "aria-label": "Table", onchange: () => { head = choose.value; settle(); } }, titles.map((title) => h("option", { value: title }, title)));
    const words = h("p", { class: "dg-facts", "aria-live": "polite" });
    const top = 22 + 6.5 * Math.min(11, Math.max(...columns.map((token) => token.length)));
    const wide = ROOM + FIELD * columns.length + 44, high = top + FIELD * rows.length;
    const picture = s("svg", { class: "dg-attention", viewBox: `0 0 ${wide} ${high}`, role: "img", style: `max-width: ${Math.min(620, wide * 1.25)}px` });
    const sentence = h("p", { class: "dg-tokens", "aria-hidden": "true" }), bars = h("ul", { class: "dg-next-tokens", "aria-label": "What comes next" });
    el.classList.add("dg-widget");
    el.append(h("div", { class: "dg-buttons" }, titles.length > 1 ? choose : null, play, slider), sentence, h("div", { class: "dg-scroll", tabindex: 0, role: "region", "aria-label": "The table; scrolls sideways" }, picture), bars, words);

    const short = (token) => (token.length > 11 ? token.slice(0, 10) + "…" : token);
    const shown = (token) => token.replace(/ /g, "␣").replace(/\n/g, "⏎");
    const lit = s("rect", { x: ROOM - 2, width: FIELD * columns.length + 4, height: FIELD, class: "dg-lit" });
    const fields = rows.map((_, i) => columns.map((_, j) => s("rect", { x: ROOM + j * FIELD + 1, y: top + i * FIELD + 1, width: FIELD - 2, height: FIELD - 2, class: "dg-field" })));
    const left = rows.map((token, i) => s("text", { x: ROOM - 8, y: top + i * FIELD + 20, "text-anchor": "end" }, short(shown(token))));
    const above = columns.map((token, j) => s("text", { transform: `translate(${ROOM + (j + 0.6) * FIELD} ${top - 8}) rotate(-50)` }, short(shown(token))));
    const values = columns.map((_, j) => s("text", { x: ROOM + (j + 0.5) * FIELD, "text-anchor": "middle", class: "dg-weight-in" }));
    picture.append(...fields.flat(), ...left, ...above, lit, ...values);
    picture.addEventListener("click", (event) => {
      const box = picture.getBoundingClientRect(), row = Math.floor(((event.clientY - box.top) * (high / box.height) - top) / FIELD);
      if (row >= 0 && row < rows.length) take(row);
    });

    function take(row) {
      playing = false;
      play.refresh();
      at = row;
      settle();
    }
    /** What the reader chose: told to Python, to other widgets, and to the address. */
    function settle() {
      draw();
      model.set("at", at);
      model.set("head", head);
      model.save_changes();
      if (model.get("name")) toAddress(model.get("name"), { at, head });
    }

    function draw() {
      const table = tables[head], row = table[at];
      fields.forEach((line, i) => line.forEach((field, j) => set(field, { style: `fill-opacity: ${Math.max(0.03, table[i][j]).toFixed(3)}` })));
      set(lit, { y: top + at * FIELD });
      left.forEach((text, i) => set(text, { class: i === at ? "dg-looks" : "" }));
      values.forEach((text, j) => { set(text, { y: top + at * FIELD + 19 }); text.textContent = row[j] >= 0.05 ? number(row[j]).replace(/^0/, "") : ""; });
      sentence.replaceChildren(...columns.flatMap((token, j) => [h("span", { style: `--much: ${Math.round(70 * row[j])}%`, class: columns.length === rows.length && j === at ? "dg-looks" : "" }, shown(token)), " "]));
      const order = row.map((weight, j) => [weight, j]).sort((a, b) => b[0] - a[0]).filter(([weight]) => weight >= 0.02).slice(0, 3);
      const told = order.map(([weight, j]) => `“${shown(columns[j])}” ${number(weight)}`).join(", ");
      words.textContent = `“${shown(rows[at])}” looks at ${told}.`;
      const next = following[at] ?? [];
      bars.hidden = !next.length;
      bars.replaceChildren(...next.map(([token, p]) => h("li", {}, h("span", { class: "dg-token" }, shown(token)), h("span", { class: "dg-bar", style: `width: ${(100 * p).toFixed(1)}%`, "aria-hidden": "true" }), h("span", {}, number(p, 3)))));
      set(picture, { "aria-label": `${model.get("label") || "Attention"}${head ? `, ${head}` : ""}: ${rows.length} tokens look at ${columns.length}. ${words.textContent}` });
      slider.value = at;
      set(slider, { "aria-valuetext": `${at + 1}: ${shown(rows[at])}` });
      choose.value = head;
      tell(model.get("name"), { at, head, token: rows[at] });
    }

    model.on("change:at", () => { if (model.get("at") !== at) { at = model.get("at"); draw(); } });
    model.on("change:head", () => { if (model.get("head") !== head) { head = model.get("head"); draw(); } });
    draw();
    const unfollow = follow(model.get("waits_for"), ({ committed }) => { waits = waits && !committed; });
    const end = whileSeen(el, (seconds) => {
      since += seconds;
      if (!playing || waits || since < model.get("seconds")) return;
      since = 0;
      at = (at + 1) % rows.length;
      draw();
    });
    return () => { unfollow(); end(); };
  },
};
