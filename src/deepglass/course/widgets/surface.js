// What a learner says about every place of the square: pixels between two colours, and the line where it is undecided.

const CELLS = 56; // of the grid in each direction; twice as many look the same and cost four times as much

/** Blue where the chance that goes with a score is near 1, orange where it is near 0, nothing between. */
function paintSurface(canvas, scores, chance, colors) {
  const small = (canvas.small ??= new OffscreenCanvas(CELLS + 1, CELLS + 1));
  const context = small.getContext("2d"), image = context.createImageData(CELLS + 1, CELLS + 1);
  scores.forEach((score, i) => {
    const value = chance(score), [r, g, b] = colors[value > 0.5 ? 1 : 0];
    image.data.set([r, g, b, 150 * Math.abs(value - 0.5)], 4 * i);
  });
  context.putImageData(image, 0, 0);
  const wide = canvas.getContext("2d"), size = canvas.width, cell = size / (CELLS + 1);
  wide.clearRect(0, 0, size, size);
  wide.imageSmoothingQuality = "high";
  wide.drawImage(small, -cell / 2, -cell / 2, size + cell, size + cell);
}

/** Scores on the grid, row by row from the top. */
function onGrid(score) {
  const values = new Float64Array((CELLS + 1) ** 2);
  for (let row = 0, i = 0; row <= CELLS; row++)
    for (let column = 0; column <= CELLS; column++, i++)
      values[i] = score((2 * column) / CELLS - 1, 1 - (2 * row) / CELLS);
  return values;
}

/** The path on which the scores cross zero (marching squares), in a square of the given size. */
function boundary(scores, size) {
  const unit = size / CELLS, at = (row, column) => scores[row * (CELLS + 1) + column];
  let path = "";
  for (let row = 0; row < CELLS; row++) {
    for (let column = 0; column < CELLS; column++) {
      const corners = [at(row, column), at(row, column + 1), at(row + 1, column + 1), at(row + 1, column)];
      const crossings = [];
      for (let side = 0; side < 4; side++) {
        const a = corners[side], b = corners[(side + 1) % 4];
        if (a > 0 === b > 0) continue;
        const t = a / (a - b);
        const [x, y] = [[t, 0], [1, t], [1 - t, 1], [0, 1 - t]][side];
        crossings.push(`${((column + x) * unit).toFixed(1)} ${((row + y) * unit).toFixed(1)}`);
      }
      for (let i = 0; i + 1 < crossings.length; i += 2) path += `M${crossings[i]}L${crossings[i + 1]}`;
    }
  }
  return path;
}
