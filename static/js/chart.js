// One tab stop for a chart; the arrow keys, Home and End walk through its months.
const STEPS = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

function walk(event, columns) {
  const step = STEPS[event.key];
  const index = columns.indexOf(event.target);
  if (step === undefined || index < 0) return;
  const next = Math.min(Math.max(index + step, 0), columns.length - 1);
  columns[index].setAttribute("tabindex", "-1");
  columns[next].setAttribute("tabindex", "0");
  columns[next].focus();
  event.preventDefault();
}

for (const chart of document.querySelectorAll("[data-chart]")) {
  const columns = [...chart.querySelectorAll("[tabindex]")];
  columns.slice(0, -1).forEach((column) => column.setAttribute("tabindex", "-1"));
  chart.addEventListener("keydown", (event) => walk(event, columns));
}
