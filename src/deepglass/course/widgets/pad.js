// A drawing pad of few pixels: what the network sees is what is drawn. It begins by drawing something itself.

export default {
  render({ model, el }) {
    const size = model.get("size"), side = 336, cell = side / size;
    let pixels = model.get("pixels").length ? [...model.get("pixels")] : Array(size * size).fill(0);
    let seen = wantsRest() ? 1 : 0, drawing = false, last = null, cursor = [Math.floor(size / 2), Math.floor(size / 2)], keyed = false, later = 0;
    const canvas = h("canvas", { width: side, height: side, tabindex: 0, role: "application",
      "aria-label": `${model.get("label") || "A drawing pad"}, ${size} by ${size} pixels. Arrows move, space paints, backspace clears.` });
    const words = h("p", { class: "dg-facts", "aria-live": "polite" });
    el.classList.add("dg-widget", "dg-pad");
    el.append(canvas, h("div", { class: "dg-buttons" }, h("button", { type: "button", onclick: clear }, "Clear"),
      model.get("examples").map((example, i) => h("button", { type: "button", onclick: () => take(example) }, model.get("titles")[i] ?? `Example ${i + 1}`))), words);

    function draw() {
      const context = canvas.getContext("2d"), ink = rgb(el, "--ink"), line = rgb(el, "--line");
      context.clearRect(0, 0, side, side);
      pixels.forEach((value, i) => {
        if (i / pixels.length > seen) return;
        context.fillStyle = `rgba(${ink}, ${value})`;
        context.fillRect((i % size) * cell, Math.floor(i / size) * cell, cell + 0.5, cell + 0.5);
      });
      context.strokeStyle = `rgba(${line}, ${size > 16 ? 0.35 : 0.9})`;
      context.lineWidth = 1;
      for (let i = 1; i < size; i++) {
        context.strokeRect(i * cell, -1, 0, side + 2);
        context.strokeRect(-1, i * cell, side + 2, 0);
      }
      if (keyed) { context.strokeStyle = `rgb(${rgb(el, "--c2")})`; context.lineWidth = 3; context.strokeRect(cursor[0] * cell, cursor[1] * cell, cell, cell); }
      words.textContent = pixels.some((v) => v > 0) ? "" : "Draw here.";
    }

    /** A soft brush: full in the middle, fading over about a pixel and a half. */
    function stamp(x, y) {
      const reach = size > 16 ? 1.7 : 1.05;
      for (let row = Math.floor(y - reach); row <= y + reach; row++)
        for (let column = Math.floor(x - reach); column <= x + reach; column++) {
          if (row < 0 || column < 0 || row >= size || column >= size) continue;
          const far = Math.hypot(column + 0.5 - x, row + 0.5 - y), i = row * size + column;
          pixels[i] = Math.min(1, Math.max(pixels[i], 1.25 - far / reach));
          if (pixels[i] < 0.02) pixels[i] = 0;
        }
    }

    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * size, ((event.clientY - box.top) / box.height) * size];
    };
    function stroke(to) {
      const from = last ?? to, steps = Math.max(1, Math.ceil(3 * Math.hypot(to[0] - from[0], to[1] - from[1])));
      for (let i = 1; i <= steps; i++) stamp(from[0] + ((to[0] - from[0]) * i) / steps, from[1] + ((to[1] - from[1]) * i) / steps);
      last = to;
      draw();
      soon();
    }
    function soon() {
      clearTimeout(later);
      later = setTimeout(() => { model.set("pixels", pixels.map((v) => Math.round(v * 1000) / 1000)); model.save_changes(); }, 120);
    }
    function clear() { pixels.fill(0); seen = 1; draw(); soon(); }
    function take(example) { pixels = [...example]; seen = wantsRest() ? 1 : 0; draw(); soon(); }

    set(canvas, {
      onpointerdown: (event) => { drawing = true; seen = 1; last = null; canvas.setPointerCapture(event.pointerId); stroke(place(event)); event.preventDefault(); },
      onpointermove: (event) => { if (drawing) stroke(place(event)); },
      onpointerup: () => { drawing = false; last = null; },
      onkeydown: (event) => {
        const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
        keyed = true;
        if (step) cursor = cursor.map((value, i) => Math.max(0, Math.min(size - 1, value + step[i])));
        else if (event.key === " ") { seen = 1; stamp(cursor[0] + 0.5, cursor[1] + 0.5); soon(); }
        else if (event.key === "Backspace") clear();
        else return;
        event.preventDefault();
        draw();
      },
      onblur: () => { keyed = false; draw(); },
    });
    model.on("change:pixels", () => { if (!drawing) { pixels = [...model.get("pixels")]; draw(); } });
    draw();
    const ends = [onTheme(draw), whileSeen(el, (seconds) => { if (seen < 1) { seen = Math.min(1, seen + seconds / 1.2); draw(); } })];
    return () => ends.forEach((end) => end());
  },
};
