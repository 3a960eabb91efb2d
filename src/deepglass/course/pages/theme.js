// Day and night as the system has them.
const night = matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark", night.matches);
night.addEventListener("change", dress);
dress();
