// Nothing typed is lost: what was typed but not saved is sent when the person pauses or leaves, and kept with the
// claim. Without this, every button of the page that leads elsewhere saves as well.

const PAUSE = 2000; // milliseconds without typing

function read(form) {
  const data = new FormData(form);
  for (const field of form.querySelectorAll('input[type="file"]')) data.delete(field.name);
  data.set("action", "keep");
  return data;
}

function watch(form) {
  let isUnsaved = "unsaved" in form.dataset;
  // Not form.action: that is the buttons of this name.
  const address = form.getAttribute("action") ?? location.href;
  let timer = 0;
  function keep() {
    clearTimeout(timer);
    if (!isUnsaved) return;
    isUnsaved = false;
    // keepalive: the request outlives the page.
    fetch(address, { method: "POST", body: read(form), keepalive: true, redirect: "manual" }).catch(() => {
      isUnsaved = true;
    });
  }
  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    isUnsaved = true;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    isUnsaved = false;
  });
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep();
  });
}

for (const form of document.querySelectorAll("form[data-keep]")) watch(form);
