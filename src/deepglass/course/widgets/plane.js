// A plane on which points are dragged, added and painted, and a learner that draws its line while it learns.

const SIZE = 400; // of the picture's own units
const PACE = 0.5; // seconds between two mistakes of the perceptron: slow enough to see who was wrong
const toPicture = ([x, y]) => [((x + 1) / 2) * SIZE, ((1 - y) / 2) * SIZE];
const within = (value) => Math.round(Math.max(-1, Math.min(1, value)) * 100) / 100;

export default {
  render({ model, el }) {
    const name = model.get("name"), saved = name && fromAddress(name);
    if (saved) for (const key of ["points", "product"]) if (key in saved) model.set(key, saved[key]);
    let points = structuredClone(model.get("points"));
    let learner, bound, before, since = 0, flash = -1, chosen = -1, playing = model.get("playing"), dirty = true;
    let rests = false, tool = "move", locked = Boolean(model.get("waits_for")), colors;

    // -- the picture ----------------------------------------------------------------------------------------------
    const canvas = h("canvas", { width: 480, height: 480, "aria-hidden": "true" });
    const line = s("path", { class: "dg-boundary" }), dots = s("g"), ring = s("circle", { class: "dg-flash", r: 0 });
    const picture = s("svg", {
      viewBox: `0 0 ${SIZE} ${SIZE}`, tabindex: 0, role: "application", "aria-roledescription": "plane of points",
      "aria-label": `${model.get("label") || "Blue and orange points, and the line between them"}. ` +
        "N: next point. Arrows: move it. C: other colour. A: add a point. Delete: remove it. Space: play or pause.",
    }, line, ring, dots);
    const facts = h("p", { class: "dg-facts" }), news = h("p", { class: "dg-unseen", "aria-live": "polite" });
    const play = playButton(() => playing && !rests, () => { if (rests) restart(); else playing = !playing; tellPython(); });
    const tools = h("div", { class: "dg-tools", role: "radiogroup", "aria-label": "What the hand does" },
      [["move", "Move"], ["blue", "Blue"], ["orange", "Orange"], ["erase", "Erase"]].map(([key, text]) =>
        h("button", { type: "button", role: "radio", class: `dg-tool ${key}`, title: { blue: "Add blue points", orange: "Add orange points" }[key] ?? null, onclick: () => choose(key), "data-tool": key }, text)));
    const buttons = h("div", { class: "dg-buttons" }, play,
      h("button", { type: "button", onclick: () => { playing = false; play.refresh(); advance(); draw(); tellPython(); } }, "Step"),
      h("button", { type: "button", onclick: () => { restart(); playing = true; play.refresh(); } }, "Start again"),
      h("button", { type: "button", class: "dg-quiet", onclick: share }, "Copy link"));
    const presets = Object.entries(model.get("presets"));
    if (presets.length) buttons.append(h("select", { "aria-label": "Sets of points", onchange: take },
      h("option", { value: "" }, "Other points …"), presets.map(([title]) => h("option", {}, title))));
    const product = h("input", { type: "checkbox", onchange: () => { model.set("product", product.checked); restart(); edited(); } });
    product.checked = model.get("product");
    if (model.get("offers_product")) buttons.append(h("label", { class: "dg-switch" }, product, " add the input x₁·x₂"));
    el.classList.add("dg-widget");
    el.append(h("div", { class: "dg-plane" }, canvas, picture), facts, buttons, tools, news);

    // -- learning -------------------------------------------------------------------------------------------------
    function restart() {
      const settings = Object.fromEntries(["hidden", "rate", "seed", "product"].map((key) => [key, model.get(key)]));
      learner = LEARNERS[model.get("rule")](settings);
      bound = learner.mistakes === undefined ? null : novikoff(points, (x, y) => learner.inputs(x, y));
      rests = false; play.refresh(); flash = -1; since = 0; before = null; dirty = true;
    }

    /** One thing to see: a mistake of the perceptron, or a few steps of descent. */
    function advance() {
      if (learner.mistakes === undefined) {
        for (let i = 0; i < model.get("steps_a_frame"); i++) learner.step(points);
      } else {
        before = { w: [...learner.w], b: learner.b };
        flash = learner.step(points);
        if (flash >= 0) chosen = flash;
        rests = flash < 0;
        since = 0;
        if (rests) { tellPython(); play.refresh(); }
      }
      dirty = true;
    }

    function frame(seconds) {
      since += seconds;
      const swings = learner.mistakes !== undefined && since < 0.3;
      if (playing && !rests && held === null && (learner.mistakes === undefined || since >= PACE)) advance();
      if (dirty || swings) draw();
    }

    /** The learner as it is shown: a perceptron is on its way from the line before to the line now. */
    function shown() {
      if (!before || wantsRest() || since >= 0.3) return learner;
      const t = 1 - (1 - since / 0.3) ** 3, between = Object.create(learner);
      between.w = learner.w.map((w, i) => before.w[i] + t * (w - before.w[i]));
      between.b = before.b + t * (learner.b - before.b);
      return between;
    }

    // -- drawing --------------------------------------------------------------------------------------------------
    function draw() {
      dirty = false;
      colors ??= [rgb(el, "--c2"), rgb(el, "--c1")];
      const begun = learner.mistakes !== 0 || learner.steps > 0;
      const now = shown(), scores = begun ? onGrid((x, y) => now.score(x, y)) : new Float64Array((CELLS + 1) ** 2);
      paintSurface(canvas, scores, (score) => now.chance(score), colors);
      line.setAttribute("d", begun ? boundary(scores, SIZE) : "");
      drawPoints();
      facts.replaceChildren(...told());
      tell(name, summary());
    }

    function drawPoints() {
      while (dots.childElementCount > points.length) dots.lastChild.remove();
      while (dots.childElementCount < points.length) dots.append(s("circle", { r: 8 }));
      points.forEach((point, i) => {
        const [x, y] = toPicture(point);
        set(dots.children[i], { cx: x, cy: y, class: (point[2] ? "blue" : "orange") + (i === chosen ? " chosen" : ""), "data-index": i });
      });
      const wrong = flash >= 0 && points[flash] && since < PACE;
      const [x, y] = wrong ? toPicture(points[flash]) : [0, 0];
      set(ring, { cx: x, cy: y, r: wrong ? 12 + 22 * Math.min(1, since / PACE) : 0, opacity: wrong ? 1 - since / PACE : 0 });
    }

    function told() {
      const fact = (value, text) => h("span", {}, h("b", {}, value), " " + text);
      if (learner.mistakes === undefined) {
        const right = points.filter(([x, y, kind]) => (learner.score(x, y) > 0) === Boolean(kind)).length;
        return [fact(learner.steps, "steps"), fact(number(learner.loss, 3), "loss"), fact(`${right} of ${points.length}`, "right")];
      }
      const state = rests ? "the line rests" : bound ? "it moves when it is wrong" : "no line can be right about all";
      return [fact(learner.mistakes, learner.mistakes === 1 ? "mistake" : "mistakes"), fact(bound ? bound.mistakes : "∞", "at most, (R/γ)²"), h("span", { class: "dg-soft" }, state)];
    }

    const summary = () => ({
      ...learner.network(), points, chosen, rests, bound, mistakes: learner.mistakes, path: learner.path,
      bias: learner.b, product: model.get("product"), input: points[chosen] && learner.inputs(points[chosen][0], points[chosen][1]),
      target: points[chosen]?.[2], rule: model.get("rule"),
    });

    // -- the hand -------------------------------------------------------------------------------------------------
    let held = null;
    const place = (event) => {
      const box = picture.getBoundingClientRect();
      return [within((2 * (event.clientX - box.left)) / box.width - 1), within(1 - (2 * (event.clientY - box.top)) / box.height)];
    };
    const nearest = ([x, y], reach) => {
      const distances = points.map((point) => Math.hypot(point[0] - x, point[1] - y));
      const best = distances.indexOf(Math.min(...distances));
      return distances[best] < reach ? best : -1;
    };
    function down(event) {
      if (locked) return say("Commit to your guess first: then the points are yours.");
      const at = place(event), near = nearest(at, event.pointerType === "touch" ? 0.16 : 0.09);
      picture.setPointerCapture(event.pointerId);
      if (tool === "move") { if (near >= 0) { held = chosen = near; event.preventDefault(); } }
      else { held = -1; event.preventDefault(); brush(at); }
      dirty = true;
    }
    function move(event) {
      if (held === null) return;
      if (tool === "move") points[held] = [...place(event), points[held][2]];
      else brush(place(event));
      dirty = true;
    }
    function up() {
      if (held === null) return;
      held = null;
      edited();
    }
    function brush(at) {
      if (tool === "erase") { const near = nearest(at, 0.09); if (near >= 0) points.splice(near, 1); chosen = -1; }
      else if (nearest(at, 0.07) < 0 && points.length < 300) points.push([...at, tool === "blue" ? 1 : 0]);
    }
    function edited() {
      if (learner.mistakes !== undefined) { restart(); playing = true; play.refresh(); }
      if (name) toAddress(name, { points, product: model.get("product") });
      model.set("points", structuredClone(points));
      tellPython();
      dirty = true;
    }
    set(picture, { onpointerdown: down, onpointermove: move, onpointerup: up, onpointercancel: up, onkeydown: pressed });

    function pressed(event) {
      const moves = { ArrowLeft: [-0.05, 0], ArrowRight: [0.05, 0], ArrowUp: [0, 0.05], ArrowDown: [0, -0.05] };
      const key = event.key.toLowerCase(), point = points[chosen];
      if (key === " ") play.click();
      else if (key === "n") { chosen = (chosen + 1) % points.length; describe(); }
      else if (locked) return say("Commit to your guess first: then the points are yours.");
      else if (event.key in moves && point) { const [dx, dy] = moves[event.key]; points[chosen] = [within(point[0] + dx), within(point[1] + dy), point[2]]; edited(); describe(); }
      else if (key === "c" && point) { point[2] = 1 - point[2]; edited(); describe(); }
      else if (key === "a") { points.push([0, 0, 1]); chosen = points.length - 1; edited(); describe(); }
      else if (key === "delete" && point) { points.splice(chosen, 1); chosen = -1; edited(); say("Removed."); }
      else return;
      event.preventDefault();
      dirty = true;
    }
    const say = (text) => { news.textContent = text; news.classList.toggle("dg-unseen", !locked); };
    const describe = () => say(`${points[chosen][2] ? "blue" : "orange"} point at ${number(points[chosen][0])}, ${number(points[chosen][1])}`);

    function choose(key) {
      tool = key;
      for (const button of tools.children) set(button, { "aria-checked": String(button.dataset.tool === key) });
      picture.style.touchAction = "none";
    }
    function take(event) {
      const preset = presets.find(([title]) => title === event.target.value);
      if (preset) { points = structuredClone(preset[1]); chosen = -1; restart(); edited(); }
    }
    async function share(event) {
      const button = event.currentTarget;
      toAddress(name || "plane", { points, product: model.get("product") });
      await navigator.clipboard?.writeText(location.href).catch(() => {});
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy link"; }, 1500);
    }
    /** Python hears of it when something is settled, not sixty times a second. */
    function tellPython() {
      model.set("result", { ...learner.network(), mistakes: learner.mistakes ?? null, steps: learner.steps ?? null, loss: learner.loss ?? null, rests });
      model.save_changes();
    }

    // -- life -----------------------------------------------------------------------------------------------------
    model.on("change:points", () => { if (held === null && JSON.stringify(model.get("points")) !== JSON.stringify(points)) { points = structuredClone(model.get("points")); restart(); } });
    for (const key of ["rule", "hidden", "rate", "seed", "product"]) model.on(`change:${key}`, restart);
    model.on("change:playing", () => { playing = model.get("playing"); play.refresh(); });
    const ends = [
      onTheme(() => { colors = null; dirty = true; }),
      follow(model.get("waits_for"), () => { locked = false; news.classList.add("dg-unseen"); }),
    ];
    restart();
    choose("move");
    if (wantsRest()) { for (let i = 0; i < 202 && !rests; i++) advance(); playing = false; play.refresh(); since = PACE; }
    else if (learner.mistakes !== undefined) { advance(); since = 0.2; } // alive in its first second
    draw();
    ends.push(whileSeen(el, frame));
    return () => ends.forEach((end) => end());
  },
};
