// An image under a kernel that can be edited: a window slides, multiplies, adds, and writes one pixel of the answer.

export default {
  render({ model, el }) {
    const image = model.get("image"), rows = image.length, columns = image[0].length;
    let kernel = structuredClone(model.get("kernel")), at = 0, playing = !wantsRest(), held = null, answer = [];
    const size = kernel.length, outRows = rows - size + 1, outColumns = columns - size + 1, unit = 12;
    const before = h("canvas", { width: columns * unit, height: rows * unit, role: "img", "aria-label": model.get("label") || "The image" });
    const after = h("canvas", { width: outColumns * unit, height: outRows * unit, role: "img", "aria-label": "What the kernel makes of it" });
    const inputs = kernel.map((row, i) => row.map((value, j) => h("input", { type: "number", step: 0.5, value, "aria-label": `kernel row ${i + 1}, column ${j + 1}`,
      oninput: (event) => { kernel[i][j] = Number(event.target.value) || 0; changed(); } })));
    const words = h("p", { class: "dg-facts dg-scroll" });
    const play = playButton(() => playing, () => { playing = !playing; });
    const presets = Object.entries(model.get("presets"));
    const choose = h("select", { "aria-label": "Kernels", onchange: () => { const found = presets.find(([title]) => title === choose.value); if (found) { kernel = structuredClone(found[1]); fill(); changed(); } } },
      presets.map(([title]) => h("option", {}, title)));
    el.classList.add("dg-widget");
    el.append(h("div", { class: "dg-kernel" },
      h("figure", {}, before, h("figcaption", {}, "image")),
      h("figure", {}, h("div", { class: "dg-matrix", style: `grid-template-columns: repeat(${size}, 1fr)` }, inputs.flat()), h("figcaption", {}, "kernel")),
      h("figure", {}, after, h("figcaption", {}, "answer"))), h("div", { class: "dg-buttons" }, play, presets.length ? choose : null), words);

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

    function draw() {
      const ink = rgb(el, "--ink"), much = rgb(el, "--c1"), less = rgb(el, "--c2"), lit = `rgb(${rgb(el, "--c5")})`;
      const [r, c] = [Math.floor(at / outColumns), at % outColumns], most = Math.max(1e-9, ...answer.flat().map(Math.abs));
      paint(before, image, (value) => `rgba(${ink}, ${value})`);
      paint(after, answer, (value, i) => `rgba(${value < 0 ? less : much}, ${(i <= at || !playing ? 1 : 0.25) * Math.abs(value) / most})`);
      frame(before, c, r, size, lit);
      frame(after, c, r, 1, lit);
      const terms = kernel.flatMap((row, i) => row.map((k, j) => (k ? `${number(k)}·${number(image[r + i][c + j], 1)}` : null))).filter(Boolean);
      words.textContent = `${terms.join(" + ") || "0"} = ${number(answer[r][c])}`;
    }
    function paint(canvas, table, color) {
      const context = canvas.getContext("2d"), wide = table[0].length;
      context.clearRect(0, 0, canvas.width, canvas.height);
      table.forEach((row, i) => row.forEach((value, j) => { context.fillStyle = color(value, i * wide + j); context.fillRect(j * unit, i * unit, unit, unit); }));
    }
    function frame(canvas, column, row, cells, color) {
      const context = canvas.getContext("2d");
      Object.assign(context, { strokeStyle: color, lineWidth: 3 });
      context.strokeRect(column * unit + 1.5, row * unit + 1.5, cells * unit - 3, cells * unit - 3);
    }

    /** The window goes where the pointer points in either picture. */
    const aim = (canvas, shift) => (event) => {
      const box = canvas.getBoundingClientRect();
      const c = Math.floor(((event.clientX - box.left) / box.width) * (canvas.width / unit)) - shift, r = Math.floor(((event.clientY - box.top) / box.height) * (canvas.height / unit)) - shift;
      at = Math.max(0, Math.min(outRows - 1, r)) * outColumns + Math.max(0, Math.min(outColumns - 1, c));
      playing = false;
      play.refresh();
      draw();
    };
    before.addEventListener("pointermove", aim(before, Math.floor(size / 2)));
    after.addEventListener("pointermove", aim(after, 0));
    compute();
    fill();
    draw();
    let gone = 0;
    const ends = [onTheme(draw), whileSeen(el, (seconds) => {
      gone += seconds * 24; // pixels a second
      if (!playing || gone < 1) return;
      at = (at + Math.floor(gone)) % (outRows * outColumns);
      gone %= 1;
      draw();
    })];
    return () => ends.forEach((end) => end());
  },
};
