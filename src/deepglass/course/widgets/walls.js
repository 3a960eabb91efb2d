// The same learning in the space of weights: every point is a wall, and the weights walk to the right side of all.

const SIDE = 400;

export default {
  render({ model, el }) {
    const walls = s("g"), walk = s("path", { class: "dg-walk" }), head = s("circle", { r: 7, class: "dg-head" });
    const axes = s("g", { class: "dg-axes" },
      s("line", { x1: 0, x2: SIDE, y1: SIDE / 2, y2: SIDE / 2 }), s("line", { x1: SIDE / 2, x2: SIDE / 2, y1: 0, y2: SIDE }),
      s("text", { x: SIDE - 8, y: SIDE / 2 - 8, "text-anchor": "end" }, "w₁"), s("text", { x: SIDE / 2 + 8, y: 18 }, "w₂"));
    const picture = s("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, class: "dg-walls", role: "img" }, axes, walls, walk, head);
    const words = h("p", { class: "dg-facts" });
    el.classList.add("dg-widget");
    el.append(picture, words);
    let scale = 1;

    function show({ path, points, bias, chosen, rests, product }) {
      if (!path) return;
      const reach = Math.max(0.8, ...path.slice(-60).flatMap(([a, b]) => [Math.abs(a), Math.abs(b)])) * 1.25;
      scale += 0.15 * (SIDE / 2 / reach - scale) || 0;
      if (Math.abs(scale * reach - SIDE / 2) > SIDE / 3) scale = SIDE / 2 / reach;
      const at = ([a, b]) => [SIDE / 2 + scale * a, SIDE / 2 - scale * b];
      walls.replaceChildren(...(product ? [] : points.map((point, i) => wall(point, bias, i === chosen))));
      walk.setAttribute("d", path.map((w, i) => `${i ? "L" : "M"}${at(w).map((v) => v.toFixed(1)).join(" ")}`).join(""));
      const [x, y] = at(path[path.length - 1]);
      set(head, { cx: x, cy: y, class: rests ? "dg-head rests" : "dg-head" });
      const turns = cycle(path);
      words.textContent = product ? "With three inputs the weights walk in space: here is their shadow."
        : turns ? `The weights were here before, ${turns} ${turns === 1 ? "mistake" : "mistakes"} ago: they go round for ever.`
        : rests ? "On the right side of every wall: nothing pushes any more." : "The lit wall pushed last: its point was wrong.";
      picture.setAttribute("aria-label", words.textContent);
    }

    /** The line of all weights for which a point lies exactly on the boundary, at the present bias; its wrong side is shaded. */
    function wall([x, y, kind], bias, lit) {
      const length = Math.hypot(x, y);
      if (length < 0.02) return s("g");
      const [ux, uy] = [x / length, y / length], far = 3 * SIDE, sign = kind ? 1 : -1;
      const foot = [SIDE / 2 - scale * (bias / length) * ux, SIDE / 2 + scale * (bias / length) * uy];
      const along = [foot[0] - far * uy, foot[1] - far * ux], back = [foot[0] + far * uy, foot[1] + far * ux];
      const into = [-sign * 14 * ux, sign * 14 * uy]; // into the wrong side
      const corners = [along, back, [back[0] + into[0], back[1] + into[1]], [along[0] + into[0], along[1] + into[1]]];
      return s("g", { class: (kind ? "blue" : "orange") + (lit ? " lit" : "") },
        s("polygon", { points: corners.map((c) => c.map((v) => v.toFixed(1)).join()).join(" ") }),
        s("line", { x1: along[0], y1: along[1], x2: back[0], y2: back[1] }));
    }

    /** How many mistakes ago exactly these weights were there, 0 if never: where no line exists, they come round. */
    function cycle(path) {
      const now = path[path.length - 1];
      for (let i = path.length - 2; i > 0; i--)
        if (path[i].every((value, k) => Math.abs(value - now[k]) < 1e-9)) return path.length - 1 - i;
      return 0;
    }

    return follow(model.get("follows"), show);
  },
};
