// Runs before the first paint, so that a chosen theme does not flash. It only writes two attributes.
(() => {
  const root = document.documentElement;
  let choice = null;
  try {
    choice = localStorage.getItem("cpor-theme");
  } catch {
    // Storage may be forbidden; the system's theme then rules.
  }
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.bsTheme = choice === "light" || choice === "dark" ? choice : isDark ? "dark" : "light";
  root.dataset.js = "";
})();
