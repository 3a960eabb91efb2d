// An image to paint on under a kernel to drag: a window slides, multiplies, adds, and writes one pixel of the answer.

const UNIT = 12, WIDTH = 270, SPEED = 24, PER_STEP = 14; // pixels of a cell and of the image; windows a second; pixels to drag for a quarter

export default {
  render({ model, el }) {
    const given = model.get("image"), rows = given.length, columns = given[0].length;
    let image = structuredClone(given), kernel = structuredClone(model.get("kernel")), at = 0, playing = !wantsRest(), answer = [], ink = null;
    const size = kernel.length, middle = Math.floor(size / 2), outRows = rows - size + 1, outColumns = columns - size + 1;
    const before = h("canvas", { width: columns * UNIT, height: rows * UNIT, tabindex: 0, role: "application", style: `width: ${WIDTH}px; touch-action: none; cursor: crosshair`,
      "aria-label": `${model.get("label") || "The image"}. Arrows move the window, the space bar paints its middle.` });
    const after = h("canvas", { width: outColumns * UNIT, height: outRows * UNIT, role: "img", style: `width: ${Math.round((WIDTH * outColumns) / columns)}px`, "aria-label": "What the kernel makes of it" });
    const inputs = kernel.map((row, i) => row.map((value, j) => cell(i, j, value)));
    const words = h("p", { class: "dg-facts dg-scroll" });
    const play = playButton(() => playing, () => { playing = !playing; });
    const presets = Object.entries(model.get("presets"));
    const choose = h("select", { "aria-label": "Kernels", onchange: () => { const found = presets.find(([title]) => title === choose.value); if (found) { kernel = structuredClone(found[1]); fill(); changed(); } } },
      presets.map(([title]) => h("option", {}, title)), h("option", { hidden: true }, "your own"));
    const paper = [["Clear", () => given.map((row) => row.map(() => 0))], ["Restore", () => structuredClone(given)]]
      .map(([title, make]) => h("button", { type: "button", onclick: () => { image = make(); changed(); } }, title));
    el.classList.add("dg-widget");
    el.append(h("div", { class: "dg-kernel" },
      h("figure", {}, before, h("figcaption", {}, "image: paint on it")),
      h("figure", {}, h("div", { class: "dg-matrix", style: `grid-template-columns: repeat(${size}, 1fr)` }, inputs.flat()), h("figcaption", {}, "kernel: drag a number up or down")),
      h("figure", {}, after, h("figcaption", {}, "answer: blue above zero, orange below"))), h("div", { class: "dg-buttons" }, play, presets.length ? choose : null, paper), words);

    /** One number of the kernel: typed, or dragged up and down in quarters. */
    function cell(i, j, value) {
      let from = null;
      const input = h("input", { type: "number", step: 0.25, value, "aria-label": `kernel row ${i + 1}, column ${j + 1}`, style: "touch-action: none; cursor: ns-resize" });
      input.addEventListener("input", () => { kernel[i][j] = Number(input.value) || 0; own(); });
      input.addEventListener("pointerdown", (event) => { from = { y: event.clientY, value: kernel[i][j] }; input.setPointerCapture(event.pointerId); });
      input.addEventListener("pointermove", (event) => {
        const steps = from ? Math.round((from.y - event.clientY) / PER_STEP) : 0;
        if (!from || (!steps && kernel[i][j] === from.value)) return;
        kernel[i][j] = Math.max(-9, Math.min(9, Math.round((from.value + steps / 4) * 100) / 100));
        input.value = kernel[i][j];
        own();
      });
      for (const end of ["pointerup", "pointercancel"]) input.addEventListener(end, () => { from = null; });
      return input;
    }
    function own() {
      choose.value = "your own";
      changed();
    }

    const fill = () => inputs.forEach((row, i) => row.forEach((input, j) => { input.value = kernel[i][j]; }));
    function compute() {
      answer = Array.from({ length: outRows }, (_, r) => Array.from({ length: outColumns }, (_, c) =>
        kernel.reduce((sum, row, i) => sum + row.reduce((part, k, j) => part + k * image[r + i][c + j], 0), 0)));
    }
    function changed() {
      compute();
      draw();
      model.set("kernel", structuredClone(kernel));
      model.save_changes();
    }
    /** Where the answer is largest: there the window rests. */
    const loudest = () => { const sizes = answer.flat().map(Math.abs); return sizes.indexOf(Math.max(...sizes)); };

    function draw() {
      const pen = rgb(el, "--ink"), much = rgb(el, "--c1"), less = rgb(el, "--c2"), lit = `rgb(${rgb(el, "--c5")})`;
      const [r, c] = [Math.floor(at / outColumns), at % outColumns], most = Math.max(1e-9, ...answer.flat().map(Math.abs));
      const heaviest = Math.max(1e-9, ...kernel.flat().map(Math.abs));
      paint(before, image, (value) => `rgba(${pen}, ${value})`);
      paint(after, answer, (value, i) => `rgba(${value < 0 ? less : much}, ${(i <= at || !playing ? 1 : 0.25) * Math.abs(value) / most})`);
      inputs.forEach((row, i) => row.forEach((input, j) => { const k = kernel[i][j]; input.style.boxShadow = `inset 0 -${Math.round(7 * Math.abs(k) / heaviest)}px rgb(${k < 0 ? less : much})`; }));
      frame(before, c, r, size, lit);
      frame(after, c, r, 1, lit);
      const terms = kernel.flatMap((row, i) => row.map((k, j) => (k ? `${k < 0 ? `(${number(k)})` : number(k)}·${number(image[r + i][c + j], 1)}` : null))).filter(Boolean);
      words.textContent = `${terms.join(" + ") || "0"} = ${number(answer[r][c])}`;
    }
    function paint(canvas, table, color) {
      const context = canvas.getContext("2d"), wide = table[0].length;
      context.clearRect(0, 0, canvas.width, canvas.height);
      table.forEach((row, i) => row.forEach((value, j) => { context.fillStyle = color(value, i * wide + j); context.fillRect(j * UNIT, i * UNIT, UNIT, UNIT); }));
    }
    function frame(canvas, column, row, cells, color) {
      const context = canvas.getContext("2d");
      Object.assign(context, { strokeStyle: color, lineWidth: 3 });
      context.strokeRect(column * UNIT + 1.5, row * UNIT + 1.5, cells * UNIT - 3, cells * UNIT - 3);
    }

    const under = (canvas, event) => {
      const box = canvas.getBoundingClientRect();
      return [Math.floor(((event.clientY - box.top) / box.height) * (canvas.height / UNIT)), Math.floor(((event.clientX - box.left) / box.width) * (canvas.width / UNIT))];
    };
    function aim(r, c) {
      at = Math.max(0, Math.min(outRows - 1, r)) * outColumns + Math.max(0, Math.min(outColumns - 1, c));
      playing = false;
      play.refresh();
    }
    function put(r, c) {
      if (image[r]?.[c] === undefined) return;
      image[r][c] = ink;
      compute();
    }
    before.addEventListener("pointerdown", (event) => {
      const [r, c] = under(before, event);
      before.setPointerCapture(event.pointerId);
      ink = (image[r]?.[c] ?? 0) < 0.5 ? 1 : 0;
      put(r, c);
      draw();
    });
    before.addEventListener("pointermove", (event) => {
      const [r, c] = under(before, event);
      if (ink !== null) put(r, c);
      aim(r - middle, c - middle);
      draw();
    });
    for (const end of ["pointerup", "pointercancel"]) before.addEventListener(end, () => { ink = null; });
    after.addEventListener("pointermove", (event) => { aim(...under(after, event)); draw(); });
    before.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], " ": [0, 0] }[event.key];
      if (!step) return;
      event.preventDefault();
      const [r, c] = [Math.floor(at / outColumns), at % outColumns];
      if (event.key === " ") { ink = image[r + middle][c + middle] < 0.5 ? 1 : 0; put(r + middle, c + middle); ink = null; }
      aim(r + step[0], c + step[1]);
      draw();
    });

    compute();
    fill();
    at = playing ? 0 : loudest();
    draw();
    let gone = 0;
    const ends = [onTheme(draw), whileSeen(el, (seconds) => {
      gone += seconds * SPEED;
      if (!playing || gone < 1) return;
      at = (at + Math.floor(gone)) % (outRows * outColumns);
      gone %= 1;
      draw();
    })];
    return () => ends.forEach((end) => end());
  },
};
