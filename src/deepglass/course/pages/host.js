// Widgets without a kernel: each gets a model that holds its state in this page, and lives as it does in the course.

const states = JSON.parse(document.getElementById("dg-states").textContent);
const modules = {};

/** A widget's module, from text: pages on a disk may not load module files. */
function load(file) {
  return (modules[file] ??= import(URL.createObjectURL(new Blob([window.deepglassWidgets[file]], { type: "text/javascript" }))));
}

/** What anywidget calls a model, as far as the course's widgets use it. */
function modelOf(state) {
  const listeners = {};
  return {
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
      for (const listen of listeners[`change:${name}`] ?? []) listen();
    },
    on: (event, listen) => (listeners[event] ??= []).push(listen),
    off: (event, listen) => { listeners[event] = (listeners[event] ?? []).filter((one) => one !== listen); },
    save_changes: () => {},
  };
}

for (const host of document.querySelectorAll(".dg-host")) {
  const { file, state } = states[host.dataset.model];
  load(file).then((module) => module.default.render({ model: modelOf({ ...state, asleep: true }), el: host }));
}
