/* Files dropped anywhere on a form that takes some are chosen, as if they were picked. */
const place = (event) =>
  event.dataTransfer.types.includes("Files") && event.target.closest("form[data-takes-files]");

document.addEventListener("dragover", (event) => place(event) && event.preventDefault());

document.addEventListener("drop", (event) => {
  const form = place(event);
  if (!form) return;
  event.preventDefault();
  form.elements[form.dataset.takesFiles].files = event.dataTransfer.files;
});
