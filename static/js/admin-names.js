// Select2 draws a box of its own over admin's fields that look rows up, and gives it no name while it is
// empty: take the name of the field. The box it opens to search in has none at all.

function nameOf(select) {
  const label = select.labels[0]?.textContent ?? select.getAttribute("aria-label") ?? "";
  return label.trim().replace(/:$/, "");
}

function nameBox(select) {
  const box = select.nextElementSibling?.querySelector(".select2-selection");
  if (!box) return;
  box.id = `${select.id}-selection`;
  box.setAttribute("aria-label", nameOf(select));
  box.setAttribute("aria-labelledby", `${box.id} select2-${select.id}-container`);
  // What it shows is its value, and no field within a field.
  for (const name of ["role", "aria-readonly"]) {
    box.querySelector(".select2-selection__rendered")?.removeAttribute(name);
  }
}

function nameBoxes(part) {
  for (const select of part.querySelectorAll(".admin-autocomplete")) nameBox(select);
}

function nameSearch({ target }) {
  const search = document.querySelector(".select2-container--open .select2-search__field");
  search?.setAttribute("aria-label", nameOf(target));
  const box = document.getElementById(`${target.id}-selection`);
  box?.setAttribute("aria-controls", box.getAttribute("aria-owns"));
}

// Django's own script runs first in both cases, as it was loaded first.
const jQuery = globalThis.django?.jQuery;
if (jQuery) {
  jQuery(() => nameBoxes(document));
  document.addEventListener("formset:added", (event) => nameBoxes(event.target));
  jQuery(document).on("select2:open", ".admin-autocomplete", nameSearch);
}

// The magnifying glass that names the search of a field for several choices: a picture, with words.
addEventListener("load", () => {
  for (const icon of document.querySelectorAll(".search-label-icon")) icon.setAttribute("role", "img");
});
