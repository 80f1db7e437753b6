/* Files dropped anywhere on a form that takes some are chosen, as if they were picked. */
const place = (event) => event.target.closest?.("form[data-takes-files]");
const brings = (event) => event.dataTransfer?.types.includes("Files");

document.addEventListener("dragover", (event) => place(event) && brings(event) && event.preventDefault());

document.addEventListener("drop", (event) => {
  const form = place(event);
  if (!form || !brings(event)) return;
  event.preventDefault();
  const input = form.elements[form.dataset.takesFiles];
  const all = new DataTransfer();
  for (const file of [...input.files, ...event.dataTransfer.files]) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event("change", {bubbles: true}));
});
