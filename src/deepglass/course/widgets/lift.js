// Points lifted by the input x₁·x₂ into three dimensions, turning slowly, and the plane that the perceptron holds there.

const WIDE = 400, HIGH = 300;

export default {
  render({ model, el }) {
    let turn = 0.6, held = null, state = null;
    const back = s("g"), sheet = s("polygon", { class: "dg-sheet" }), dots = s("g"), axes = s("g", { class: "dg-axes" });
    const picture = s("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, tabindex: 0, role: "img", class: "dg-lift",
      "aria-label": "The points in three dimensions: x₁, x₂ and, upwards, x₁·x₂. Arrow keys turn the picture." }, axes, back, sheet, dots);
    const words = h("p", { class: "dg-facts" });
    el.classList.add("dg-widget");
    el.append(picture, words);

    /** Seen from a little above, after a turn about the upright axis. */
    function seen([x, y, z]) {
      const across = x * Math.cos(turn) - y * Math.sin(turn), deep = x * Math.sin(turn) + y * Math.cos(turn);
      return [WIDE / 2 + 115 * across, HIGH / 2 - 95 * z + 42 * deep, deep];
    }

    function draw() {
      if (!state) return;
      const ends = [[1.25, 0, 0], [0, 1.25, 0], [0, 0, 1.25]], names = ["x₁", "x₂", "x₁·x₂"];
      axes.replaceChildren(...ends.flatMap((end, i) => {
        const [x1, y1] = seen(end.map((v) => -v)), [x2, y2] = seen(end);
        return [s("line", { x1, y1, x2, y2 }), s("text", { x: x2 + 5, y: y2 - 4 }, names[i])];
      }));
      const w = state.product ? state.weights[0][0] : null, b = state.bias;
      const flat = w && Math.abs(w[2]) > 1e-6;
      const corners = flat ? [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([x, y]) => [x, y, Math.max(-1.4, Math.min(1.4, -(w[0] * x + w[1] * y + b) / w[2]))]) : [];
      sheet.setAttribute("points", corners.map((c) => seen(c).slice(0, 2).map((v) => v.toFixed(1)).join()).join(" "));
      const spots = state.points.map(([x, y, kind]) => ({ kind, at: seen([x, y, x * y]), foot: seen([x, y, 0]) }));
      spots.sort((p, q) => p.at[2] - q.at[2]);
      dots.replaceChildren(...spots.map(({ kind, at, foot }) => s("g", { class: kind ? "blue" : "orange" },
        s("line", { x1: foot[0], y1: foot[1], x2: at[0], y2: at[1] }), s("circle", { cx: at[0], cy: at[1], r: 6 + 1.5 * at[2] }))));
      words.textContent = !flat ? "Switch the input x₁·x₂ on: the neuron gets to see this height."
        : state.rests ? "A plane rests between them. Seen from above, its edge is the curve on the left." : "The plane is looking for its place.";
    }

    const start = (event) => { held = event.clientX; picture.setPointerCapture(event.pointerId); };
    const drag = (event) => { if (held !== null) { turn += (event.clientX - held) / 90; held = event.clientX; draw(); } };
    const key = (event) => {
      const step = { ArrowLeft: -0.15, ArrowRight: 0.15 }[event.key];
      if (step) { turn += step; draw(); event.preventDefault(); }
    };
    set(picture, { onpointerdown: start, onpointermove: drag, onpointerup: () => { held = null; }, onkeydown: key });
    const end = follow(model.get("follows"), (told) => { state = told; draw(); });
    const stop = wantsRest() ? () => {} : whileSeen(el, (seconds) => { if (held === null) { turn += 0.25 * seconds; draw(); } });
    return () => { end(); stop(); };
  },
};
