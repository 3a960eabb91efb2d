// Widgets without a kernel: each gets a model that holds its state in this page, and lives as it does in the course.

window.deepglassHost = (() => {
  const modules = {}, models = {};

  /** A widget's module, from text: pages on a disk may not load module files. */
  function load(file) {
    return (modules[file] ??= import(URL.createObjectURL(new Blob([window.deepglassWidgets[file]], { type: "text/javascript" }))));
  }

  /** What anywidget calls a model, as far as the course's widgets use it. */
  function modelOf(state, host) {
    const listeners = {};
    return {
      get: (name) => state[name],
      set: (name, value) => {
        state[name] = value;
        for (const listen of listeners[`change:${name}`] ?? []) listen();
      },
      on: (event, listen) => (listeners[event] ??= []).push(listen),
      off: (event, listen) => { listeners[event] = (listeners[event] ?? []).filter((one) => one !== listen); },
      save_changes: () => document.dispatchEvent(new CustomEvent("deepglass:set", { detail: { host, state } })),
    };
  }

  /** Bring the widgets within an element to life; those that were there before are left to themselves. */
  function wake(within, states) {
    for (const host of within.querySelectorAll(".dg-host")) {
      if (!(host.dataset.model in states)) continue;
      const { file, state } = states[host.dataset.model];
      models[host.dataset.model] = modelOf({ ...state, asleep: true }, host.dataset.model);
      load(file).then((module) => module.default.render({ model: models[host.dataset.model], el: host }));
    }
  }

  /** What a control changes in a widget of another cell. */
  function change(host, fields) {
    for (const [name, value] of Object.entries(fields)) models[host]?.set(name, value);
  }

  return { wake, change };
})();
if (document.getElementById("dg-states")) window.deepglassHost.wake(document, JSON.parse(document.getElementById("dg-states").textContent));
