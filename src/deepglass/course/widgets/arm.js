// An arm of two links that follows a goal: a network says the angles, anew for every place of the goal.

const SIDE = 1.16; // of the picture, from the shoulder to its edge
const DEGREES = 180 / Math.PI;

export default {
  render({ model, el }) {
    const nets = model.get("nets"), titles = Object.keys(nets), lengths = model.get("lengths"), near = model.get("near");
    let goal = [...model.get("goal")], playing = !wantsRest(), clock = 0, dragging = false, later = 0;
    const play = playButton(() => playing, () => { playing = !playing; });
    const words = h("ul", { class: "dg-facts dg-arm-facts" });
    const picture = s("svg", { viewBox: `${-SIDE} ${-SIDE} ${2 * SIDE} ${2 * SIDE}`, tabindex: 0, role: "application" });
    const place = s("circle", { r: near, class: "dg-goal" }), mark = s("circle", { r: 0.015, class: "dg-goal-middle" });
    const arms = titles.map((_, i) => ({
      upper: s("line", { class: `dg-link dg-arm-${i}` }), lower: s("line", { class: `dg-link dg-arm-${i}` }),
      elbow: s("circle", { r: 0.028, class: `dg-joint dg-arm-${i}` }), tip: s("circle", { r: 0.024, class: `dg-joint dg-arm-${i}` }),
    }));
    const ghosts = [0, 1].map(() => s("polyline", { class: "dg-ghost" }));
    const reach = s("circle", { r: lengths[0] + lengths[1], class: "dg-arm-reach" });
    const parts = arms.flatMap((arm) => [arm.upper, arm.lower, arm.elbow, arm.tip]);
    picture.append(reach, ...ghosts, place, mark, ...parts, s("circle", { r: 0.045, class: "dg-shoulder" }));
    el.classList.add("dg-widget", "dg-arm");
    el.append(picture, h("div", { class: "dg-buttons" }, play), words);

    /** What a network of tanh layers says of a goal. */
    const says = (layers, x) => layers.reduce((inputs, [weights, bias], depth) => weights.map((row, i) => {
      const sum = row.reduce((total, w, j) => total + w * inputs[j], bias[i]);
      return depth < layers.length - 1 ? Math.tanh(sum) : sum;
    }), x);
    const joints = ([one, two]) => {
      const elbow = [lengths[0] * Math.cos(one), lengths[0] * Math.sin(one)];
      return [elbow, [elbow[0] + lengths[1] * Math.cos(one + two), elbow[1] + lengths[1] * Math.sin(one + two)]];
    };
    /** Both exact answers, by the law of cosines; none out of reach. */
    function answers() {
      const [a, b] = lengths, cosine = (goal[0] ** 2 + goal[1] ** 2 - a * a - b * b) / (2 * a * b);
      if (Math.abs(cosine) > 1) return [];
      return [1, -1].map((sign) => {
        const two = sign * Math.acos(cosine);
        return [Math.atan2(goal[1], goal[0]) - Math.atan2(b * Math.sin(two), a + b * Math.cos(two)), two];
      });
    }
    const line = (node, [x1, y1], [x2, y2]) => set(node, { x1, y1: -y1, x2, y2: -y2 });
    const dot = (node, [cx, cy]) => set(node, { cx, cy: -cy });
    const degrees = (angle) => `${Math.round(angle * DEGREES)}°`.replace("-", "−");

    function draw() {
      dot(place, goal);
      dot(mark, goal);
      const both = answers();
      ghosts.forEach((ghost, i) => set(ghost, { points: both[i] ? [[0, 0], ...joints(both[i])].map(([x, y]) => `${x},${-y}`).join(" ") : "" }));
      const told = titles.map((title, i) => {
        const angles = says(nets[title], goal), [elbow, tip] = joints(angles), arm = arms[i];
        line(arm.upper, [0, 0], elbow);
        line(arm.lower, elbow, tip);
        dot(arm.elbow, elbow);
        dot(arm.tip, tip);
        const off = Math.hypot(tip[0] - goal[0], tip[1] - goal[1]);
        return `${title}: shoulder ${degrees(angles[0])}, elbow ${degrees(angles[1])}, ${number(100 * off, 1)} cm off${off <= near ? "" : ", missed"}`;
      });
      const [x, y] = goal.map((v) => number(Math.round(100 * v) / 100));
      const where = `Goal at (${x}, ${y}) m${both.length ? "" : ", out of reach"}`;
      words.replaceChildren(...[where, ...told].map((text, i) => h("li", { class: i ? `dg-arm-${i - 1}` : "" }, text)));
      set(picture, { "aria-label": `${model.get("label") || "An arm of two links"}. ${where}. ${dragging || playing ? "" : told.join("; ")} Arrows move the goal.` });
    }

    function to(x, y) {
      const far = Math.hypot(x, y), most = (SIDE - near) / Math.max(far, SIDE - near);
      goal = [x * most, y * most];
      playing = false;
      play.refresh();
      draw();
      clearTimeout(later);
      later = setTimeout(() => { model.set("goal", goal.map((v) => Math.round(v * 1000) / 1000)); model.save_changes(); }, 120);
    }
    const at = (event) => {
      const box = picture.getBoundingClientRect();
      to(((event.clientX - box.left) / box.width) * 2 * SIDE - SIDE, SIDE - ((event.clientY - box.top) / box.height) * 2 * SIDE);
    };
    set(picture, {
      onpointerdown: (event) => { dragging = true; picture.setPointerCapture(event.pointerId); at(event); event.preventDefault(); picture.focus(); },
      onpointermove: (event) => { if (dragging) at(event); },
      onpointerup: () => { dragging = false; draw(); },
      onkeydown: (event) => {
        const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        if (!step) return;
        to(goal[0] + 0.04 * step[0], goal[1] + 0.04 * step[1]);
        event.preventDefault();
      },
    });
    model.on("change:goal", () => { if (!dragging && !playing) { goal = [...model.get("goal")]; draw(); } });
    draw();
    return whileSeen(el, (seconds) => {
      if (!playing) return;
      clock += seconds;
      const far = 0.65 + 0.25 * Math.sin(0.9 * clock), bearing = 1.3 * Math.sin(0.55 * clock + 0.4);
      goal = [far * Math.cos(bearing), far * Math.sin(bearing)];
      draw();
    });
  },
};
