// Small learners for the plane: each has score(x, y) > 0 for blue, step(points) and rests. A point is [x, y, 0 or 1].

/** The perceptron of glass/classic/perceptron.py: same order, same start, so it makes the same mistakes. */
class PerceptronLearner {
  constructor({ product }) {
    this.product = product;
    this.reset();
  }

  reset() {
    this.w = this.product ? [0, 0, 0] : [0, 0];
    this.b = 0;
    this.mistakes = 0;
    this.next = 0;
    this.right = 0; // points seen in a row without a mistake
    this.path = [[...this.w, this.b]];
  }

  inputs(x, y) {
    return this.product ? [x, y, x * y] : [x, y];
  }

  score(x, y) {
    return this.inputs(x, y).reduce((sum, value, i) => sum + this.w[i] * value, this.b);
  }

  /** The chance of blue that goes with a score: a step, drawn with a soft edge. */
  chance(score) {
    return 1 / (1 + Math.exp((-90 * score) / (Math.hypot(...this.w) || 1e-9)));
  }

  /** Look for the next wrong point and learn from it: its index, or -1 once all are right. */
  step(points) {
    for (let looked = 0; looked < points.length; looked++) {
      const index = this.next % points.length;
      const [x, y, kind] = points[index];
      const sign = kind ? 1 : -1;
      this.next = index + 1;
      if (sign * this.score(x, y) <= 0) {
        this.inputs(x, y).forEach((value, i) => { this.w[i] += sign * value; });
        this.b += sign;
        this.mistakes += 1;
        this.path.push([...this.w, this.b]);
        if (this.path.length > 600) this.path.shift();
        return index;
      }
    }
    return -1;
  }

  network() {
    return { weights: [[this.w]], biases: [[this.b]] };
  }
}

/** One hidden layer of tanh units, or none (logistic regression), by gradient descent on the cross-entropy. */
class NetLearner {
  constructor({ hidden, rate, seed, product }) {
    Object.assign(this, { hidden, rate, seed, product });
    this.reset();
  }

  reset() {
    const random = seeded(this.seed + 1), inputs = this.product ? 3 : 2;
    const table = (rows, columns, scale) =>
      Array.from({ length: rows }, () => Array.from({ length: columns }, () => scale * normal(random)));
    this.w1 = table(this.hidden, inputs, 1.2);
    this.b1 = this.w1.map(() => 0.3 * normal(random));
    this.w2 = table(1, this.hidden || inputs, this.hidden ? 0.6 : 0.1)[0];
    this.b2 = 0;
    this.steps = 0;
    this.loss = null;
  }

  inputs(x, y) {
    return this.product ? [x, y, x * y] : [x, y];
  }

  units(x) {
    if (!this.hidden) return x;
    return this.w1.map((w, j) => Math.tanh(w.reduce((sum, v, i) => sum + v * x[i], this.b1[j])));
  }

  score(x, y) {
    return this.units(this.inputs(x, y)).reduce((sum, value, j) => sum + this.w2[j] * value, this.b2);
  }

  chance(score) {
    return 1 / (1 + Math.exp(-score));
  }

  /** One step of gradient descent on all points. */
  step(points) {
    if (!points.length) return -1;
    const d2 = this.w2.map(() => 0), d1 = this.w1.map((w) => w.map(() => 0)), e1 = this.b1.map(() => 0);
    let e2 = 0, loss = 0;
    for (const [x, y, kind] of points) {
      const input = this.inputs(x, y), units = this.units(input);
      const score = units.reduce((sum, value, j) => sum + this.w2[j] * value, this.b2);
      loss += Math.log1p(Math.exp(-Math.abs(score))) + Math.max(score, 0) - kind * score;
      const blame = (1 / (1 + Math.exp(-score)) - kind) / points.length; // ∂loss/∂score
      e2 += blame;
      units.forEach((value, j) => { d2[j] += blame * value; });
      for (let j = 0; j < this.hidden; j++) {
        const inner = blame * this.w2[j] * (1 - units[j] * units[j]);
        e1[j] += inner;
        input.forEach((value, i) => { d1[j][i] += inner * value; });
      }
    }
    this.loss = loss / points.length;
    this.b2 -= this.rate * e2;
    this.w2 = this.w2.map((w, j) => w - this.rate * d2[j]);
    this.b1 = this.b1.map((b, j) => b - this.rate * e1[j]);
    this.w1 = this.w1.map((row, j) => row.map((w, i) => w - this.rate * d1[j][i]));
    this.steps += 1;
    return 0;
  }

  network() {
    return this.hidden
      ? { weights: [this.w1, [this.w2]], biases: [this.b1, [this.b2]] }
      : { weights: [[this.w2]], biases: [[this.b2]] };
  }
}

/**
 * Novikoff's (R/γ)²: the most mistakes a perceptron can make, null where no line separates the points.
 *
 * With z = ±(inputs, 1), the widest margin γ is the distance of 0 from the convex hull of the z; Gilbert's algorithm
 * walks there. The margin of every point on the way is a lower bound of γ, so the bound holds wherever it stops.
 */
function novikoff(points, inputs) {
  const z = points.map(([x, y, kind]) => [...inputs(x, y), 1].map((value) => (kind ? value : -value)));
  if (!z.length) return null;
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const longest = Math.sqrt(Math.max(...z.map((a) => dot(a, a))));
  let v = z[0], margin = -Infinity;
  for (let round = 0; round < 4000; round++) {
    let worst = z[0], least = Infinity;
    for (const a of z) {
      const along = dot(a, v);
      if (along < least) { least = along; worst = a; }
    }
    const length2 = dot(v, v);
    if (length2 < 1e-8) return null;
    margin = Math.max(margin, least / Math.sqrt(length2));
    if (least > 0.999 * length2) break;
    const gap = v.map((value, i) => worst[i] - value);
    const share = Math.min(1, Math.max(0, -dot(v, gap) / dot(gap, gap)));
    v = v.map((value, i) => value + share * gap[i]);
  }
  return margin > 1e-4 ? { longest, margin, mistakes: Math.floor((longest / margin) ** 2) } : null;
}

const LEARNERS = {
  perceptron: (settings) => new PerceptronLearner(settings),
  logistic: (settings) => new NetLearner({ ...settings, hidden: 0 }),
  network: (settings) => new NetLearner(settings),
};
