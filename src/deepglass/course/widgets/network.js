// A network drawn with its numbers: arrows as thick as their weights, a pulse from left to right, a number under the hand.

const WIDTH = 400;

export default {
  render({ model, el }) {
    let net = { weights: model.get("weights"), biases: model.get("biases"), values: model.get("values") };
    let shape = "", edges = [], nodes = [], pulse = 0, height = 200, told = "";
    const picture = s("svg", { class: "dg-network", role: "group", "aria-label": model.get("label") || "A network with its numbers" });
    const words = h("p", { class: "dg-facts", "aria-live": "polite" });
    el.classList.add("dg-widget");
    el.append(picture, words);
    const rest = () => model.get("hint") || "Point at an arrow or a circle: its number stands here.";

    /** Places of all circles, left to right; layer 0 are the inputs. */
    function build() {
      const sizes = [net.weights[0]?.[0]?.length ?? 0, ...net.weights.map((w) => w.length)];
      if (sizes.join() === shape) return;
      shape = sizes.join();
      height = Math.max(150, 78 * Math.max(...sizes));
      const radius = Math.max(11, Math.min(24, (height / Math.max(...sizes)) * 0.33));
      const place = (layer, i) => [40 + (layer * (WIDTH - 80)) / (sizes.length - 1), (height * (i + 0.5)) / sizes[layer]];
      edges = sizes.slice(1).flatMap((size, k) => Array.from({ length: size }, (_, j) => Array.from({ length: sizes[k] }, (_, i) => {
        const [x1, y1] = place(k, i), [x2, y2] = place(k + 1, j);
        return { k, j, i, x1: x1 + radius, y1, x2: x2 - radius, y2, line: s("line"), number: s("text", { class: "dg-weight" }), dot: s("circle", { r: 3.5, class: "dg-pulse", opacity: 0 }) };
      })).flat());
      nodes = sizes.flatMap((size, layer) => Array.from({ length: size }, (_, i) => ({ layer, i, at: place(layer, i), circle: s("circle", { r: radius }), text: s("text", { class: "dg-value" }), under: s("text", { class: "dg-under" }) })));
      const few = edges.length <= 12;
      picture.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
      picture.replaceChildren(
        ...edges.map((edge) => edge.part = s("g", handle(() => edgeWords(edge)), s("line", { ...ends(edge), class: "dg-reach" }), set(edge.line, ends(edge)), edge.dot)),
        ...nodes.map((node) => node.part = s("g", handle(() => nodeWords(node)), set(node.circle, { cx: node.at[0], cy: node.at[1], class: "dg-node" }), set(node.text, { x: node.at[0], y: node.at[1] + 4 }), set(node.under, { x: node.at[0], y: node.at[1] + radius + 13 }))),
        ...(few ? edges.map((edge) => { // staggered, so that crossing arrows keep their numbers apart
          const t = sizes[edge.k] > 1 && sizes[edge.k + 1] > 1 ? (edge.i === edge.j ? 0.5 : edge.i < edge.j ? 0.28 : 0.72) : 0.45;
          return set(edge.number, { x: edge.x1 + t * (edge.x2 - edge.x1), y: edge.y1 + t * (edge.y2 - edge.y1) - 7 });
        }) : []));
    }
    const ends = ({ x1, y1, x2, y2 }) => ({ x1, y1, x2, y2 });
    const handle = (text) => {
      const show = () => { told = text(); words.textContent = told; };
      const hide = () => { told = ""; words.textContent = rest(); };
      return { tabindex: 0, role: "img", class: "dg-part", onpointerenter: show, onpointerleave: hide, onfocus: show, onblur: hide };
    };
    const title = (layer, i) => layer === 0 ? model.get("inputs")[i] ?? `x${"₁₂₃₄₅₆₇₈₉"[i] ?? i + 1}` : layer === net.weights.length ? model.get("outputs")[i] ?? "ŷ" : `h${"₁₂₃₄₅₆₇₈₉"[i] ?? i + 1}`;
    const edgeWords = ({ k, j, i }) => {
      const weight = net.weights[k][j][i], value = net.values?.[k]?.[i];
      const times = value === undefined ? "" : ` · value ${number(value)} → adds ${number(weight * value)}`;
      return `${title(k, i)} → ${title(k + 1, j)}: weight ${number(weight)}${times}`;
    };
    const nodeWords = ({ layer, i }) => {
      const value = net.values?.[layer]?.[i], bias = layer ? net.biases[layer - 1][i] : null;
      return title(layer, i) + (value === undefined ? "" : ` = ${number(value)}`) + (bias === null ? "" : ` · bias ${number(bias)}`);
    };

    function draw() {
      build();
      const most = Math.max(1e-9, ...net.weights.flat(2).map(Math.abs));
      for (const edge of edges) {
        const weight = net.weights[edge.k][edge.j][edge.i];
        set(edge.line, { "stroke-width": 0.8 + (5 * Math.abs(weight)) / most, class: weight >= 0 ? "dg-edge blue" : "dg-edge orange" });
        edge.number.textContent = number(weight);
        set(edge.part, { "aria-label": edgeWords(edge) });
      }
      for (const node of nodes) {
        const value = net.values?.[node.layer]?.[node.i];
        node.text.textContent = value === undefined ? title(node.layer, node.i) : number(value);
        node.under.textContent = value === undefined ? "" : title(node.layer, node.i);
        set(node.part, { "aria-label": nodeWords(node) });
        node.circle.style.fillOpacity = value === undefined ? 0 : Math.min(0.45, Math.abs(value) * 0.35);
        set(node.circle, { class: "dg-node " + (value < 0 ? "orange" : "blue") });
      }
      words.textContent = told || rest();
    }

    /** A dot runs along each arrow, layer after layer. */
    function beat(seconds) {
      const layers = net.weights.length;
      pulse = (pulse + seconds * 0.8) % (layers + 0.6);
      for (const edge of edges) {
        const t = pulse - edge.k, runs = t > 0 && t < 1 && model.get("pulses");
        set(edge.dot, { opacity: runs ? 1 : 0, cx: edge.x1 + t * (edge.x2 - edge.x1), cy: edge.y1 + t * (edge.y2 - edge.y1) });
      }
    }

    /** From a plane: its weights, and the values for the point that was chosen last. */
    function followed(state) {
      net = { weights: state.weights, biases: state.biases, values: state.input && forward(state) };
      draw();
    }
    function forward({ weights, biases, input, rule }) {
      const values = [input];
      weights.forEach((layer, k) => {
        const sums = layer.map((row, j) => row.reduce((sum, w, i) => sum + w * values[k][i], biases[k][j]));
        const last = k === weights.length - 1;
        values.push(sums.map((z) => last ? (rule === "perceptron" ? Number(z > 0) : 1 / (1 + Math.exp(-z))) : Math.tanh(z)));
      });
      return values;
    }

    for (const key of ["weights", "biases", "values"]) model.on(`change:${key}`, () => { net = { ...net, [key]: model.get(key) }; draw(); });
    if (net.weights.length) draw();
    const end = follow(model.get("follows"), followed);
    const stop = wantsRest() ? () => {} : whileSeen(el, beat);
    return () => { end(); stop(); };
  },
};
