// A plane that a 2 × 2 matrix moves: the grid goes there and back until somebody takes hold of one of the two columns.

const SIDE = 400, UNIT = 56, REACH = 9;

export default {
  render({ model, el }) {
    let target = structuredClone(model.get("matrix")), part = 1, clock = 0, held = -1, touched = wantsRest();
    const faint = s("g", { style: "stroke: var(--line)" }), lines = s("g", { style: "stroke: var(--c6); opacity: .55" });
    const cell = s("polygon", { style: "fill: var(--c5); opacity: .28" }), sign = s("path", { fill: "none", "stroke-width": 5, style: "stroke: var(--c5)" });
    const arrows = ["--c1", "--c2"].map((color, i) => arrow(color, ["first column", "second column"][i], i));
    const picture = s("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, class: "dg-walls", role: "group", "aria-label": model.get("label") },
      faint, lines, cell, sign, ...arrows.map(({ group }) => group));
    const words = h("p", { class: "dg-facts", "aria-live": "polite" });
    const presets = Object.entries(model.get("presets")).map(([title, rows]) => h("button", { onclick: () => { clock = 0; part = 0; touched = wantsRest(); change(structuredClone(rows)); } }, title));
    el.classList.add("dg-widget");
    el.append(picture, h("div", { class: "dg-buttons" }, presets), words);

    const at = ([x, y]) => [SIDE / 2 + UNIT * x, SIDE / 2 - UNIT * y];
    const flat = (points) => points.map((point) => at(point).map((v) => v.toFixed(1)).join()).join(" ");
    const now = () => target.map((row, i) => row.map((value, j) => (i === j) * (1 - part) + value * part));
    const times = (m, [x, y]) => [m[0][0] * x + m[0][1] * y, m[1][0] * x + m[1][1] * y];

    function arrow(color, title, column) {
      const stem = s("line", { "stroke-linecap": "round", style: `stroke: var(${color}); stroke-width: 5; opacity: 1` });
      const head = s("circle", { r: 11, tabindex: 0, role: "slider", "aria-label": title, style: `fill: var(${color}); cursor: grab; touch-action: none` });
      head.addEventListener("pointerdown", (event) => { head.setPointerCapture(event.pointerId); held = column; take(); });
      head.addEventListener("pointermove", (event) => { if (held === column) drag(event); });
      head.addEventListener("pointerup", () => { held = -1; tell(); });
      head.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        if (!step) return;
        event.preventDefault();
        take();
        move(column, target[0][column] + step[0] / 4, target[1][column] + step[1] / 4);
        tell();
      });
      return { group: s("g", {}, stem, head), stem, head };
    }
    const take = () => { touched = true; part = 1; };
    function drag(event) {
      const box = picture.getBoundingClientRect(), scale = SIDE / box.width;
      move(held, ((event.clientX - box.left) * scale - SIDE / 2) / UNIT, (SIDE / 2 - (event.clientY - box.top) * scale) / UNIT);
    }
    function move(column, x, y) {
      [x, y].forEach((value, row) => { target[row][column] = Math.max(-3, Math.min(3, Math.round(value * 4) / 4)); });
      draw();
    }
    function change(rows) {
      target = rows;
      if (wantsRest()) part = 1;
      draw();
      tell();
    }
    function tell() {
      model.set("matrix", structuredClone(target));
      model.save_changes();
    }

    function draw() {
      const m = now(), area = m[0][0] * m[1][1] - m[0][1] * m[1][0], ends = [];
      for (let k = -REACH; k <= REACH; k++) ends.push([[k, -REACH], [k, REACH]], [[-REACH, k], [REACH, k]]);
      lines.replaceChildren(...ends.map((pair) => line(pair.map((point) => times(m, point)))));
      cell.setAttribute("points", flat([[0, 0], [1, 0], [1, 1], [0, 1]].map((point) => times(m, point))));
      const letter = [[[0.3, 0.15], [0.3, 0.85], [0.7, 0.85]], [[0.3, 0.52], [0.6, 0.52]]]; // an F: it shows a mirror
      sign.setAttribute("d", letter.map((stroke) => "M" + stroke.map((point) => at(times(m, point)).map((v) => v.toFixed(1)).join(" ")).join("L")).join(""));
      arrows.forEach(({ stem, head }, column) => {
        const [x, y] = at([m[0][column], m[1][column]]);
        set(stem, { x1: SIDE / 2, y1: SIDE / 2, x2: x, y2: y });
        set(head, { cx: x, cy: y, "aria-valuetext": `${number(m[0][column])}, ${number(m[1][column])}` });
      });
      words.textContent = `The golden square has the area ${number(Math.abs(area))}${area < 0 ? ", mirrored" : ""}${Math.abs(area) < 1e-9 ? ": everything lies on a line" : ""}`;
    }
    const line = (pair) => { const [[x1, y1], [x2, y2]] = pair.map(at); return s("line", { x1, y1, x2, y2 }); };

    for (let k = -4; k <= 4; k++) faint.append(line([[k, -4], [k, 4]]), line([[-4, k], [4, k]]));
    model.on("change:matrix", () => { if (held < 0) { target = structuredClone(model.get("matrix")); draw(); } });
    draw();
    return whileSeen(el, (seconds) => {
      if (touched) return;
      clock += seconds;
      const wave = (1 - Math.cos((clock * Math.PI) / 2.2)) / 2; // there in 2.2 s, and back
      part = wave;
      draw();
    });
  },
};
