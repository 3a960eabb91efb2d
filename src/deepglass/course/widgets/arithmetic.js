// The neuron's sum for the point that was chosen last in a plane, with its own numbers in the formula.

const part = (kind, text) => h("span", { class: kind }, text);
const signed = (x) => (x < 0 ? `(${number(x)})` : number(x));

export default {
  render({ model, el }) {
    const box = h("div", { class: "dg-sum", role: "img" });
    el.classList.add("dg-widget");
    el.append(box);

    function show({ input, weights, biases, target, mistakes, rule }) {
      if (!input) return box.replaceChildren(h("p", { class: "dg-soft" }, "Click a point: its numbers fill the formula."));
      const w = weights[0][0], b = biases[0][0], sum = input.reduce((total, x, i) => total + w[i] * x, b);
      const answer = Number(sum > 0), wrong = answer !== target, sign = target ? "+" : "−";
      const terms = input.flatMap((x, i) => [i ? " + " : "", part("blue", signed(w[i])), " · ", part("ink", signed(x))]);
      box.replaceChildren(
        h("p", {}, "step( ", ...terms, " + ", part("green", signed(b)), " )"),
        h("p", {}, "= step( ", h("b", {}, number(sum)), " ) = ", h("b", {}, answer), h("span", { class: "dg-soft" }, `   ${answer ? "blue" : "orange"}`)),
        h("p", { class: wrong ? "dg-wrong" : "dg-right" }, wrong
          ? `The truth is ${target}: w ← w ${sign} x, b ← b ${sign} 1`
          : `The truth is ${target}: nothing moves.`));
      box.setAttribute("aria-label", box.textContent);
    }

    show({});
    return follow(model.get("follows"), show);
  },
};
