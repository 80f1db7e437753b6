/* A field that hangs on another one (data-shown-if) is there while that has one of its values. It is hidden, not emptied:
   what stands in it goes along, marked as unseen. */
function chosen(form, name) {
  return new FormData(form).getAll(name).filter((value) => value !== "");
}

function holds(box, form) {
  const {shownIf, shownValues} = box.dataset;
  const outer = form.querySelector(`.conditional[data-name="${CSS.escape(shownIf)}"]`);
  const wanted = shownValues.split(" ");
  const fits = chosen(form, shownIf).some((value) => wanted.includes(value) || wanted.includes("*"));
  return fits && (!outer || holds(outer, form));
}

function settle(form) {
  for (const box of form.querySelectorAll(".conditional")) {
    const shown = holds(box, form);
    box.classList.toggle("shown", shown);
    box.querySelector("[name^=unseen-]").disabled = shown;
  }
}

const all = () => document.querySelectorAll("form:has(.conditional)").forEach(settle);

document.addEventListener("change", ({target}) => {
  const form = target.form ?? target;
  if (form.matches?.("form:has(.conditional)")) settle(form);
});
document.addEventListener("htmx:after:settle", all);
// A browser that goes back restores what was chosen without telling.
addEventListener("pageshow", all);
