// A closed curve through points that are dragged, added and taken away. Between two points runs Catmull and Rom's cubic.

const SPAN = 400; // of the picture's own units
const LEAST = 4, MOST = 24; // points
const inside = (value) => Math.round(Math.max(-0.95, Math.min(0.95, value)) * 100) / 100;

export default {
  render({ model, el }) {
    const name = model.get("name"), saved = fromAddress(name);
    if (saved) { model.set("points", saved); model.save_changes(); }
    let points = structuredClone(model.get("points")), held = null, chosen = 0;
    const shape = s("path", { class: "dg-road", "stroke-width": (model.get("road") * SPAN) / 2 }), middle = s("path", { class: "dg-middle" }), dots = s("g");
    const picture = s("svg", { viewBox: `0 0 ${SPAN} ${SPAN}`, tabindex: 0, role: "application", "aria-roledescription": "closed curve",
      "aria-label": `${model.get("label") || "A closed curve through points"}. N: next point. Arrows: move it. A: add one after it. Delete: take it away.` }, shape, middle, dots);
    const words = h("p", { class: "dg-facts", "aria-live": "polite" });
    el.classList.add("dg-widget");
    el.append(h("div", { class: "dg-plane dg-loop" }, picture), h("div", { class: "dg-buttons" },
      Object.entries(model.get("presets")).map(([title, preset]) => h("button", { type: "button", onclick: () => { points = structuredClone(preset); chosen = 0; settle(); } }, title)),
      h("button", { type: "button", class: "dg-quiet", onclick: add }, "Add a point"),
      h("button", { type: "button", class: "dg-quiet", onclick: remove }, "Take one away")), words);

    const at = ([x, y]) => [((x + 1) / 2) * SPAN, ((1 - y) / 2) * SPAN];
    const point = (i) => points[(i + points.length) % points.length];
    /** Bézier's handles of the same cubic: a sixth of the way from one neighbour to the other. */
    function curve() {
      const text = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`, pull = (i, sign) => at(point(i).map((v, k) => v + (sign * (point(i + 1)[k] - point(i - 1)[k])) / 6));
      return `M${text(at(points[0]))}` + points.map((_, i) => `C${text(pull(i, 1))},${text(pull(i + 1, -1))},${text(at(point(i + 1)))}`).join("") + "Z";
    }
    function draw() {
      for (const path of [shape, middle]) path.setAttribute("d", curve());
      dots.replaceChildren(...points.map((one, i) => { const [x, y] = at(one); return s("circle", { cx: x, cy: y, r: 8, class: (i ? "blue" : "orange") + (i === chosen ? " chosen" : "") }); }));
    }
    function settle() {
      draw();
      if (name) toAddress(name, points);
      model.set("points", structuredClone(points));
      model.save_changes();
      words.textContent = `${points.length} points; the orange one is the start. Point ${chosen + 1} is at ${number(points[chosen][0])}, ${number(points[chosen][1])}.`;
    }
    function add() {
      if (points.length >= MOST) return;
      points.splice(chosen + 1, 0, point(chosen).map((v, k) => inside((v + point(chosen + 1)[k]) / 2)));
      chosen += 1;
      settle();
    }
    function remove() {
      if (points.length <= LEAST) return;
      points.splice(chosen, 1);
      chosen %= points.length;
      settle();
    }
    const place = (event) => {
      const box = picture.getBoundingClientRect();
      return [inside((2 * (event.clientX - box.left)) / box.width - 1), inside(1 - (2 * (event.clientY - box.top)) / box.height)];
    };
    set(picture, {
      onpointerdown: (event) => {
        const [x, y] = place(event), far = points.map((one) => Math.hypot(one[0] - x, one[1] - y)), best = far.indexOf(Math.min(...far));
        if (far[best] > (event.pointerType === "touch" ? 0.2 : 0.12)) return;
        held = chosen = best;
        picture.setPointerCapture(event.pointerId);
        event.preventDefault();
        draw();
      },
      onpointermove: (event) => { if (held !== null) { points[held] = place(event); draw(); } },
      onpointerup: () => { if (held !== null) { held = null; settle(); } },
      onpointercancel: () => { if (held !== null) { held = null; settle(); } },
      onkeydown: (event) => {
        const step = { ArrowLeft: [-0.05, 0], ArrowRight: [0.05, 0], ArrowUp: [0, 0.05], ArrowDown: [0, -0.05] }[event.key], key = event.key.toLowerCase();
        if (step) { points[chosen] = points[chosen].map((v, k) => inside(v + step[k])); settle(); }
        else if (key === "n") { chosen = (chosen + 1) % points.length; settle(); }
        else if (key === "a") add();
        else if (key === "delete" || key === "backspace") remove();
        else return;
        event.preventDefault();
      },
    });
    model.on("change:points", () => { if (held === null) { points = structuredClone(model.get("points")); chosen = Math.min(chosen, points.length - 1); draw(); } });
    draw();
  },
};
