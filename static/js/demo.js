// Counts down to the end of the watched claim's window, and reloads the page when the claim is official.

const line = document.querySelector("[data-closing]");

function show(left) {
  const words = line.querySelector("[data-seconds]");
  words.textContent = left > 0 ? `${left} ${left === 1 ? words.dataset.one : words.dataset.many}` : "";
}

async function look() {
  const answer = await fetch(line.dataset.closing);
  if (!answer.ok) return;
  const now = await answer.json();
  if (now.status === "approved") show(now.seconds_left);
  else location.reload();
}

if (line) {
  // A live region that speaks each second would drown everything else.
  line.removeAttribute("role");
  look();
  setInterval(() => look().catch(() => undefined), 1000);
}
