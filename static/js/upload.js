// Dragging files onto the proof page. Without it the file field alone does the same work.

function describeSize(bytes) {
  const megabytes = bytes / 1024 ** 2;
  return megabytes >= 0.1
    ? new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 }).format(megabytes)
    : new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 }).format(bytes / 1024);
}

function listChosen(zone, field) {
  const list = zone.querySelector(".filing-chosen");
  const items = [...field.files].map((file) => {
    const item = document.createElement("li");
    const isTooLarge = file.size > Number(zone.dataset.bytesMax);
    item.textContent = `${file.name} · ${describeSize(file.size)}${isTooLarge ? ` · ${zone.dataset.tooLarge}` : ""}`;
    item.classList.toggle("is-too-large", isTooLarge);
    return item;
  });
  list.replaceChildren(...items);
}

// A second drop adds to the first, as people expect from a pile.
function addFiles(field, files) {
  const pile = new DataTransfer();
  for (const file of [...field.files, ...files]) pile.items.add(file);
  field.files = pile.files;
}

function startZone(zone) {
  const field = zone.querySelector('input[type="file"]');
  zone.querySelector(".filing-drop-words").hidden = false;
  field.addEventListener("change", () => listChosen(zone, field));
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, () => zone.classList.remove("is-over"));
  }
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    addFiles(field, event.dataTransfer.files);
    listChosen(zone, field);
  });
}

// A file that misses the zone must not replace the page and what is chosen on it.
for (const name of ["dragover", "drop"]) {
  addEventListener(name, (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
}
for (const zone of document.querySelectorAll("[data-drop]")) startZone(zone);
