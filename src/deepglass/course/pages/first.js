// The first screen of a lesson is on the page already; when the lesson stands behind it, it goes without a jump.

(() => {
  const screen = document.getElementById("dg-first"), begun = performance.now();

  /** How many widgets and figures a lesson shows, also within the frames of its elements. */
  function shown(within) {
    let count = within.querySelectorAll(".dg-widget, .dg-figure").length;
    for (const one of within.querySelectorAll("marimo-anywidget")) if (one.shadowRoot) count += shown(one.shadowRoot);
    return count;
  }

  const look = setInterval(() => {
    const root = document.getElementById("root"); // comes with marimo's page, and is filled by its Python
    const enough = root?.querySelector(".dg-opening") && shown(root) >= shown(screen);
    if (!enough && performance.now() - begun < 120_000) return;
    clearInterval(look);
    requestAnimationFrame(() => { screen.remove(); document.documentElement.classList.remove("dg-starting"); });
  }, 80);
})();
